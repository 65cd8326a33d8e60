"""Options and identity of a run that resumes from a checkpoint."""

import os
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from benchnn.record.version import __version__
from benchnn.running.options import ENERGY_OPTIONS, RunOptions
from benchnn.running.plug_ins import plug_in_identity
from benchnn.running.resumable import kept_options
from simcore.backends import Snapshot
from simcore.checkpoint import CHECKPOINTS, Checkpoint, latest_checkpoint, read_checkpoint, require_same
from simcore.errors import InputError
from simcore.network import Network
from simcore.random import STREAM_VERSION
from simcore.registry import PlugIn
from simcore.registry.named import NameInFile, name_in_file, network_file, without_folder
from simcore.simulator import Propagation, Simulator

MAY_CHANGE = (
    *("threads", "backend", "delivery", "exchange", "placement", "checkpoint_every_ms", "resume", "overwrite"),
    *ENERGY_OPTIONS,
)
"""Options that do not change spikes."""
NOT_KEPT = ("text_params", "typed_params", "threads")
"""Fields that a checkpoint stores in another form, or that depend on the number of ranks."""


def resumed_options(given: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return options and parameters of the resumed run, with the given options that may change.

    Parameters
    ----------
    given
        Options of the command line and of a configuration file; ``resume`` names the checkpoint.

    Raises
    ------
    InputError
        If a complete checkpoint is missing, or a given option differs from the run's and would change it.
    """
    path = latest_checkpoint(Path(given["resume"]))
    checkpoint = read_checkpoint(path)
    # Another version may have other options.
    require_same(checkpoint.identity, {"version": __version__}, path)
    options, parameters, folder = kept_options(checkpoint, path)
    options["model"] = _from_here(options["model"], folder)
    for name in ("mapper", "place"):
        if name in options:
            options[name] = _from_here(options[name], folder)
    if "mapping" in options and Path(options["mapping"]).resolve() != (folder / options["mapping"]).resolve():
        options["mapping"] = str(folder / options["mapping"])
    defaults = {name: entry.default for name, entry in RunOptions.__dataclass_fields__.items()}
    for name, value in given.items():
        before = options.get(name, defaults.get(name))
        if name == "out":
            same = Path(value).resolve() == result_folder(path).resolve()
            before = str(result_folder(path))
        elif name in ("model", "mapper", "place"):
            same = _place(value) == _place(before)
        elif name == "mapping":
            same = before is not None and Path(value).resolve() == Path(before).resolve()
        else:
            same = name in MAY_CHANGE or value == before
        if not same:
            raise InputError(f"{name} = {value!r} is not allowed: the run of the checkpoint {path} has {before!r}")
    if "backend" in given:
        # A delivery algorithm belongs to a backend.
        options.pop("delivery", None)
    options |= {name: given[name] for name in MAY_CHANGE if name in given}
    sheet = options.get("chip", "")
    if (sheet.endswith(".toml") or "/" in sheet) and Path(sheet).resolve() != (folder / sheet).resolve():
        options["chip"] = str(folder / sheet)
    options |= {"resume": str(path), "out": str(result_folder(path))}
    return options, parameters


def _from_here(name: str, folder: Path) -> str:
    """Convert the name of a model, a mapper or a place from `folder` to the working folder."""
    file, own = network_file(name), name_in_file(name)
    if file is not None:
        return name if file.resolve() == (folder / file).resolve() else str(folder / file)
    if own is None or own.file.resolve() == (folder / own.file).resolve():
        return name
    return str(NameInFile(folder / own.file, own.name))


def _place(name: str | None) -> tuple[Path | None, str | None]:
    """A form of the name of a model, mapper or place that does not depend on the spelling of its file."""
    file, own = network_file(name), name_in_file(name)
    if file is not None:
        return file.resolve(), None
    return (None, name) if own is None else (own.file.resolve(), own.name)


def result_folder(checkpoint: Path) -> Path:
    """Return the folder of the result to which a checkpoint belongs.

    Raises
    ------
    InputError
        If the checkpoint is not in the folder where runs store checkpoints.
    """
    if checkpoint.parent.name != CHECKPOINTS:
        # The path is relative to the folder of the checkpoint.
        checkpoint = checkpoint.absolute()
    if checkpoint.parent.name != CHECKPOINTS:
        allowed = f"must be in the folder {CHECKPOINTS} of a result"
        raise InputError(f"resume = {str(checkpoint)!r} is not allowed: {allowed}")
    return checkpoint.parent.parent


def options_record(options: RunOptions, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """Options and parameters in the form that `resumed_options` reads."""
    fields = [name for name in RunOptions.__dataclass_fields__ if name not in NOT_KEPT]
    run = {name: getattr(options, name) for name in fields if getattr(options, name) is not None}
    run |= {"record": list(options.record)}
    return {"run": run, "params": dict(parameters), "folder": os.getcwd()}


def asked_identity(options: RunOptions, parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The part of `identity` that is known before the network is described and built."""
    return {
        "version": __version__,
        "stream_version": STREAM_VERSION,
        # The folder of a user's own model file may have another name where the run resumes.
        "model": without_folder(options.model),
        "parameters": dict(parameters),
        "seed": options.seed,
        "precision": options.precision,
        "weight_bits": options.weight_bits,
        "warmup_ms": options.warmup_ms,
        "time_ms": options.time_ms,
        "record": list(options.record),
        "transform": options.transform,
        "transform_seed": options.transform_seed,
    }


def identity(
    options: RunOptions, parameters: Mapping[str, Any], plug_ins: Iterable[PlugIn], simulator: Simulator
) -> dict[str, Any]:
    """Properties that a checkpoint and the run that resumes it must share, the most informative first."""
    return asked_identity(options, parameters) | {
        "plug_ins": plug_in_identity(plug_ins),
        "resolution_ms": simulator.network.resolution_ms,
        "tables_digest": simulator.plan.tables.digest,
        "network_digest": simulator.network_digest,
    }


def snapshot_of(checkpoint: Checkpoint, network: Network) -> Snapshot:
    """The state of the whole network in a checkpoint."""
    names = [population.name for population in network.populations]
    state, counters = ([part[name] for name in names] for part in (checkpoint.state, checkpoint.counters))
    spikes = checkpoint.stamps, checkpoint.ids
    return Snapshot(checkpoint.step, [], state, counters, *spikes, plastic=checkpoint.plastic)


def counts_record(part: Propagation) -> dict[str, Any]:
    """Counts in the form of a checkpoint, without times, which depend on process and layout."""
    return {
        "steps": part.steps,
        "spikes": part.spikes,
        "synaptic_events": part.synaptic_events,
        "spike_digest": part.spike_digest,
    }


def counts_of(record: Mapping[str, Any]) -> Propagation:
    """The counts in the output of `counts_record`, without times."""
    events, digest = record["synaptic_events"], record["spike_digest"]
    return Propagation(record["steps"], 0.0, dict(record["spikes"]), events, digest, {})
