"""Activity of other simulators, and records of inferences as workloads."""

import json
from collections.abc import Sequence
from pathlib import Path

from benchnn.accelerators.sources.activity import read_activity, with_activity
from benchnn.accelerators.sources.run import measured_run
from fuzzing.byte_mutations import mutated
from fuzzing.case import Case
from fuzzing.dice import Dice
from fuzzing.json_files import damaged_json
from fuzzing.reader import Reader
from simcore.accelerators.workloads.workload import Layer, Workload

ACTIVITY = "activity.csv"
BY_STEP = "# of a simulator\nlayer,step,density\n" + "".join(
    f'"{layer}",{step},{step / 8}\n' for layer in ("conv 1", "fc") for step in range(1, 5)
)
WHOLE = "layer,density\nfc,0.25\nconv 1,1e-2\n"


def _activities(results: Path) -> list[Case]:
    return [Case({ACTIVITY: text.encode()}) for text in (BY_STEP, WHOLE)]


def _damaged_activity(case: Case, dice: Dice) -> Case:
    return case.changed(ACTIVITY, mutated(case.files[ACTIVITY], dice))


def _read_activity(arguments: Sequence[str]) -> None:
    layers = Layer("conv 1", "convolution", 1, 2, (8, 8), (3, 3)), Layer("fc", "linear", 72, 4)
    with_activity(Workload("net", "a net", layers, 4), read_activity(ACTIVITY))


def _inferences(results: Path) -> list[Case]:
    """A record as `benchnn infer` leaves it, of all that a workload needs."""
    shape = {"input_size": [8, 8], "kernel": [3, 3], "stride": [1, 1], "padding": [1, 1], "groups": 1, "pooling": 2}
    one = shape | {"input_size": [1, 1], "kernel": [1, 1], "padding": [0, 0], "pooling": 1}
    widths = {"weight_bits": 16, "input_bits": 1, "weight_density": 0.75}
    row = {
        "network": "original", "steps": 3, "noise": 0.0, "exit_entropy": 0.5, "mean_steps": 2.5, "exits": [0, 2, 2],
        "accuracy": {"share": 0.5, "low": 0.15, "high": 0.85, "samples": 4}, "reasons": {"chip.energy_j": "unknown"},
        "input_densities": {"conv": [0.5, 0.25, 0.5], "fc": [0.0, 0.25, 0.5]},
        "chip": {"name": "loihi1", "latency_s": 1e-3, "energy_j": None, "lower_bounds": {"latency_s": "routes"}},
    }  # fmt: skip
    record = {
        "schema_version": 1, "model": {"name": "net.nir"}, "data": {"file": "x.npz"}, "coding": "rate", "reasons": {},
        "weighted_layers": [
            {"name": "conv", "kind": "convolution", "channels": 1, "filters": 2, **shape, **widths},
            {"name": "fc", "kind": "linear", "channels": 32, "filters": 4, **one, **widths},
        ],
        "rows": [row | {"exit_entropy": None, "exits": [0, 0, 4], "mean_steps": 3.0}, row],
    }  # fmt: skip
    return [Case({"run/inference.json": json.dumps(record).encode()})]


def _read_inference(arguments: Sequence[str]) -> None:
    for entropy in (None, 0.5):
        run = measured_run(Path("run"), entropy)
        run.exit_shares(run.workload.steps or 1)
        run.on_chip("loihi1", 3)
        assert run.workload.layers


READERS = (
    Reader("activity file", _activities, _damaged_activity, _read_activity, 2.0),
    Reader("inference as a workload", _inferences, damaged_json, _read_inference, 2.0),
)
