"""Recorded spikes in part files, for long runs with bounded memory and for resumed runs."""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import numpy as np
import numpy.typing as npt

from simcore.errors import integer, require
from simcore.recording.record_files import HEADER as HEADER
from simcore.recording.record_files import RecordFile, delete, named_faults
from simcore.recording.spikes import IntArray, spike_order

BLOCK = 1 << 20
"""Number of spikes in memory at a time."""
MAGIC = b"spikepts"
RECORD = np.dtype([("offset", "<u4"), ("id", "<u4")])
"""Record of a spike: stamp relative to the start step of the part, and global id."""
NAME = re.compile(r"spikes-([0-9]{12})-([0-9]{12})\.part")
LEFTOVERS = ".spikes-*.part.*.partial"
"""Names of temporary files of killed processes."""
MAX_STEP = 10**12 - 1
MAX_PART_STEPS = 2**32 - 1
"""Largest number of steps of a part, as offsets of stamps are 32-bit numbers."""


@dataclass(frozen=True)
class _Part:
    folder: Path
    start_step: int
    stop_step: int

    @property
    def path(self) -> Path:
        return self.folder / f"spikes-{self.start_step:012d}-{self.stop_step:012d}.part"

    @property
    def file(self) -> RecordFile:
        return RecordFile(self.path, MAGIC, (self.start_step, self.stop_step), "steps {} to {}", RECORD, "spikes")


@dataclass(frozen=True)
class SpikeParts:
    """Spikes of a whole network in an ordered set of files, each for the steps (start_step, stop_step].

    One process writes them. A part is complete or missing; every part except the first starts where the preceding one
    stops. The division into parts does not affect the results of reading.

    Parameters
    ----------
    folder
        Folder of the parts; the first `append` creates it in an existing folder.

    Examples
    --------
    >>> parts = SpikeParts(Path("/tmp/spikes.parts"))
    >>> parts.append(0, 100, [30, 7], [5, 2])
    >>> parts.covered()
    (0, 100)
    >>> [stamps.tolist() for stamps, ids in parts.blocks()]
    [[7, 30]]
    >>> parts.remove()
    """

    folder: Path

    def append(self, start_step: int, stop_step: int, stamps: npt.ArrayLike, ids: npt.ArrayLike) -> None:
        """Write the spikes of the steps (start_step, stop_step] as the last part; an empty interval is not written.

        Parameters
        ----------
        start_step
            The last stop step, or any step without parts.
        stop_step
            At least `start_step`, and at most `MAX_PART_STEPS` after it.
        stamps, ids
            End step and global id (below 2**32) of each spike of the whole network, integers of shape (spikes,), in
            any order.

        Raises
        ------
        InputError
            If the steps leave a gap or overlap, a spike is outside them, or the part cannot be written
            (`ResourceError` if the disk is full). The parts do not change then.
        """
        integer(start_step, "start_step", 0, MAX_STEP)
        integer(stop_step, "stop_step", start_step, min(MAX_STEP, start_step + MAX_PART_STEPS))
        stamps, ids = np.asarray(stamps, dtype=np.int64), np.asarray(ids, dtype=np.int64)
        allowed = f"must equal stamps.shape = {stamps.shape}"
        require(stamps.ndim == 1 and stamps.shape == ids.shape, "ids.shape", ids.shape, allowed)
        _require_all((stamps > start_step) & (stamps <= stop_step), "stamps", stamps, f"({start_step}, {stop_step}]")
        _require_all((ids >= 0) & (ids < 2**32), "ids", ids, "[0, 2**32)")
        parts = self._listed()
        end = parts[-1].stop_step if parts else start_step
        require(start_step == end, "start_step", start_step, f"must be {end}, where the parts in {self.folder} end")
        if start_step == stop_step:
            return
        order = spike_order(stamps, ids)
        records = np.empty(len(stamps), dtype=RECORD)
        records["offset"], records["id"] = stamps[order] - start_step, ids[order]
        with named_faults("create", self.folder):
            self.folder.mkdir(exist_ok=True)
        _Part(self.folder, start_step, stop_step).file.write([records])

    def truncate(self, step: int) -> None:
        """Remove the spikes after `step`, so that a run that resumes there can append its spikes.

        Parts that start at or after `step` are deleted, the last part first; a part that contains `step` is truncated.
        The next call completes an interrupted one.

        Parameters
        ----------
        step
            At most the last stop step, if there are parts.

        Raises
        ------
        InputError
            If the parts end before `step`, or a file is damaged or cannot be replaced.
        """
        integer(step, "step", 0, MAX_STEP)
        parts = self._listed()
        end = parts[-1].stop_step if parts else step
        require(step <= end, "step", step, f"must be at most {end}, where the parts in {self.folder} end")
        for part in reversed(parts):
            if part.stop_step <= step:
                continue
            if part.start_step < step:
                last = step - part.start_step
                kept = (records[records["offset"] <= last] for records in part.file.records(BLOCK))
                _Part(self.folder, part.start_step, step).file.write(kept)
            delete(part.path)
        self._delete_leftovers()

    def covered(self) -> tuple[int, int]:
        """Return the first start step and the last stop step; (0, 0) without parts.

        Parts before the first or after the last cannot be detected as missing. Checksums are not compared; see `check`.

        Raises
        ------
        InputError
            If a part is missing between two others, overlaps with another, or has a wrong length or header; names the
            file and the reason.
        """
        parts = self._contiguous()
        for part in parts:
            part.file.check_header()
        return (parts[0].start_step, parts[-1].stop_step) if parts else (0, 0)

    def check(self) -> int:
        """Read all parts and compare their checksums; return the number of spikes.

        Raises
        ------
        InputError
            If a part is missing or damaged; names the file and the reason.
        """
        return sum(len(stamps) for stamps, _ in self.blocks())

    def blocks(self, spikes: int = BLOCK) -> Iterator[tuple[IntArray, IntArray]]:
        """Yield stamps and global ids in order of (stamp, id), in blocks, int64 of shape (<= spikes,).

        A checksum is compared at the end of its part, so that blocks are verified only when the iteration has ended.

        Raises
        ------
        InputError
            If a part is missing or damaged; names the file and the reason.
        """
        for part in self._contiguous():
            for records in part.file.records(spikes):
                yield records["offset"].astype(np.int64) + part.start_step, records["id"].astype(np.int64)

    def remove(self) -> None:
        """Delete the parts, and the folder if it is then empty."""
        for part in reversed(self._listed()):
            delete(part.path)
        self._delete_leftovers()
        with named_faults("remove", self.folder):
            if self.folder.is_dir() and not any(self.folder.iterdir()):
                self.folder.rmdir()

    def _listed(self) -> list[_Part]:
        with named_faults("read", self.folder):
            try:
                names = os.listdir(self.folder)
            except FileNotFoundError:
                return []
        steps = sorted(tuple(map(int, found.groups())) for found in map(NAME.fullmatch, names) if found)
        return [_Part(self.folder, start, stop) for start, stop in steps]

    def _contiguous(self) -> list[_Part]:
        parts = self._listed()
        for earlier, later in pairwise(parts):
            if later.start_step < earlier.stop_step:
                raise later.file.damage(f"its steps overlap with those of {earlier.path.name}")
            if later.start_step > earlier.stop_step:
                raise later.file.damage(f"the part before it, from step {earlier.stop_step}, is missing")
        return parts

    def _delete_leftovers(self) -> None:
        for path in self.folder.glob(LEFTOVERS):
            delete(path)


def _require_all(allowed: npt.NDArray[np.bool_], field: str, values: IntArray, interval: str) -> None:
    if not np.all(allowed):
        require(False, field, int(values[~allowed][0]), f"must be in {interval}")
