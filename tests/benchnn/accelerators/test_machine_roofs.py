"""Roofs of this machine: each kernel does what it is timed for, and each rate is a positive number."""

import json

import numpy as np
import pytest

from benchnn.accelerators import machine_roofs
from benchnn.accelerators.machine_roofs import DRAM, L2, L3, SCATTER, Rate, Roofs, joined, measured_machine
from benchnn.record.machine import cache_bytes
from simcore.accelerators.roofline.record import machine_record, read_machine
from simcore.errors import InputError


@pytest.fixture
def short(monkeypatch):
    """Small caches and short repeats."""
    monkeypatch.setattr(machine_roofs, "cache_bytes", lambda level: {1: 1 << 14, 2: 1 << 18, 3: 1 << 20}[level])
    monkeypatch.setattr(machine_roofs, "REPEATS", 2)
    monkeypatch.setattr(machine_roofs, "REPEAT_S", 1e-4)
    monkeypatch.setattr(machine_roofs, "MIX_MS", 2.0)


def test_all_roofs_are_positive_and_can_be_written_and_read(short, tmp_path):
    machine = measured_machine(2)
    assert machine.peak_ops_per_s > 0.0
    assert [level.name for level in machine.levels] == [SCATTER, L2, L3, DRAM]
    assert all(level.bandwidth_bytes_per_s > 0.0 for level in machine.levels)
    assert "2 threads" in machine.title and "float32 multiply and add" in machine.basis
    path = tmp_path / "machine.json"
    path.write_text(json.dumps(machine_record(machine)))
    assert read_machine(path) == (machine, ())


def test_a_machine_without_an_l2_cache_is_refused(short, monkeypatch):
    monkeypatch.setattr(machine_roofs, "cache_bytes", lambda level: None)
    with pytest.raises(InputError, match="L2 cache"):
        measured_machine(1)


def test_numbers_of_threads_that_are_not_allowed_are_refused():
    with pytest.raises(InputError, match="threads"):
        measured_machine(0)


def test_arrays_fill_their_level_and_not_the_one_before():
    sizes = {L2: 2 << 20, L3: 480 << 20}
    found = machine_roofs._array_bytes(sizes, 2)
    assert found[L2] <= sizes[L2] < found[L3] and 2 * found[L3] < sizes[L3] < 2 * found[DRAM]
    assert machine_roofs._array_bytes({L2: 2 << 20}, 2) == {L2: 1 << 20, DRAM: 8 << 20}


def test_chunks_make_up_the_arrays():
    assert machine_roofs._shape(1 << 20, 8) == (1, 1 << 17)
    assert machine_roofs._shape(960 << 20, 24) == (960, (1 << 20) // 24)
    assert machine_roofs._shape(1 << 17, 8) == (1, 1 << 14)


def test_the_kernels_do_what_is_timed():
    assert machine_roofs._sum(np.arange(100).reshape(2, 50), 1, 3) == 2 * 4950 - 1225
    a, b, c = (np.full((3, 5), value) for value in (0.0, 1.0, 2.0))
    machine_roofs._triads(a, b, c, 2, 2)
    assert a.tolist() == [[7.0] * 5, [0.0] * 5, [7.0] * 5]
    random = np.random.default_rng(3)
    targets, weights = random.integers(0, 40, 500), random.integers(-300, 300, 500)
    inputs, expected = np.zeros(40, dtype=np.int32), np.zeros(40, dtype=np.int64)
    machine_roofs._scatter((weights << 16 | targets).astype(np.int32), inputs, 2)
    np.add.at(expected, targets, 2 * weights)
    assert inputs.tolist() == expected.tolist()
    values = np.array([1.0, 3.0], dtype=np.float32)
    machine_roofs._multiply_add(values, np.float32(0.5), np.float32(0.5), 1)
    assert values.tolist() == [1.0, 1.0 + 2.0 / 2**machine_roofs.CHAINED]


def roofs(factor):
    rate = Rate((1.0 * factor, 3.0 * factor, 2.0 * factor))
    return Roofs(2, {L2: rate, DRAM: rate}, {L2: Rate((5.0 * factor,)), DRAM: Rate((factor,))}, rate, rate, rate)


def test_a_roof_is_the_fastest_of_all_repeats():
    both = joined([roofs(1.0), roofs(10.0)])
    assert both.scatter.values == (1.0, 3.0, 2.0, 10.0, 30.0, 20.0)
    machine = both.machine()
    assert machine.peak_ops_per_s == 30.0
    bandwidths = {level.name: level.bandwidth_bytes_per_s for level in machine.levels}
    assert bandwidths == {SCATTER: 240.0, L2: 50.0, DRAM: 30.0}
    assert Rate((1.0, 3.0, 2.0)).text("GB/s", 1.0) == "3 GB/s (median 2, slowest 1 of 3)"


def test_sizes_of_caches_are_those_the_system_shows(tmp_path):
    folder = tmp_path / "sys/devices/system/cpu/cpu0/cache"
    shown = [("1", "Data", "48K"), ("1", "Instruction", "64K"), ("2", "Unified", "2048K"), ("3", "Unified", "480M")]
    for index, entry in enumerate(shown):
        place = folder / f"index{index}"
        place.mkdir(parents=True)
        for name, value in zip(("level", "type", "size"), entry, strict=True):
            (place / name).write_text(value + "\n")
    found = [cache_bytes(level, tmp_path) for level in (1, 2, 3, 4)]
    assert found == [48 << 10, 2 << 20, 480 << 20, None]
