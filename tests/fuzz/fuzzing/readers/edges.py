"""Files of edges, of the user's own and of ``benchnn edges``."""

import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path

from fuzzing.byte_mutations import mutated
from fuzzing.case import Case
from fuzzing.dice import Dice
from fuzzing.hdf5_mutations import mutated_hdf5
from fuzzing.reader import Reader
from simcore.network import Column, EdgeFiles, FixedIndegree, Network, Normal, Population, Projection
from simcore.synapses.edge_files import read_projections, write_edges

SUFFIXES = (".npz", ".csv", ".csv.gz", ".h5", ".parquet")
POPULATIONS = [Population("E", 32), Population("I", 8)]


def _name(suffix: str) -> str:
    return f"edges{suffix}"


def _files(suffix: str, results: Path) -> list[Case]:
    projections = [
        Projection("E", "I", FixedIndegree(5), Normal(mean=90.0, std=9.0), 1.5),
        Projection("E", "E", FixedIndegree(2), 70.0, Normal(mean=1.5, std=0.3, low=0.1)),
    ]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, _name(suffix))
        write_edges(path, Network(POPULATIONS, projections))
        return [Case({_name(suffix): path.read_bytes()})]


def _damaged(suffix: str, case: Case, dice: Dice) -> Case:
    content = case.files[_name(suffix)]
    if suffix == ".h5":
        return case.changed(_name(suffix), mutated_hdf5(content, dice))
    return case.changed(_name(suffix), mutated(content, dice, text=suffix == ".csv"))


def _read(suffix: str, arguments: Sequence[str]) -> None:
    """All rows as the edges of one projection, and each part as that of its own."""
    rule = EdgeFiles(_name(suffix))
    whole = Network(POPULATIONS, [Projection("E", "E", rule, Column("weight"), Column("delay_ms"))])
    assert sum(len(block.sources) for block in rule.blocks(whole.projections[0].columns)) == rule.facts().rows
    parts = Network(POPULATIONS, read_projections(_name(suffix)))
    for projection in parts.projections:
        for block in projection.rule.blocks(projection.columns):  # type: ignore[attr-defined]
            assert block.sources.max() < 32


READERS = tuple(
    Reader(f"edges{suffix}", partial(_files, suffix), partial(_damaged, suffix), partial(_read, suffix))
    for suffix in SUFFIXES
)
