"""Recorded weights of plastic synapses in part files, which need no memory during a run and allow it to resume."""

import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.recording.record_files import RecordFile, delete, named_faults

BLOCK = 1 << 20
"""Number of synapses in memory at a time."""
SYNAPSE = np.dtype([("source", "<u4"), ("target", "<u4"), ("delay", "<u4")])
"""Record of a synapse: global ids and delay in steps."""
WEIGHT = np.dtype("<i4")
"""Record of a weight: signed, in units of lsb 2^-15."""
SYNAPSES, WEIGHTS = b"synapspt", b"weightpt"
NAME = re.compile(r"(?:synapses|weights)-[0-9]{6,}(?:-([0-9]{12}))?\.part")
LEFTOVERS = (".synapses-*.part.*.partial", ".weights-*.part.*.partial")
"""Names of temporary files of killed processes."""


@dataclass(frozen=True)
class WeightParts:
    """Files with the synapses of each recorded projection and, for each recorded step, with their weights.

    One process writes them. A file is complete or missing. Synapses are in the order of
    `simcore.synapses.plastic.PlasticWeights`.

    Parameters
    ----------
    folder
        Folder of the files; created in an existing folder when the first file is written.
    """

    folder: Path

    def write_synapses(self, projection: int, blocks: Iterable[npt.NDArray[Any]]) -> None:
        """Write the synapses of a projection, blocks of `SYNAPSE`.

        Raises
        ------
        InputError
            If the file cannot be written (`ResourceError` if the disk is full).
        """
        self._write(self._synapses(projection), blocks)

    def write_weights(self, projection: int, step: int, blocks: Iterable[npt.NDArray[np.int32]]) -> None:
        """Write the weights of a projection after `step` steps, in the order of its synapses.

        Raises
        ------
        InputError
            If the file cannot be written (`ResourceError` if the disk is full).
        """
        self._write(self._weights(projection, step), (units.astype(WEIGHT, copy=False) for units in blocks))

    def count(self, projection: int) -> int:
        """Return the number of synapses of a projection."""
        return self._synapses(projection).check_header()

    def synapses(self, projection: int, size: int = BLOCK) -> Iterator[npt.NDArray[Any]]:
        """Yield the synapses in blocks of at most `size`.

        Raises
        ------
        InputError
            If the file is missing or damaged.
        """
        return self._synapses(projection).records(size)

    def weights(self, projection: int, step: int, size: int = BLOCK) -> Iterator[npt.NDArray[np.int32]]:
        """Yield the weights after `step` steps in blocks of at most `size`, int32.

        Raises
        ------
        InputError
            If the file is missing or damaged.
        """
        return self._weights(projection, step).records(size)

    def check(self, projection: int, steps: Sequence[int]) -> None:
        """Read the files of a projection, and compare their checksums and numbers of synapses.

        Raises
        ------
        InputError
            If the file of the synapses or of one of these steps is missing or damaged.
        """
        expected = sum(map(len, self.synapses(projection)))
        for step in steps:
            found = sum(map(len, self.weights(projection, step)))
            if found != expected:
                raise self._weights(projection, step).damage(f"it has {found} weights for {expected} synapses")

    def truncate(self, step: int) -> None:
        """Delete the weights after `step`, which a run that resumes there records again."""
        for path, recorded in self._listed():
            if recorded is not None and recorded > step:
                delete(path)
        self._delete_leftovers()

    def _write(self, file: RecordFile, blocks: Iterable[npt.NDArray[Any]]) -> None:
        with named_faults("create", self.folder):
            self.folder.mkdir(exist_ok=True)
        file.write(blocks)

    def _synapses(self, projection: int) -> RecordFile:
        path = self.folder / f"synapses-{projection:06d}.part"
        return RecordFile(path, SYNAPSES, (projection, 0), "projection {}", SYNAPSE, "synapses")

    def _weights(self, projection: int, step: int) -> RecordFile:
        path = self.folder / f"weights-{projection:06d}-{step:012d}.part"
        return RecordFile(path, WEIGHTS, (projection, step), "projection {} at step {}", WEIGHT, "weights")

    def _listed(self) -> list[tuple[Path, int | None]]:
        """Return the files, with the step of each file of weights."""
        with named_faults("read", self.folder):
            try:
                names = sorted(os.listdir(self.folder))
            except FileNotFoundError:
                return []
        found = [(name, NAME.fullmatch(name)) for name in names]
        return [(self.folder / name, int(match[1]) if match[1] else None) for name, match in found if match]

    def _delete_leftovers(self) -> None:
        for pattern in LEFTOVERS:
            for path in self.folder.glob(pattern):
                delete(path)


def synapse_records(
    sources: npt.NDArray[np.integer], targets: npt.NDArray[np.integer], delay_steps: npt.NDArray[np.integer]
) -> npt.NDArray[Any]:
    """Convert synapses to records."""
    records = np.empty(len(targets), dtype=SYNAPSE)
    for name, column in (("source", sources), ("target", targets), ("delay", delay_steps)):
        records[name] = column
    return records
