"""Spikes, traces and statistics in files of other programs and ours."""

import io
import tempfile
from collections.abc import Sequence
from pathlib import Path

import h5py
import numpy as np

from benchnn.statistics.recordings import read_recording
from benchnn.statistics.statistics_set import is_set, read_set
from fuzzing.byte_mutations import mutated
from fuzzing.case import Case
from fuzzing.dice import Dice
from fuzzing.hdf5_mutations import mutated_hdf5
from fuzzing.reader import Reader, any_file
from simcore.network import Network, Population
from simcore.recording.sonata import read_spikes
from simcore.recording.trace_files import read_traces, write_traces
from simcore.recording.weight_parts import WeightParts, synapse_records
from simcore.recording.weights_file import WeightColumns, read_weights, write_weights

FILE = "spikes.h5"
TRACES = "traces.h5"
WEIGHTS = "weights.h5"
RANGES = "population_nodeids.dat"
NETWORK = Network([Population("E", 32), Population("I", 8)])
NEST = b"""# NEST version: 3.8.0
# RecordingBackendASCII version: 2
sender\ttime_ms
3\t0.100
17\t0.300
33\t2.500
3\t12.700
"""


def _files(results: Path) -> list[Case]:
    """One of ours; one as bmtk and libsonata write it; one in the old layout."""
    ours = (results / "seed1" / FILE).read_bytes()
    return [Case({FILE: content}) for content in (ours, _sonata("spikes/E"), _sonata("spikes", "gids"))]


def _sonata(group: str, ids: str = "node_ids") -> bytes:
    image = io.BytesIO()
    with h5py.File(image, "w") as file:
        made = file.create_group(group)
        made.create_dataset("timestamps", data=np.array([0.1, 0.3, 2.5, 12.7])).attrs["units"] = "milliseconds"
        made.create_dataset(ids, data=np.array([3, 17, 30, 3], dtype=np.uint64))
        sorting = h5py.enum_dtype({"none": 0, "by_id": 1, "by_time": 2}, basetype="u1")
        made.attrs.create("sorting", 2, dtype=sorting)
    return image.getvalue()


def _damaged_file(case: Case, dice: Dice) -> Case:
    return any_file(case, dice, mutated_hdf5)


def _read_spikes(arguments: Sequence[str]) -> None:
    file = read_spikes(FILE)
    if file.resolution_ms is not None:
        file.spikes()


def _read_recording(arguments: Sequence[str]) -> None:
    read_recording(Path(arguments[0]), NETWORK, 5.0, 25.0)


def _recordings(results: Path) -> list[Case]:
    return [Case(case.files, (FILE,)) for case in _files(results)]


def _nest(results: Path) -> list[Case]:
    plain = b"".join(NEST.splitlines(keepends=True)[3:])
    return [
        Case({"spikes-1.dat": NEST}, ("spikes-1.dat",)),
        Case({"spikes-1.dat": NEST, RANGES: b"1 32\n33 40\n"}, ("spikes-*.dat",)),
        Case({"a.gdf": plain, "b.gdf": plain}, (".",)),
    ]


def _damaged_text(case: Case, dice: Dice) -> Case:
    return any_file(case, dice, mutated)


def _traces(results: Path) -> list[Case]:
    with tempfile.TemporaryDirectory() as folder:
        kept = {("E", 3, "V_m"): np.arange(9.0), ("I", 0, "V_m"): np.ones(9), ("E", 3, "I_syn_ex"): np.zeros(9)}
        files = write_traces(Path(folder, TRACES), kept, 0.1, 20)
        return [Case({file.name: file.read_bytes() for file in files})]


def _read_traces(arguments: Sequence[str]) -> None:
    read_traces(TRACES).overview().text()


def _sets(results: Path) -> list[Case]:
    return [Case({FILE: (results / "validation" / "candidate.h5").read_bytes()})]


def _read_set(arguments: Sequence[str]) -> None:
    is_set(Path(FILE))
    read_set(Path(FILE))


def _weights(results: Path) -> list[Case]:
    with tempfile.TemporaryDirectory() as folder:
        parts, ids = WeightParts(Path(folder, "parts")), np.arange(7)
        parts.write_synapses(2, [synapse_records(ids, ids + 7, ids + 1)])
        for step in (0, 10):
            parts.write_weights(2, step, [(ids * 100_000 - step).astype(np.int32)])
        file = Path(folder, WEIGHTS)
        write_weights(file, parts, [WeightColumns(2, "E", "I", 0, 7, (0, 10), 2.0**-20, "pA")], 0.1)
        return [Case({WEIGHTS: file.read_bytes()})]


def _read_weights(arguments: Sequence[str]) -> None:
    for one in read_weights(WEIGHTS).values():
        one.weights.sum()


READERS = (
    Reader("recorded weights", _weights, _damaged_file, _read_weights, 2.0),
    Reader("SONATA spikes", _files, _damaged_file, _read_spikes, 4.0),
    Reader("SONATA recording", _recordings, _damaged_file, _read_recording, 2.5),
    Reader("SONATA traces", _traces, _damaged_file, _read_traces, 2.0),
    Reader("NEST text", _nest, _damaged_text, _read_recording, 5.0),
    Reader("statistics set", _sets, _damaged_file, _read_set, 1.0),
)
