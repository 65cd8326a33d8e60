from dataclasses import fields, replace

import numpy as np
import pytest

from simcore.accelerators.analogue.conversion import Converter
from simcore.accelerators.analogue.device import Device
from simcore.accelerators.analogue.study import ArrayCase, ArrayOutcome, _drawn, studied
from simcore.errors import InputError

CELLS = Device(base_ohm=19_139.0, off_ohm=1e8, top_level=8)
CASE = ArrayCase(24, CELLS, (0, 1, 2, 4, 8), Converter.of_levels(10, CELLS, 0.1), 0.1)


def changed(**fields_of_cells):
    return replace(CASE, device=replace(CELLS, **fields_of_cells))


def test_an_ideal_array_computes_exact_products():
    assert studied(CASE, 1) == ArrayOutcome(
        pytest.approx(1.0), pytest.approx(1.0), 0.0, 0.0, 0.0, clipped_share=0.0, decision_accuracy=1.0
    )


def test_an_outcome_is_a_function_of_case_and_seed():
    noisy = changed(device_noise=0.1, read_noise=0.1)
    assert studied(noisy, 1) == studied(noisy, 1) != studied(noisy, 2)


def test_levels_and_inputs_are_uniform():
    levels, inputs = _drawn(replace(CASE, size=200), 3, 400)
    found, counts = np.unique(levels, return_counts=True)
    assert found.tolist() == [0, 1, 2, 4, 8] and abs(counts / 40_000 - 0.2).max() < 0.01
    assert set(np.unique(inputs)) == {0, 1} and inputs.mean() == pytest.approx(0.5, abs=0.01)


def test_wires_take_current_and_more_of_them_more():
    shares = [studied(replace(CASE, wire_ohm=wire), 1).current_share for wire in (0.0, 0.5, 2.0, 5.0)]
    assert shares == sorted(shares, reverse=True)
    worst = studied(replace(CASE, wire_ohm=2.0), 1)
    assert worst.worst_column_share < worst.current_share < 1.0 and worst.error_mean < 0.0


@pytest.mark.parametrize("field", ["device_noise", "read_noise", "stuck_on", "stuck_off"])
def test_errors_grow_and_accuracy_falls_with_each_fault(field):
    outcomes = [studied(changed(**{field: value}), 1) for value in (0.0, 0.05, 0.3)]
    errors, accuracies = ([getattr(one, key) for one in outcomes] for key in ("error_rms", "decision_accuracy"))
    assert errors[0] == 0.0 < errors[1] < errors[2]
    assert accuracies[0] == 1.0 >= accuracies[1] > accuracies[2]


def test_errors_of_noise_have_the_size_that_noise_of_cells_gives():
    rms = studied(replace(changed(read_noise=0.2), size=100), 1).error_rms
    # Half the rows are driven; the mean square of levels is 17, and rounding adds 1/12.
    assert rms == pytest.approx((0.2**2 * 50 * 17 + 1 / 12) ** 0.5, rel=0.03)


def test_drift_lowers_all_currents_alike():
    aged = studied(replace(changed(drift_exponent=0.05), time_s=1e4), 1)
    assert aged.current_share == pytest.approx(1e4**-0.05) == pytest.approx(aged.worst_column_share)


def test_worn_out_cells_lose_their_current():
    worn = studied(replace(changed(endurance_cycles=1e6), size=100, cycles=1e6), 1)
    assert worn.current_share == pytest.approx(np.exp(-1), abs=0.03)


def test_codes_of_too_few_bits_are_clipped():
    narrow = studied(replace(CASE, converter=Converter.of_levels(4, CELLS, 0.1)), 1)
    assert narrow.clipped_share > 0.9 and narrow.decision_accuracy < 0.5


def test_a_small_ratio_costs_no_more_than_rounding():
    cells = CELLS.with_ratio(10.0)
    case = replace(CASE, device=cells, converter=Converter.of_levels(10, cells, 0.1))
    assert studied(case, 1).error_worst <= 1.0


def test_outcomes_are_finite_even_of_the_smallest_array():
    outcome = studied(replace(CASE, size=2, wire_ohm=5.0), 4)
    assert all(np.isfinite(getattr(outcome, field.name)) for field in fields(outcome))


def test_wrong_cases_are_refused():
    for change, message in (
        ({"size": 1}, "size = 1"),
        ({"size": 257}, r"size = 257 .* \[2, 256\]"),
        ({"device": None}, "device = None"),
        ({"levels": ()}, r"levels = \(\)"),
        ({"levels": None}, "levels = None"),
        ({"levels": ("a",)}, "levels = .*'a'"),
        ({"levels": (0, 1.5)}, "levels = .*1.5"),
        ({"levels": (0, 9)}, r"levels = 9 .* \[0, 8\]"),
        ({"converter": None}, "converter = None"),
        ({"read_v": "x"}, "read_v = 'x'"),
        ({"read_v": 1e5}, "read_v = 100000.0"),
        ({"wire_ohm": -1.0}, "wire_ohm = -1.0"),
        ({"time_s": 0.5}, "time_s = 0.5"),
        ({"cycles": -1.0}, "cycles = -1.0"),
        ({"wire": 1.0}, "has no argument 'wire'; did you mean wire_ohm"),
    ):
        with pytest.raises(InputError, match=message):
            replace(CASE, **change)
    for arguments, message in (
        ((None, 1), "case = None"),
        ((CASE, "a"), "seed = 'a'"),
        ((CASE, 1, 0), "reads = 0"),
        ((CASE, 1, 10**13), "reads = 10000000000000"),
    ):
        with pytest.raises(InputError, match=message):
            studied(*arguments)
