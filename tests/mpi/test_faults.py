"""Runs that are stopped, killed or meet a failing disk, again and again, end as if nothing had been."""

import random

import pytest
from failing_disk import compiler
from faults import DISK_FAULTS, FULL_DISK, SIGNALS, FaultTest, Scenario, mounted

SEED = 20250


@pytest.fixture(scope="module")
def fault_test(tmp_path_factory):
    """A test with its run without faults, and why its disk cannot be full."""
    scratch = tmp_path_factory.mktemp("faults")
    with mounted(scratch / "disk") as why:
        test = FaultTest(scratch)
        try:
            assert test.expected[2] > 10_000 and test.expected[4] is False
            yield test, why
        finally:
            test.end()


def tried(test, scenario, points):
    test.begin(scenario, random.Random(SEED))  # noqa: S311 - faults, not secrets
    try:
        test.go(points)
    finally:
        test.end()
    return test.counts


@pytest.mark.thorough
def test_signals_at_random_times_change_neither_spikes_nor_files(fault_test):
    points = 8
    counts = tried(fault_test[0], Scenario(tuple(SIGNALS)), points)
    # Most met a run that had got somewhere; each kind came.
    assert counts.points == points and counts.resumed > points // 3, counts
    assert min(counts.hit[kind] + counts.missed[kind] for kind in SIGNALS) >= 1, counts
    assert counts.hit.total() > points // 2, counts


@pytest.mark.thorough
@pytest.mark.skipif(compiler() is None, reason="needs g++")
def test_faults_of_the_disk_at_random_operations_change_neither_spikes_nor_files(fault_test):
    points = 10
    counts = tried(fault_test[0], Scenario(tuple(DISK_FAULTS), ranks=(1, 1, 1, 2)), points)
    assert counts.points == points and counts.hit.total() > points // 2 and counts.resumed > points // 4, counts


@pytest.mark.thorough
def test_a_full_disk_changes_neither_spikes_nor_files(fault_test):
    test, why = fault_test
    if why is not None:
        pytest.skip(why)
    points = 2
    counts = tried(test, Scenario((FULL_DISK,), ranks=(1,)), points)
    assert counts.hit[FULL_DISK] == points, counts
