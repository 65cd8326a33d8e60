import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore.accelerators.analogue.device import Device, read_noise, written_cells
from simcore.accelerators.analogue.wires import effective_conductances
from simcore.errors import InputError

CELLS = Device(base_ohm=19_139.0, off_ohm=1e6, top_level=15)
LEVELS = np.random.default_rng(1).integers(0, 16, (4, 60, 50))
ARRAYS = range(4)


def test_levels_are_equally_spaced_between_the_off_state_and_the_top_level():
    assert CELLS.on_s == pytest.approx(15 / 19_139.0)
    nominal = CELLS.nominal(np.arange(16))
    assert nominal[0] == 1e-6 and nominal[15] == pytest.approx(CELLS.on_s, rel=1e-15)
    np.testing.assert_allclose(np.diff(nominal), CELLS.step_s)


@pytest.mark.parametrize("ratio", [10.0, 100.0, 1000.0])
def test_the_resistance_ratio_is_that_asked_for(ratio):
    cells = CELLS.with_ratio(ratio)
    assert cells.ratio == pytest.approx(ratio)
    on, off = cells.nominal([15, 0])
    assert on / off == pytest.approx(ratio) and cells.on_s == CELLS.on_s


def test_ideal_cells_have_their_nominal_conductances():
    assert np.array_equal(written_cells(LEVELS, CELLS, 1, ARRAYS), CELLS.nominal(LEVELS))
    assert np.array_equal(written_cells(LEVELS, CELLS, 1, ARRAYS, 1e9, 1e9), CELLS.nominal(LEVELS))


def test_device_noise_is_normal_in_proportion_to_the_conductance():
    noisy = replace(CELLS, device_noise=0.1)
    relative = written_cells(LEVELS, noisy, 1, ARRAYS) / CELLS.nominal(LEVELS) - 1.0
    assert abs(relative.mean()) < 4 * 0.1 / math.sqrt(relative.size)
    assert relative.std() == pytest.approx(0.1, rel=0.03)
    assert (abs(relative) < 0.1).mean() == pytest.approx(0.6827, abs=0.02)
    assert np.corrcoef(relative[0].ravel(), relative[1].ravel())[0, 1] == pytest.approx(0.0, abs=0.08)
    assert (written_cells(LEVELS, replace(CELLS, device_noise=1.0), 1, ARRAYS) >= 0.0).all()


def test_an_array_depends_on_its_number_and_the_seed_only():
    noisy = replace(CELLS, device_noise=0.1, stuck_on=0.1, drift_spread=0.1, endurance_cycles=1e6)
    whole = written_cells(LEVELS, noisy, 7, [0, 1, 2, 3], 100.0, 1e5)
    assert np.array_equal(written_cells(LEVELS[2:3], noisy, 7, [2], 100.0, 1e5)[0], whole[2])
    assert not np.array_equal(written_cells(LEVELS[2:3], noisy, 8, [2], 100.0, 1e5)[0], whole[2])
    assert not np.array_equal(written_cells(LEVELS[2:3], noisy, 7, [5], 100.0, 1e5)[0], whole[2])


def test_shares_of_cells_are_stuck():
    stuck = replace(CELLS, stuck_on=0.02, stuck_off=0.05)
    levels = np.full((2, 128, 128), 7)
    cells = written_cells(levels, stuck, 3, [0, 1])
    assert (cells == CELLS.on_s).mean() == pytest.approx(0.02, abs=0.004)
    assert (cells == CELLS.off_s).mean() == pytest.approx(0.05, abs=0.006)
    assert (cells == CELLS.nominal(7)).mean() == pytest.approx(0.93, abs=0.008)


def test_conductances_drift_as_a_power_of_time():
    drifting = replace(CELLS, drift_exponent=0.05, drift_start_s=20.0)
    cells = written_cells(LEVELS, drifting, 1, ARRAYS, 2e5)
    np.testing.assert_allclose(cells, CELLS.nominal(LEVELS) * 1e4**-0.05, rtol=1e-12)
    spread = written_cells(LEVELS, replace(drifting, drift_spread=0.01), 1, ARRAYS, 2e5) / CELLS.nominal(LEVELS)
    exponents = -np.log(spread) / math.log(1e4)
    assert exponents.mean() == pytest.approx(0.05, abs=0.0005) and exponents.std() == pytest.approx(0.01, rel=0.03)


@pytest.mark.parametrize(
    ("cycles", "shape", "wear"),
    [(0.0, 1.0, 0.0), (1e5, 1.0, 0.1), (1e6, 2.0, 1.0), (9e4, 0.5, 0.3), (1e300, 5.0, 99.0)],
)
def test_cells_wear_out_by_the_law_of_the_module(cycles, shape, wear):
    worn = replace(CELLS, endurance_cycles=1e6, endurance_shape=shape)
    share = 1.0 - math.exp(-wear)
    assert worn.worn_out(cycles) == pytest.approx(share, abs=1e-12)
    assert share == 1.0 or worn.cycles_until(share) == pytest.approx(cycles)
    cells = written_cells(np.full((1, 128, 128), 9), worn, 1, [0], cycles=cycles)
    assert (cells == CELLS.off_s).mean() == pytest.approx(share, abs=0.015)


@given(st.floats(0.0, 0.5), st.floats(0.0, 0.5), st.integers(0, 2**32 - 1))
def test_more_cells_are_stuck_or_worn_out_of_those_that_are_already(share, more, seed):
    levels = np.full((1, 20, 20), 9)

    def changed(amount):
        cells = replace(CELLS, stuck_off=amount, endurance_cycles=1.0)
        return written_cells(levels, cells, seed, [0], cycles=amount) != CELLS.nominal(9)

    assert not (changed(share) & ~changed(share + more)).any()


def test_read_noise_is_that_of_independent_cells():
    cells = CELLS.nominal(LEVELS[0])
    voltages = np.tile(0.1 * (np.arange(60) % 2), (4000, 1))
    noise = read_noise(voltages, cells, replace(CELLS, read_noise=0.05), 1, 0)
    expected = 0.05 * np.sqrt((voltages[0] ** 2) @ cells**2)
    np.testing.assert_allclose(noise.std(axis=0), expected, rtol=0.06)
    assert (abs(noise.mean(axis=0)) < 5 * expected / math.sqrt(4000)).all()
    assert not read_noise(voltages, cells, CELLS, 1, 0).any()


@pytest.mark.parametrize(("wire_ohm", "excess", "tolerance"), [(0.0, 1.0, 0.02), (1.0, 1.034, 0.02), (5.0, 1.14, 0.03)])
def test_with_wires_read_noise_exceeds_that_of_independent_cells(wire_ohm, excess, tolerance):
    nice = Device(base_ohm=19_139.0, off_ohm=1e8, top_level=8, device_noise=0.02, read_noise=0.02)
    levels = np.random.default_rng(1).choice([0, 1, 2, 4, 8], (32, 32))
    voltages = np.tile(0.1 * (np.arange(32) % 2 == 0), (400, 1))
    # Each read of independent cells is one of an array that was written anew.
    cells = written_cells(np.broadcast_to(levels, (400, 32, 32)), nice, 1, range(400))
    independent = (voltages[0] @ effective_conductances(cells, wire_ohm)).std(axis=0)
    effective = effective_conductances(nice.nominal(levels), wire_ohm)
    modelled = read_noise(voltages, effective, nice, 1, 0).std(axis=0)
    assert (modelled / independent).mean() == pytest.approx(excess, abs=tolerance)


def test_noise_of_a_read_does_not_depend_on_the_reads_before():
    cells, noisy = CELLS.nominal(LEVELS[0]), replace(CELLS, read_noise=0.05)
    voltages = np.full((12, 60), 0.1)
    whole = read_noise(voltages, cells, noisy, 5, 3)
    np.testing.assert_allclose(read_noise(voltages[7:], cells, noisy, 5, 3, 7), whole[7:], rtol=1e-12)
    assert not np.allclose(whole[0], whole[1])


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"base_ohm": 0.0}, "base_ohm = 0.0"),
        ({"off_ohm": 1000.0}, "off_ohm = 1000.0 .* above 1275.93 Ohm, the resistance"),
        ({"top_level": 0}, "top_level = 0"),
        ({"device_noise": 1.5}, r"device_noise = 1.5 .* \[0, 1\]"),
        ({"read_noise": -0.1}, "read_noise = -0.1"),
        ({"stuck_on": 0.6, "stuck_off": 0.6}, "must be at most 1"),
        ({"drift_start_s": 0}, "drift_start_s = 0"),
        ({"endurance_cycles": 0.0}, "endurance_cycles = 0.0"),
        ({"endurance_cycles": 1e300}, r"endurance_cycles = 1e\+300 .* at most 1e\+30"),
        ({"endurance_shape": 1e-5}, r"endurance_shape = 1e-05 .* \[0.01, 100\]"),
        ({"endurance_shape": float("nan")}, "endurance_shape = nan"),
    ],
)
def test_wrong_cells_are_refused(change, message):
    with pytest.raises(InputError, match=message):
        replace(CELLS, **change)


def test_wrong_requests_are_refused():
    for arguments, message in (
        (([[[16]]], CELLS, 1, [0]), r"levels = 16 .* \[0, 15\]"),
        (([[[0.5]]], CELLS, 1, [0]), "levels = .* integers"),
        (([[1]], CELLS, 1, [0]), "levels"),
        (([[[1]]], CELLS, 1, [0, 1]), "array of 2 arrays"),
        (([[[1]]], CELLS, 2**32, [0]), "seed = 4294967296"),
        (([[[1]]], CELLS, 1, [-1]), "arrays = -1"),
        (([[[1]]], CELLS, 1, [0], 0.5), "time_s = 0.5 .* drift_start_s, 1"),
        (([[[1]]], CELLS, 1, [0], 1.0, -1.0), "cycles = -1.0"),
    ):
        with pytest.raises(InputError, match=message):
            written_cells(*arguments)
    for ratio in (1.0, 1e20, "a"):
        with pytest.raises(InputError, match="ratio = "):
            CELLS.with_ratio(ratio)


def test_numbers_of_cycles_may_be_small_and_not_wrong():
    worn = replace(CELLS, endurance_cycles=1e30)
    # The quotients 5e-354 and 1e-330 are 0 as floats.
    assert worn.worn_out(5e-324) == worn.worn_out(1e-300) == 0.0
    assert replace(worn, endurance_shape=0.01).worn_out(1e-300) == pytest.approx(-math.expm1(-(10**-3.3)))
    assert (written_cells([[[3]]], worn, 1, [0], cycles=1e-300) == CELLS.nominal(3)).all()
    assert worn.cycles_until(0.0) == 0.0
    assert math.isfinite(replace(worn, endurance_shape=0.01).cycles_until(1.0 - 2.0**-53))
    for ask, value in ((worn.worn_out, -1), (worn.worn_out, math.inf), (CELLS.worn_out, -1), (worn.worn_out, "a")):
        with pytest.raises(InputError, match="cycles = "):
            ask(value)
    for share in (1.0, -0.1, "a", math.nan):
        with pytest.raises(InputError, match="share = "):
            worn.cycles_until(share)
