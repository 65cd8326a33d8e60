"""Read trials of one network: a folder with a result ``seed-N`` for each trial."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import numpy.typing as npt

from benchnn.record.folder import RECORD, SPIKES
from benchnn.record.reading import Record, read_run
from benchnn.statistics.neuron_rates import NeuronCounts
from simcore.errors import InputError
from simcore.recording.sonata import read_spikes
from simcore.recording.spikes import Spikes

FOLDER = re.compile(r"seed-([0-9]{1,10})", re.ASCII)
RELAY = "parrot_neuron"
"""Neuron model of sources, whose trains are given and not a response of the network."""
TIMES = ("time.model_time_ms", "time.warmup_ms")
SAME = ("model.name", "model.neurons", *TIMES)
"""Keys with common values in all trials, in addition to the parameters of the model."""


@dataclass(frozen=True, eq=False)
class TrialSet:
    """Complete trials in order of their seeds.

    Parameters
    ----------
    folder
        Folder of all trials.
    records
        Record of each trial.
    seeds
        Seed of each trial.
    first_ids, sizes
        First global id and size of each population without sources; empty if spikes were not recorded.
    recorded
        Digest of the local ids of recorded neurons, for partly recorded populations.
    counts
        Spikes of neurons that are not sources; None if spikes were not recorded.
    trains
        Digest of the recorded spikes of sources for each trial; None without sources.
    stopped
        Names of the folders of interrupted trials, which are omitted.
    """

    folder: Path
    records: Sequence[Record]
    seeds: tuple[int, ...]
    first_ids: dict[str, int]
    sizes: dict[str, int]
    recorded: dict[str, str]
    counts: NeuronCounts | None
    trains: tuple[str, ...] | None
    stopped: tuple[str, ...]

    def place(self, neuron: int) -> tuple[str, int]:
        """Return population and population-local id of a neuron."""
        name = max((name for name, first in self.first_ids.items() if first <= neuron), key=self.first_ids.__getitem__)
        return name, neuron - self.first_ids[name]


def trial_folders(folder: Path) -> dict[int, Path]:
    """Return the folders of trials in a folder by seed, ascending; empty without trials."""
    if not folder.is_dir():
        return {}
    found = ((FOLDER.fullmatch(path.name), path) for path in folder.iterdir())
    named = {int(match[1]): path for match, path in found if match is not None and (path / RECORD).is_file()}
    return dict(sorted(named.items()))


def read_trials(folder: Path) -> TrialSet:
    """Read the trials in a folder.

    Raises
    ------
    InputError
        If no trial is complete, networks or lengths differ, or a file is damaged.
    """
    read = {seed: read_run(path) for seed, path in trial_folders(folder).items()}
    whole = {seed: record for seed, record in read.items() if not record.flag("interrupted")}
    stopped = tuple(record.path.parent.name for seed, record in read.items() if seed not in whole)
    _require_alike(folder, list(whole.values()))
    records, seeds = list(whole.values()), tuple(whole)
    paths = [record.path.parent / SPIKES for record in records]
    lacking = [path for path in paths if not path.is_file()]
    if len(lacking) == len(paths):
        return TrialSet(folder, records, seeds, {}, {}, {}, None, None, stopped)
    if lacking:
        raise InputError(f"cannot compare trials: {lacking[0].parent} lacks {SPIKES}, unlike other trials")
    models = records[0].named_parts("model.populations")
    relays = {name for name, part in models if part.text("neuron_model") == RELAY}
    return _counted(TrialSet(folder, records, seeds, {}, {}, {}, None, None, stopped), paths, relays)


def _require_alike(folder: Path, records: Sequence[Record]) -> None:
    """Require at least one trial, and the same network and length of all trials."""
    if not records:
        needed = "must contain a folder seed-N with the result of a complete trial"
        raise InputError(f"cannot read trials in {folder}: it {needed}")
    for record in records[1:]:
        for key in SAME:
            if record.get(key) != records[0].get(key):
                first = f"but in {records[0].path.parent.name} it is {records[0].get(key)!r}"
                raise InputError(f"cannot compare trials: {record.path}: {key} is {record.get(key)!r}, {first}")
        own, other = (one.part("model.parameters").values for one in (record, records[0]))
        for name in dict.fromkeys([*other, *own]):
            if own.get(name) != other.get(name):
                first = f"but in {records[0].path.parent.name} it is {other.get(name)!r}"
                where = f"{record.path}: parameter {name} is {own.get(name)!r}"
                raise InputError(f"cannot compare trials: {where}, {first}; use one folder for each experiment")


def _counted(trials: TrialSet, paths: Sequence[Path], relays: set[str]) -> TrialSet:
    """Add the counts from the spike files to the trials."""
    one: Spikes | None = None
    fired, trains = [], []
    for path in paths:
        spikes = read_spikes(path).spikes()
        # Without the spikes, which are counted.
        one = one or replace(spikes, stamps=spikes.stamps[:0], ids=spikes.ids[:0])
        if spikes.sizes != one.sizes or _partly_recorded(spikes) != _partly_recorded(one):
            raise InputError(f"cannot compare trials: {path} and {paths[0]} do not contain the same neurons")
        own, digest = _own_spikes(spikes, relays)
        fired.append(own)
        trains.append(digest)
    assert one is not None  # noqa: S101 - there is a trial
    seconds = (one.stop_step - one.start_step) * one.resolution_ms * 1e-3
    if seconds <= 0.0:
        raise InputError(f"cannot compare trials in {trials.folder}: their model time is 0")
    partly = _partly_recorded(one)
    known = bool(relays & set(one.sizes)) and not relays & set(partly)
    first_ids, sizes = (
        {name: number for name, number in numbers.items() if name not in relays}
        for numbers in (one.first_ids, one.sizes)
    )
    return replace(
        trials,
        first_ids=first_ids,
        sizes=sizes,
        recorded={name: digest for name, digest in partly.items() if name not in relays},
        counts=NeuronCounts.of(fired, seconds),
        trains=tuple(trains) if known else None,
    )


def _partly_recorded(spikes: Spikes) -> dict[str, str]:
    """Digests of the recorded local ids of partly recorded populations."""
    chosen = {} if spikes.recorded is None else spikes.recorded
    partly = {name: ids for name, ids in chosen.items() if len(ids) < spikes.sizes[name]}
    return {name: hashlib.sha256(np.asarray(ids, dtype=np.int64).tobytes()).hexdigest() for name, ids in partly.items()}


def _own_spikes(spikes: Spikes, relays: set[str]) -> tuple[npt.NDArray[np.int64], str]:
    """Ids of the spikes of neurons that are not sources, and a digest of the spikes of sources."""
    digest = hashlib.sha256()
    given = np.zeros(len(spikes), dtype=np.bool_)
    for name in sorted(relays & set(spikes.first_ids)):
        first = spikes.first_ids[name]
        mine = (spikes.ids >= first) & (spikes.ids < first + spikes.sizes[name])
        # Other populations may have other sizes.
        for part in (spikes.stamps[mine], spikes.ids[mine] - first):
            digest.update(np.ascontiguousarray(part).tobytes())
        given |= mine
    return spikes.ids[~given], digest.hexdigest()


def pairing(first: TrialSet, second: TrialSet) -> tuple[bool, str]:
    """Return whether the trials of two experiments are compared in pairs, and the reason."""
    if first.seeds != second.seeds:
        return False, "the trials have different seeds"
    if first.trains is not None and second.trains is not None:
        if first.trains != second.trains:
            return False, "trials with the same seed have different trains of sources"
        return True, "trials with the same seed are paired: their sources send the same trains"
    return True, "trials with the same seed are paired"


def require_comparable(first: TrialSet, second: TrialSet) -> None:
    """Require that two sets of trials have networks with the same neurons, and the same length.

    Raises
    ------
    InputError
        If the sets differ.
    """
    both = f"{first.folder} and {second.folder}"
    for one in (first, second):
        if one.counts is None:
            raise InputError(f"cannot compare {both}: {one.folder} does not contain spikes; use --record spikes")
    for key in TIMES:
        own, other = (one.records[0].number(key) for one in (first, second))
        if own != other:
            raise InputError(f"cannot compare {both}: {key} differs: {own} and {other}")
    if (first.first_ids, first.sizes) != (second.first_ids, second.sizes):
        raise InputError(f"cannot compare {both}: their populations differ: {first.sizes} and {second.sizes}")
    if first.recorded != second.recorded:
        raise InputError(f"cannot compare {both}: different neurons were recorded")
