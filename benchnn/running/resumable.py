"""Checks of checkpoints: a file with a correct checksum may still come from any program."""

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchnn.declared_types import from_toml
from benchnn.running.options import SIMPLE_OPTIONS
from benchnn.running.plasticity import PLASTICITY, updates_of
from simcore.checkpoint import Checkpoint
from simcore.errors import InputError, integer, require
from simcore.network import Network, TraceRecorder

DIGEST = re.compile(r"[0-9a-f]{32}")
PARTS = ("warmup", "measured")


def kept_options(checkpoint: Checkpoint, path: Path) -> tuple[dict[str, Any], dict[str, Any], Path]:
    """Return options and parameters of the run of a checkpoint, and the folder in which it was started.

    Parameters
    ----------
    checkpoint
        The content of the checkpoint.
    path
        Its file, for messages.

    Raises
    ------
    InputError
        If it is not from a benchnn run, or an option is unknown or has a value of the wrong type.
    """
    kept = checkpoint.run.get("options")
    parts = kept if isinstance(kept, dict) else {}
    run, parameters, folder = parts.get("run"), parts.get("params"), parts.get("folder")
    if not (isinstance(run, dict) and isinstance(parameters, dict) and isinstance(folder, str)) or "model" not in run:
        raise InputError(f"the checkpoint {path} is not from a benchnn run")
    record = run.get("record", [])
    texts = isinstance(record, list) and all(isinstance(request, str) for request in record)
    require(texts, f"the checkpoint {path}: record", record, "must be a list of text")
    options: dict[str, Any] = {"record": tuple(record)}
    for name, value in run.items():
        if name not in SIMPLE_OPTIONS:
            known = ", ".join(SIMPLE_OPTIONS)
            raise InputError(f"the checkpoint {path}: option {name!r} is unknown; use {known}")
        if name != "record":
            options[name] = from_toml(value, SIMPLE_OPTIONS[name].type, f"the checkpoint {path}: {name}")
    return options, parameters, Path(folder)


def require_resumable(checkpoint: Checkpoint, network: Network, steps: tuple[int, int], path: str) -> None:
    """Require that a run can resume from a checkpoint, before network construction.

    Parameters
    ----------
    checkpoint
        Checkpoint of a run with the same identity.
    network
        The description, with all recorders.
    steps
        Steps of the warm-up and of the measured window.
    path
        The file of the checkpoint, for messages.

    Raises
    ------
    InputError
        If the checkpoint does not fit the network or the steps.
    """
    where = f"the checkpoint {path}: "
    names = [population.name for population in network.populations]
    require(list(checkpoint.state) == names, f"{where}populations", list(checkpoint.state), f"this network has {names}")
    integer(checkpoint.step, f"{where}step", 0, sum(steps))
    for population in network.populations:
        model = population.neuron_model
        for what, rows in (("state", len(model.variables)), ("counters", model.n_counters)):
            shape = getattr(checkpoint, what)[population.name].shape
            expected = (rows, population.size)
            require(shape == expected, f"{where}shape of the {what} of {population.name}", shape, f"must be {expected}")
    recorders = (recorder for recorder in network.recorders if isinstance(recorder, TraceRecorder))
    columns = sum(len(recorder.ids) * len(recorder.variables) for recorder in recorders)
    recorded = None if checkpoint.traces is None else checkpoint.traces.shape
    wanted = (checkpoint.step, columns) if columns else None
    require(recorded == wanted, f"{where}shape of the traces", recorded, f"must be {wanted}")
    updates_of(checkpoint.run.get(PLASTICITY, {}), f"{where}{PLASTICITY}")
    done = 0
    for part, most in zip(PARTS, steps, strict=True):
        done += _counted(checkpoint.run.get(part), f"{where}{part}", most, names)
    require(done == checkpoint.step, f"{where}steps", done, f"must be {checkpoint.step}, the number of simulated steps")
    for what, values, low, high in (
        ("id", checkpoint.ids, 0, network.n_neurons - 1),
        ("stamp", checkpoint.stamps, 1, checkpoint.step),
    ):
        for extreme in (values.min(), values.max()) if len(values) else ():
            require(low <= extreme <= high, f"{where}{what} of a spike", int(extreme), f"must be in [{low}, {high}]")


def _counted(record: Any, where: str, most_steps: int, names: list[str]) -> int:
    """Number of steps in the output of `benchnn.running.resume.counts_record`."""
    require(isinstance(record, Mapping), where, record, "must be an object of counts")
    steps = integer(record.get("steps"), f"{where}.steps", 0, most_steps)
    integer(record.get("synaptic_events"), f"{where}.synaptic_events", 0)
    digest = record.get("spike_digest")
    right = isinstance(digest, str) and DIGEST.fullmatch(digest) is not None
    require(right, f"{where}.spike_digest", digest, "must be 32 hexadecimal digits")
    spikes = record.get("spikes")
    known = isinstance(spikes, Mapping) and set(spikes) <= set(names)
    require(known, f"{where}.spikes", spikes, f"must be counts of {', '.join(names)}")
    for name, number in spikes.items() if isinstance(spikes, Mapping) else ():
        integer(number, f"{where}.spikes.{name}", 0)
    return steps
