"""Edges from files on several ranks, each of which keeps those to its own neurons."""

import json
from pathlib import Path

import pytest
from edge_networks import NETWORKS
from launch import benchnn, first_error, on_ranks

from simcore.synapses.edge_files import write_edges

PROGRAM = Path(__file__).with_name("read_edges.py")
SUFFIXES = (".npz", ".h5", ".csv.gz", ".parquet")


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("edges")
    paths = {name: folder / f"{number}{SUFFIXES[number % 4]}" for number, name in enumerate(NETWORKS)}
    for name, path in paths.items():
        write_edges(path, NETWORKS[name]())
    return [f"{name}={path}" for name, path in paths.items()]


@pytest.fixture(scope="module")
def one_rank(files):
    return read_on(1, 2, files)


def read_on(ranks, threads, files):
    finished = on_ranks(ranks, PROGRAM, threads, *files)
    assert finished.returncode == 0, finished.stderr
    return [json.loads(line) for line in finished.stdout.splitlines()]


@pytest.mark.parametrize(("ranks", "threads"), [(3, 1)])
def test_what_is_read_is_what_was_drawn(files, one_rank, ranks, threads):
    found = read_on(ranks, threads, files)
    assert found == one_rank and len(found) == 2 * len(NETWORKS) and len({entry[3] for entry in found}) == len(NETWORKS)
    for drawn, read in zip(found[::2], found[1::2], strict=True):
        # Drawn values come from a table, which the digest of their network covers.
        part = slice(3 if drawn[0].startswith("drawn") else 0, None)
        assert drawn[part] == read[part] and drawn[1] == read[1]


def test_one_rank_writes(tmp_path):
    arguments = ("edges", "brunel", "--param", "order=20", "--out", tmp_path / "a.h5")
    finished = benchnn(2, *arguments)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.count("edges of 4 projections written") == 1
    again = benchnn(2, *arguments)
    assert again.returncode == 2 and again.stderr.count("already exists") == 1, first_error(again.stderr)
