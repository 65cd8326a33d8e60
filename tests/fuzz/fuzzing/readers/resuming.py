"""What a run that was stopped leaves: checkpoints, parts of its spikes, and the lock of its folder."""

import hashlib
import struct
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from benchnn.record.lock import held
from benchnn.running.resume import resumed_options
from fuzzing.byte_mutations import mutated
from fuzzing.case import Case, of_folder
from fuzzing.dice import Dice
from fuzzing.hdf5_mutations import mutated_hdf5
from fuzzing.json_files import mutated_json
from fuzzing.reader import Reader
from simcore.checkpoint.file import (
    FORMAT,
    USER_BLOCK,
    Checkpoint,
    latest_checkpoint,
    read_checkpoint,
    write_checkpoint,
)
from simcore.recording.parts import HEADER, SpikeParts
from simcore.synapses.plastic import NEVER, History, PlasticCounts, PlasticState, SourceTraces

FOLDER = "stopped"
LOCK = ".lock"


def _stopped(results: Path) -> list[Case]:
    case = of_folder(results / FOLDER, within=FOLDER)
    return [Case({name: content for name, content in case.files.items() if "checkpoints" in name})]


def _damaged_checkpoint(case: Case, dice: Dice) -> Case:
    name = dice.pick(sorted(case.files))
    content = case.files[name]
    if dice.chance(0.15):
        return case.changed(name, mutated(content, dice, text=False))
    body = mutated_hdf5(content, dice)[USER_BLOCK:]
    seal = f"{FORMAT}\nsha256 {hashlib.sha256(body).hexdigest()}\n".encode()
    return case.changed(name, seal.ljust(USER_BLOCK, b"\0") + body)


def _read_checkpoint(arguments: Sequence[str]) -> None:
    read_checkpoint(latest_checkpoint(FOLDER))
    resumed_options({"resume": FOLDER})


def _parts(results: Path) -> list[Case]:
    case = of_folder(results / FOLDER, within=FOLDER)
    return [Case({name: content for name, content in case.files.items() if name.endswith(".part")})]


def _damaged_part(case: Case, dice: Dice) -> Case:
    name = dice.pick(sorted(case.files))
    content = case.files[name]
    if dice.chance(0.4):
        return case.changed(name, mutated(content, dice, text=False))
    # A whole header before other records.
    magic, version, start, stop, count, _ = HEADER.unpack(content[: HEADER.size])
    records = mutated(content[HEADER.size :], dice, text=False)
    count = dice.pick((count, len(records) // 8, 2**63, 0))
    checksum = hashlib.sha256(records).digest()
    try:
        header = HEADER.pack(magic, version, start, stop, count, checksum)
    except struct.error as error:
        raise AssertionError from error
    return case.changed(name, header + records)


def _read_parts(arguments: Sequence[str]) -> None:
    parts = SpikeParts(next(Path(FOLDER).glob("*.parts")))
    parts.covered()
    parts.check()


def _locks(results: Path) -> list[Case]:
    signed = b'{"by_file": false, "host": "another", "pid": 12345678, "process": ["boot", "pid:[1]", "123"]}'
    return [Case({LOCK: signed})]


def _damaged_lock(case: Case, dice: Dice) -> Case:
    return case.changed(LOCK, mutated_json(case.files[LOCK], dice))


def _take_lock(arguments: Sequence[str]) -> None:
    with held(Path(LOCK).absolute(), "folder", 0.0):
        pass


def _plastic(results: Path) -> list[Case]:
    """A checkpoint with plastic synapses; which network it is of matters only when it is restored."""
    nothing, traces = np.zeros(0, dtype=np.int64), SourceTraces(np.array([3, NEVER]), np.ones((1, 2)))
    history = History(np.array([2, NEVER]), np.array([0.5, 0.0]))
    state = PlasticState({}, {0: traces}, {1: history}, {1: np.ones((4, 2, 2), np.int64)}, np.ones(4, np.int64),
                         {0: PlasticCounts(1, 2, 3, 4)}, {0: np.arange(300, dtype=np.int32)})  # fmt: skip
    with tempfile.TemporaryDirectory() as folder:
        path = write_checkpoint(Path(folder), Checkpoint(5, {}, {}, nothing, nothing, {}, {}, plastic=state))
        return [Case({f"{FOLDER}/checkpoints/{path.name}": path.read_bytes()})]


def _read_plastic(arguments: Sequence[str]) -> None:
    plastic = read_checkpoint(latest_checkpoint(FOLDER)).plastic
    if plastic is not None:
        sum(int(units.sum()) for units in plastic.units.values())


READERS = (
    Reader("plastic checkpoint", _plastic, _damaged_checkpoint, _read_plastic, 2.0),
    Reader("checkpoint", _stopped, _damaged_checkpoint, _read_checkpoint, 2.0),
    Reader("parts of spikes", _parts, _damaged_part, _read_parts, 1.5),
    Reader("lock", _locks, _damaged_lock, _take_lock, 0.8),
)
