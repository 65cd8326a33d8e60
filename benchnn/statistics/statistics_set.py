"""A set of recordings of one network, stored in an HDF5 file as statistics with their provenance."""

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

import numpy as np

from benchnn.record.strict_json import parsed
from benchnn.statistics.distances import Recording
from benchnn.statistics.statistics import PopulationStatistics
from simcore.errors import InputError, integer, number, require
from simcore.recording.files import replaced_file, usable_path
from simcore.recording.hdf5 import SparseImage, opened_file, read_values, text_type

FORMAT = "benchnn statistics 1"
LAYOUT_HINT = "a set of statistics written by benchnn validate"


@dataclass(frozen=True, eq=False)
class StatisticsSet:
    """Recordings of one network.

    Parameters
    ----------
    model, parameters
        The network.
    simulator
        Name and version, or the files of the spikes.
    warmup_ms, time_ms
        The recorded window is (warmup_ms, warmup_ms + time_ms].
    sizes
        Neurons of each population.
    seeds, digests
        Seed and spike digest of each recording; for spikes from a file, the seed is None and the digest is computed.
    recordings
        Statistics of every population, for each recording.
    provenance
        Information about machine, code and time, for the reader.
    """

    model: str
    parameters: Mapping[str, Any]
    simulator: str
    warmup_ms: float
    time_ms: float
    sizes: Mapping[str, int]
    seeds: tuple[int | None, ...]
    digests: tuple[str, ...]
    recordings: tuple[Recording, ...]
    provenance: Mapping[str, Any]


def write_set(path: Path, statistics: StatisticsSet) -> None:
    """Write a set: /POPULATION/STATISTIC/RECORDING, float64, and attributes of the root.

    Parameters
    ----------
    path
        The file.
    statistics
        The set.

    Raises
    ------
    InputError
        If the file cannot be written.
    """
    import h5py

    described = {
        "format": FORMAT,
        "model": statistics.model,
        "parameters": json.dumps(dict(statistics.parameters), sort_keys=True),
        "simulator": statistics.simulator,
        "seeds": json.dumps(list(statistics.seeds)),
        "digests": json.dumps(list(statistics.digests)),
        "provenance": json.dumps(dict(statistics.provenance), sort_keys=True),
    }
    image = SparseImage()
    with h5py.File(image, "w") as file:
        for name, text in described.items():
            file.attrs.create(name, text, dtype=text_type(len(text.encode())))
        file.attrs["warmup_ms"], file.attrs["time_ms"] = statistics.warmup_ms, statistics.time_ms
        for name, size in statistics.sizes.items():
            group = file.create_group(name, track_order=True)
            group.attrs["neurons"] = size
            for entry in fields(PopulationStatistics):
                folder = group.create_group(entry.name)
                for number, recording in enumerate(statistics.recordings):
                    values = getattr(recording[name], entry.name)
                    packed = {"compression": "gzip", "shuffle": True} if values.ndim and values.size else {}
                    folder.create_dataset(str(number), data=values, **packed)
        file.attrs["populations"] = json.dumps(list(statistics.sizes))
    with replaced_file(path) as aside:
        image.save(aside)


def is_set(path: Path) -> bool:
    """Whether a file is a set of statistics.

    Parameters
    ----------
    path
        A file.

    Returns
    -------
    bool
        False also if the file does not exist.
    """
    if not usable_path(path).is_file():
        return False
    try:
        with opened_file(path) as file:
            return bool(file.attrs.get("format") is not None)
    except InputError:
        return False


def read_set(path: Path) -> StatisticsSet:
    """Read a set.

    Parameters
    ----------
    path
        The file.

    Returns
    -------
    StatisticsSet
        The set.

    Raises
    ------
    InputError
        If the file is not such a set, has another version, or is damaged.
    """
    with opened_file(path) as file:
        kind = _text(file.attrs.get("format", ""))
        if kind != FORMAT:
            raise InputError(
                f"cannot read {path}: it is not {LAYOUT_HINT}; the format must be {FORMAT!r}, not {kind!r}"
            )
        try:
            texts = {name: parsed(_text(file.attrs[name])) for name in KINDS}
            for name, wanted in KINDS.items():
                require(isinstance(texts[name], wanted), name, texts[name], f"must be a {wanted.__name__}")
            sizes = {name: _whole(file[name].attrs["neurons"]) for name in texts["populations"]}
            recordings = tuple(
                {name: _statistics(file[name], number) for name in sizes} for number in range(len(texts["seeds"]))
            )
            found = StatisticsSet(
                _text(file.attrs["model"]),
                texts["parameters"],
                _text(file.attrs["simulator"]),
                float(file.attrs["warmup_ms"]),
                float(file.attrs["time_ms"]),
                sizes,
                tuple(texts["seeds"]),
                tuple(texts["digests"]),
                recordings,
                texts["provenance"],
            )
            _require_possible(found)
            return found
        except (LookupError, ValueError, TypeError, AttributeError, ArithmeticError) as error:
            raise InputError(f"cannot read {path}: it is damaged: {error}") from error


KINDS: dict[str, type] = {"parameters": dict, "seeds": list, "digests": list, "provenance": dict, "populations": list}
"""Attributes with JSON, and the types of their values."""
RANGES = {
    "rates_hz": (0.0, math.inf),
    "cv_isi": (0.0, math.inf),
    "correlations": (-1.0, 1.0),
    "synchrony": (0.0, math.inf),
    "interval_counts": (0.0, 2.0**63),
    "lvr": (0.0, math.inf),
}
"""Ranges of statistics."""
ROUNDING = 1e-9


def _require_possible(found: StatisticsSet) -> None:
    """Refuse impossible values."""
    for name, low in (("warmup_ms", 0.0), ("time_ms", 0.0)):
        value = number(getattr(found, name), name)
        require(low <= value <= 1e9, name, value, f"must be in [{low:g}, 1e9] ms")
    for name, size in found.sizes.items():
        integer(size, f"neurons of {name}", 1)
    require(len(found.digests) == len(found.seeds), "len(digests)", len(found.digests), f"must be {len(found.seeds)}")
    for seed, digest in zip(found.seeds, found.digests, strict=True):
        require(seed is None or integer(seed, "seeds", 0) >= 0, "seeds", seed, "must be an integer >= 0 or null")
        require(isinstance(digest, str), "digests", digest, "must be text")
    for recording in found.recordings:
        for name, statistics in recording.items():
            neurons = len(np.atleast_1d(statistics.rates_hz))
            require(neurons == found.sizes[name], f"number of rates of {name}", neurons, f"must be {found.sizes[name]}")
            for statistic, (low, high) in RANGES.items():
                values = np.asarray(getattr(statistics, statistic))
                # The synchrony without spikes is NaN.
                known = values[~np.isnan(values)] if statistic == "synchrony" else values
                inside = (known >= low - ROUNDING) & (known <= high + ROUNDING) & np.isfinite(known)
                where = f"{statistic} of {name}"
                require(bool(np.all(inside)), where, known[~inside].tolist()[:3], f"must be in [{low:g}, {high:g}]")


def _whole(value: Any) -> Any:
    """Convert an integer of HDF5 to Python; return other values unchanged."""
    return int(value) if isinstance(value, np.integer) else value


def _text(value: Any) -> str:
    return value.decode() if isinstance(value, bytes) else str(value)


def _statistics(group: Any, number: int) -> PopulationStatistics:
    # Older sets do not contain local variations.
    values = {
        entry.name: np.asarray(read_values(group[entry.name][str(number)]), dtype=np.float64)
        for entry in fields(PopulationStatistics)
        if entry.name != "lvr" or entry.name in group
    }
    return PopulationStatistics(**values)


def require_same_network(candidate: StatisticsSet, reference: StatisticsSet, ignored: Sequence[str] = ()) -> None:
    """Refuse a reference with another network or window.

    Parameters
    ----------
    candidate, reference
        The sets.
    ignored
        Parameters in which they may differ.

    Raises
    ------
    InputError
        If network or window differ.
    """
    pairs: list[tuple[str, Any, Any]] = [("model", candidate.model, reference.model)]
    names = dict.fromkeys([*candidate.parameters, *reference.parameters])
    for name in (name for name in names if name not in ignored):
        pairs.append((f"parameter {name}", candidate.parameters.get(name), reference.parameters.get(name)))
    pairs += [(name, getattr(candidate, name), getattr(reference, name)) for name in ("warmup_ms", "time_ms", "sizes")]
    for what, own, other in pairs:
        if own != other:
            raise InputError(f"the reference has a different network or window: {what} is {other!r}, not {own!r}")


def require_different(candidate: StatisticsSet, reference: StatisticsSet) -> None:
    """Refuse repeated recordings, because the verdict assumes that recordings are independent.

    Raises
    ------
    InputError
        If a recording is repeated.
    """
    seen: dict[str, str] = {}
    for name, side in (("candidate", candidate), ("reference", reference)):
        for place, (seed, digest) in enumerate(zip(side.seeds, side.digests, strict=True), 1):
            label = f"recording {place} of the {name}" + ("" if seed is None else f" (seed {seed})")
            silent = not any(values.rates_hz.any() for values in side.recordings[place - 1].values())
            # Recordings without spikes are all equal.
            if digest in seen and not silent:
                raise InputError(f"{label} is the same as {seen[digest]}; use different seeds")
            seen[digest] = label
