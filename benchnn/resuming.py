"""Options and identity of a run that resumes from a checkpoint."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from benchnn import __version__
from benchnn.options import RunOptions
from benchnn.result_folder import CHECKPOINTS
from simcore.backends import Snapshot
from simcore.checkpoint import Checkpoint, latest_checkpoint, read_checkpoint
from simcore.errors import InputError
from simcore.network import Network
from simcore.simulator import Propagation, Simulator

MAY_CHANGE = ("threads", "backend", "delivery", "exchange", "checkpoint_every_ms", "resume", "overwrite")
"""Options that change no spike."""
NEVER_GIVEN = ("text_params", "typed_params")


def resumed_options(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Options, with those given that may change, and parameters of the run whose checkpoint ``given["resume"]`` names.

    Parameters
    ----------
    given
        Options of the command line and of a configuration file.

    Raises
    ------
    InputError
        If there is no whole checkpoint, or an option is given that differs from the run's and would change it.
    """
    path = latest_checkpoint(Path(given["resume"]))
    kept = read_checkpoint(path).run["options"]
    options = {name: tuple(value) if name == "record" else value for name, value in kept["run"].items()}
    defaults = {name: entry.default for name, entry in RunOptions.__dataclass_fields__.items()}
    for name, value in given.items():
        before = options.get(name, defaults.get(name))
        if name == "out":
            same = Path(value).resolve() == result_folder(path).resolve()
            before = str(result_folder(path))
        else:
            same = name in MAY_CHANGE or value == before
        if not same:
            raise InputError(f"{name} = {value!r} cannot change: the checkpoint {path} is of a run with {before!r}")
    options |= {name: given[name] for name in MAY_CHANGE if name in given}
    options |= {"resume": str(path), "out": str(result_folder(path))}
    return options, kept["params"]


def result_folder(checkpoint: Path) -> Path:
    """Folder of the result to which a checkpoint belongs.

    Raises
    ------
    InputError
        If the checkpoint does not lie where a run keeps it.
    """
    if checkpoint.parent.name != CHECKPOINTS:
        raise InputError(f"resume = {str(checkpoint)!r} is not allowed: it lies in no folder {CHECKPOINTS} of a result")
    return checkpoint.parent.parent


def options_record(options: RunOptions, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """What `resumed_options` reads."""
    fields = [name for name in RunOptions.__dataclass_fields__ if name not in NEVER_GIVEN]
    run = {name: getattr(options, name) for name in fields if getattr(options, name) is not None}
    return {"run": run | {"record": list(options.record)}, "params": dict(parameters)}


def identity(options: RunOptions, parameters: Mapping[str, Any], simulator: Simulator) -> dict[str, Any]:
    """What a checkpoint and the run that resumes it must have in common, the most telling first."""
    return {
        "version": __version__,
        "model": options.model,
        "parameters": dict(parameters),
        "seed": options.seed,
        "precision": options.precision,
        "weight_bits": options.weight_bits,
        "resolution_ms": simulator.network.resolution_ms,
        "warmup_ms": options.warmup_ms,
        "time_ms": options.time_ms,
        "record": list(options.record),
        "tables_digest": simulator.plan.tables.digest,
        "network_digest": simulator.network_digest,
    }


def snapshot_of(checkpoint: Checkpoint, network: Network) -> Snapshot:
    """The state of the whole network that a checkpoint holds."""
    names = [population.name for population in network.populations]
    state, counters = ([part[name] for name in names] for part in (checkpoint.state, checkpoint.counters))
    return Snapshot(checkpoint.step, [], state, counters, checkpoint.stamps, checkpoint.ids)


def counts_record(part: Propagation) -> dict[str, Any]:
    """What was counted, for a checkpoint; times belong to a process and a layout."""
    return {
        "steps": part.steps,
        "spikes": part.spikes,
        "synaptic_events": part.synaptic_events,
        "spike_digest": part.spike_digest,
    }


def counts_of(record: Mapping[str, Any]) -> Propagation:
    """The counts of `counts_record`, without times."""
    events, digest = record["synaptic_events"], record["spike_digest"]
    return Propagation(record["steps"], 0.0, dict(record["spikes"]), events, digest, {})
