"""Configurations that make the spikes, or the times, of two runs comparable."""

from collections.abc import Mapping, Sequence
from typing import Any

from benchnn.record.keys import flat, value_of, value_text
from benchnn.results.selection import Record
from simcore.registry.named import own_file, without_folder

OWN = "simcore"
MODEL = "model.name"
NUMERICS = (
    MODEL,
    "model.parameters",
    "model.resolution_ms",
    "simulator.name",
    "simulator.mode",
    "simulator.connectivity",
    "backend.precision",
    "backend.weight_bits",
    "time.model_time_ms",
    "time.warmup_ms",
    "provenance.options.transform",
    "provenance.options.transform_seed",
)
"""Keys that determine the spikes of every simulator, in addition to the seed."""
PEER_NUMERICS = ("simulator.version", "layout.threads_per_rank")
"""Further keys that may affect the spikes of a peer, but not of `simcore`."""
WORK = (
    "backend.name",
    "layout.ranks",
    "layout.threads_per_rank",
    "provenance.options.delivery",
    "provenance.options.exchange",
    "provenance.options.placement",
    "provenance.options.record",
    "provenance.options.checkpoint_every_ms",
)
"""Further keys that affect times, in addition to keys of spikes and machine; other seeds are repeats."""
MACHINE = ("provenance.cpu_model", "provenance.cpu_governor")

ADAPTED = ("chip.sheet_sha256", "chip.mapper", "chip.place", "chip.neurons_per_core", "chip.weight_bits")
"""Keys that determine how weights and delays are adapted to the limits of a chip."""

METERS = "meter"
"""Kind of the plug-ins that do not affect spikes."""

Configuration = tuple[tuple[str, str], ...]
"""Keys and their values as text, which can be compared and serve as the key of a group."""


def spike_configuration(record: Record) -> Configuration:
    """Return everything that determines spikes: runs with the same configuration must have the same spike digest."""
    peer = () if value_of(record, "simulator.name") == OWN else PEER_NUMERICS
    values = _values(record, ("seed", *NUMERICS, *peer, *_content_keys(record)))
    return (*values, _streams(record), _plug_ins(record, METERS))


def work_configuration(record: Record, any_host: bool) -> Configuration:
    """Return everything except the code that affects the time of a run: repeats have the same configuration.

    Parameters
    ----------
    record
        Record of a run.
    any_host
        Whether to treat hosts with the same processor as the same machine; only their number counts.
    """
    values = _values(record, (*NUMERICS, *WORK, *MACHINE, *_content_keys(record)))
    hosts = value_of(record, "layout.hosts")
    names = sorted(str(host) for host in hosts) if isinstance(hosts, list) else []
    host = str(len(names)) if any_host else value_text(names)
    return (*values, _streams(record), _plug_ins(record), ("layout.hosts", host))


def whole(record: Record) -> bool:
    """Whether the run is complete, so that its spikes cover the requested time."""
    return value_of(record, "interrupted") is not True


def timed(record: Record) -> bool:
    """Whether the times cover the whole run, in one process."""
    return whole(record) and value_of(record, "time.resumed_at_ms") is None


def code_version(record: Record) -> tuple[str, str]:
    """Identify the version of the simulator: name and digest of the sources, or the version of a peer."""
    name = value_text(value_of(record, "simulator.name"))
    key = "provenance.source_digest" if name == OWN else "simulator.version"
    return name, value_text(value_of(record, key))


def _content_keys(record: Record) -> Sequence[str]:
    """Keys of user files of networks and chips, whose content counts, and of the adaptation to a chip.

    Registered networks and chips change with the code.
    """
    model, chip = value_of(record, MODEL), value_of(record, "provenance.options.chip")
    keys = ["provenance.model_digest"] if own_file(model) else []
    if value_of(record, "model.edge_files"):
        keys.append("model.edge_files")
    if value_of(record, "chip.adaptation"):
        return [*keys, *ADAPTED]
    in_file = isinstance(chip, str) and (chip.endswith(".toml") or "/" in chip)
    return [*keys, "chip.sheet_sha256"] if in_file else keys


def _plug_ins(record: Record, without: str | None = None) -> tuple[str, str]:
    """The plug-ins in use, with versions and sources; another version is another configuration."""
    found = value_of(record, "plug_ins")
    # Records from before the introduction of plug-ins do not have the key.
    parts = [part for part in found or [] if value_of(part, "kind") != without] if isinstance(found, list) else []
    return "plug_ins", value_text(parts)


def _streams(record: Record) -> tuple[str, str]:
    """The version of the random streams; records without it have the first version."""
    version = value_of(record, "stream_version")
    first = version is None and value_of(record, "simulator.name") == OWN
    return "stream_version", value_text(1 if first else version)


def _compared(key: str, value: Any) -> Any:
    """A user's own network is the same in any folder; `_content_keys` adds the digest of its file."""
    return without_folder(value) if key == MODEL and isinstance(value, str) else value


def _values(record: Record, keys: Sequence[str]) -> Configuration:
    """Values of keys; objects, such as the parameters, by their own keys in order of their names."""
    values = ((key, _compared(key, value_of(record, key))) for key in keys)
    pairs = (flat(value, f"{key}.") if isinstance(value, Mapping) else [(key, value)] for key, value in values)
    return tuple((key, value_text(value)) for group in pairs for key, value in sorted(group, key=lambda pair: pair[0]))
