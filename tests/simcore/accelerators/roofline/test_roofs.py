"""Roofs of throughput and energy: what binds, what dominates, and that nothing is above them."""

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore.accelerators.roofline.machine import Level, Machine, Point
from simcore.accelerators.roofline.roofs import (
    BOUND_TIME,
    as_executed,
    energy_ridges,
    energy_roof,
    intensity,
    placed,
    ridges,
    throughput_roof,
)
from simcore.errors import InputError

UNKNOWN = {"time_s": "not run", "energy_j": "not run"}
BANDWIDTH, ENERGY, PEAK = {"bandwidth_bytes_per_s": "secret"}, {"energy_j_per_byte": "secret"}, 1000.0
MACHINE = Machine(
    "machine", "A machine", "operation", PEAK, (Level("near", 500.0, 0.5), Level("far", 100.0, 4.0)), 2.0, 300.0
)
positive = st.floats(1e-6, 1e6)


def work(near, far, **more):
    given = {"reasons": UNKNOWN, **more}
    return Point("work", 100.0, {"near": near, "far": far}, **given)


def test_the_least_of_peak_and_levels_binds():
    for moved, bound_by, roof in (
        ((10.0, 1.0), "compute", 1000.0),
        ((10.0, 20.0), "far", 500.0),
        ((250.0, 20.0), "near", 200.0),
    ):
        found = throughput_roof(MACHINE, work(*moved))
        assert (found.bound_by, found.ops_per_s) == (bound_by, roof)
        assert found.limits_ops_per_s["far"] == pytest.approx(100.0 * 100.0 / moved[1])
    assert ridges(MACHINE) == {"near": 2.0, "far": 10.0}


def test_utilisation_lowers_the_peak_and_no_level():
    found = throughput_roof(MACHINE, work(10.0, 20.0, utilisation=0.1))
    assert found.limits_ops_per_s == {"compute": 100.0, "near": 5000.0, "far": 500.0}


def test_energy_is_a_sum_of_parts_and_static_power_is_charged_for_the_time_at_the_roof():
    found = energy_roof(MACHINE, work(10.0, 20.0))
    assert found.parts_j_per_op == {"arithmetic": 2.0, "near": 0.05, "far": 0.8, "static power": 300.0 / 500.0}
    assert found.dominated_by == "arithmetic" and found.without == {}
    assert found.j_per_op == pytest.approx(3.45) and found.ops_per_j == pytest.approx(1 / 3.45)
    slow = energy_roof(MACHINE, work(10.0, 20.0, time_s=2.0, reasons={"energy_j": "no meter"}))
    assert slow == found


def test_at_its_energy_ridge_a_level_costs_as_much_as_the_arithmetic():
    found = energy_ridges(MACHINE)
    assert found == {"near": 0.25, "far": 2.0}
    parts = energy_roof(MACHINE, work(100.0 / found["near"], 100.0 / found["far"])).parts_j_per_op
    assert parts["near"] == parts["far"] == parts["arithmetic"]


def test_an_energy_ridge_is_known_where_only_the_ratio_of_energies_is():
    relative = Level("far", 100.0, None, 7.0, ENERGY)
    machine = replace(MACHINE, levels=(relative,), op_energy_j=None, reasons={"op_energy_j": "secret"})
    assert energy_ridges(machine) == {"far": 7.0}
    assert set(energy_roof(machine, work(1.0, 1.0)).without) == {"arithmetic", "far"}


def test_what_is_not_known_is_left_out_with_the_reason():
    levels = Level("near", None, 1.0, reasons=BANDWIDTH), Level("far", 100.0, None, reasons=ENERGY)
    reasons = {"peak_ops_per_s": "no clock", "op_energy_j": "no meter", "static_w": "no meter"}
    machine = Machine("m", "M", "operation", None, levels, reasons=reasons)
    found = throughput_roof(machine, work(10.0, 20.0))
    assert (found.bound_by, found.ops_per_s) == ("far", 500.0)
    assert found.without == {"compute": "no clock", "near": "secret"}
    assert energy_roof(machine, work(10.0, 20.0)).without == {
        "arithmetic": "no meter",
        "far": "secret",
        "static power": "no meter",
    }
    uncounted = Point("work", 100.0, {"near": 10.0}, reasons={**UNKNOWN, "far": "no counter"})
    nothing = placed(machine, uncounted)
    assert (nothing.throughput.ops_per_s, nothing.throughput.bound_by) == (None, None)
    assert nothing.throughput.without["far"] == "no counter"
    assert nothing.regime == ("the throughput roof is unknown, energy dominated by near among the known parts")
    assert ridges(machine) == {"near": None, "far": None} and energy_ridges(machine)["near"] is None


def test_static_power_has_no_part_where_no_throughput_roof_is_known():
    machine = Machine("m", "M", "operation", None, (), 1.0, 2.0, reasons={"peak_ops_per_s": "no clock"})
    found = energy_roof(machine, Point("work", 1.0, {}, reasons=UNKNOWN))
    assert "static power" in found.without and found.j_per_op == 1.0


def test_a_level_that_moves_nothing_neither_binds_nor_costs():
    point = work(0.0, 20.0)
    assert intensity(point, "near") == math.inf and intensity(point, "L9") is None
    assert "near" not in throughput_roof(MACHINE, point).limits_ops_per_s
    assert energy_roof(MACHINE, point).parts_j_per_op["near"] == 0.0


def test_regimes_are_named():
    assert placed(MACHINE, work(10.0, 1.0)).regime == "compute bound, energy dominated by arithmetic"
    assert placed(MACHINE, work(10.0, 200.0)).regime == "bound by far, energy dominated by far"


def test_a_regime_says_that_a_roof_is_not_known():
    dark = replace(MACHINE, levels=(Level("near", None, 0.5, reasons=BANDWIDTH), MACHINE.levels[1]))
    assert placed(dark, work(10.0, 200.0)).regime == (
        "bound by far among the known roofs, energy dominated by far among the known parts"
    )
    assert energy_roof(dark, work(10.0, 200.0)).without == {"static power": BOUND_TIME}


def test_a_point_above_a_roof_has_a_fault_without_any_tolerance():
    reasons = {"energy_j": "no meter"}
    roof_time = 100.0 / 500.0
    on_it = placed(MACHINE, work(10.0, 20.0, time_s=roof_time, reasons=reasons))
    assert on_it.of_throughput_roof == 1.0 and on_it.faults == ()
    above = placed(MACHINE, work(10.0, 20.0, time_s=math.nextafter(roof_time, 0.0), reasons=reasons))
    assert above.of_throughput_roof > 1.0
    assert above.faults == ("work on machine is above its throughput roof: 500 exceeds 500 operations/s",)


def test_too_little_energy_is_a_fault():
    exact = 100.0 * energy_roof(MACHINE, work(10.0, 20.0)).j_per_op
    enough = placed(MACHINE, work(10.0, 20.0, energy_parts_j={"all": 1.01 * exact}))
    assert enough.of_energy_roof == pytest.approx(1 / 1.01) and enough.faults == ()
    little = placed(MACHINE, work(10.0, 20.0, energy_parts_j={"all": 0.99 * exact}))
    assert len(little.faults) == 1 and "above its energy roof" in little.faults[0]


def test_a_level_that_the_machine_lacks_is_refused():
    with pytest.raises(InputError, match="level = 'L3' is unknown: machine has near, far"):
        placed(MACHINE, Point("work", 1.0, {"L3": 1.0}, reasons=UNKNOWN))


def test_executed_operations_move_a_point_and_keep_its_energy():
    point = work(10.0, 20.0, executed_ops=25.0, time_s=1.0, reasons={"energy_j": "no meter"})
    executed = as_executed(point)
    assert (executed.ops, executed.utilisation, executed.executed_ops) == (25.0, 0.25, None)
    assert intensity(executed, "far") == intensity(point, "far") / 4
    assert throughput_roof(MACHINE, executed).ops_per_s == throughput_roof(MACHINE, point).ops_per_s / 4
    total = 100.0 * energy_roof(MACHINE, point).j_per_op
    assert 25.0 * energy_roof(MACHINE, executed).j_per_op == pytest.approx(total)
    assert as_executed(executed) is executed


@given(positive, positive, st.floats(1.0, 10.0))
def test_the_throughput_roof_never_falls_with_the_intensity_and_is_flat_beyond_the_ridge(near, far, factor):
    more = throughput_roof(MACHINE, work(near, far)).ops_per_s
    less = throughput_roof(MACHINE, work(factor * near, factor * far)).ops_per_s
    assert less <= more <= PEAK
    if 100.0 / far > 10.0 and 100.0 / near > 2.0:
        assert more == PEAK


@given(positive, positive, st.floats(0.01, 0.99))
def test_the_energy_roof_is_additive_and_has_no_kink(near, far, share):
    """Energy without static power is linear in the traffic: that of a mean of two points is the mean of both."""
    machine = replace(MACHINE, static_w=0.0)

    def energy(*moved):
        return energy_roof(machine, work(*moved)).j_per_op

    mixed = energy(share * near, share * far)
    assert mixed == pytest.approx(share * energy(near, far) + (1 - share) * energy(0.0, 0.0))


@given(positive, positive, st.floats(0.01, 1.0), st.floats(0.1, 10.0))
def test_measured_over_roof_is_above_1_exactly_where_there_is_a_fault(near, far, utilisation, speed):
    point = work(near, far, utilisation=utilisation)
    roof = throughput_roof(MACHINE, point).ops_per_s
    found = placed(MACHINE, replace(point, time_s=100.0 / (speed * roof)))
    assert (len(found.faults) == 1) == (found.of_throughput_roof > 1.0)
    assert speed < 0.999 or found.of_throughput_roof > 0.99


def test_operations_that_cannot_be_counted_as_executed_are_refused_with_the_names_of_their_fields():
    with pytest.raises(InputError, match=r"point work: utilisation = 1e-20 .* times ops / executed_ops = 1e.20"):
        work(10.0, 20.0, utilisation=1e-20, executed_ops=1e-18)
    few = work(10.0, 20.0, utilisation=1e-10, executed_ops=1e-18)
    assert as_executed(few).utilisation == pytest.approx(1e-30)
