"""Runs that are stopped, killed or meet a failing disk, again and again, end as if nothing had been."""

import random
from contextlib import contextmanager

import pytest
from failing_disk import compiler
from faults import DISK_FAULTS, FULL_DISK, SIGNALS, FaultTest, Scenario, mounted

SEED = 20250


@contextmanager
def tried(scratch, scenario, points):
    test = FaultTest(scratch, scenario, random.Random(SEED))  # noqa: S311 - faults, not secrets
    assert test.expected[2] > 10_000 and test.expected[4] is False
    try:
        test.go(points)
        yield test.counts
    finally:
        test.end()


def test_signals_at_random_times_change_neither_spikes_nor_files(tmp_path):
    points = 12
    with tried(tmp_path, Scenario(tuple(SIGNALS)), points) as counts:
        # Most met a run that had got somewhere; each kind came several times.
        assert counts.points == points and counts.resumed > points // 3, counts
        assert min(counts.hit[kind] + counts.missed[kind] for kind in SIGNALS) >= 2, counts
        assert counts.hit.total() > points // 2, counts


@pytest.mark.skipif(compiler() is None, reason="needs g++")
def test_faults_of_the_disk_at_random_operations_change_neither_spikes_nor_files(tmp_path):
    points = 15
    with tried(tmp_path, Scenario(tuple(DISK_FAULTS), ranks=(1, 1, 1, 2)), points) as counts:
        assert counts.points == points and counts.hit.total() > points // 2 and counts.resumed > points // 4, counts


def test_a_full_disk_changes_neither_spikes_nor_files(tmp_path):
    points = 2
    with mounted(tmp_path / "disk") as why:
        if why is not None:
            pytest.skip(why)
        with tried(tmp_path, Scenario((FULL_DISK,), ranks=(1,)), points) as counts:
            assert counts.hit[FULL_DISK] == points, counts
