"""Energy of runs from sheets: each part by hand, what contains what, and what is not published."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.neuromorphic import Chip, Fact, chip_names, load_chip
from simcore.neuromorphic.costs.energy import PARTS, energy_parts
from simcore.neuromorphic.noc.system import make_system
from simcore.neuromorphic.noc.topology import EAST_WEST, NORTH_SOUTH, OTHER
from simcore.neuromorphic.sheets.quantities import QUANTITIES
from simcore.neuromorphic.traffic.counts import RunCounts

LOIHI, FITTED = load_chip("loihi1"), load_chip("loihi1_sanafe")
LINKS = {
    "link_kind": np.array([EAST_WEST, NORTH_SOUTH, OTHER, EAST_WEST], dtype=np.int8),
    "link_crosses_chip": np.array([False, False, False, True]),
    "link_origin": np.array([0, 1, 2, 3]),
    "link_target": np.array([1, 2, 3, 0]),
}
SYSTEM = replace(make_system(LOIHI, 16), **LINKS)
EACH_J = {
    "synop_j": ("synop", 7e-12),
    "update_active_j": ("update", 11e-12),
    "spike_out_j": ("spike", 13e-12),
    "message_in_j": ("message", 17e-12),
    "message_out_j": ("message", 19e-12),
    "within_tile_j": ("hop", 1e-12),
    "hop_ew_j": ("hop", 3e-12),
    "hop_ns_j": ("hop", 3e-12),
    "chip_to_chip_bit_j": ("hop", 2e-12),
    "barrier_j": ("barrier", 23e-12),
}
OTHERS = {
    "message_bits": 32.0,
    "static_w_per_chip": 0.1,
    "static_w_per_core": 0.01,
    "clock_hz": 1e6,
    "clock_cycle_j": 1e-12,
}


def run(synops=0, spikes=0, entered=0, left=0, within=0, hops=(0, 0, 0, 0), steps=10, neurons=64):
    by_core = [np.array([value, *([0] * 15)]) for value in (neurons, synops, spikes, entered, left)]
    return RunCounts(steps, *by_core, within, np.array(hops), np.array(hops))


def fact(key, value, includes=()):
    return Fact(QUANTITIES[key], f"{value}", ("Me",), "derived", value=value, includes=includes)


def sheet(*facts):
    return Chip("mine", "Mine", "digital clocked", "integrate-and-fire", facts, (), ())


def without(chip, *keys):
    return replace(chip, facts=tuple(fact for fact in chip.facts if fact.quantity.key not in keys))


COMPLETE = sheet(*(fact(key, value) for key, (_, value) in EACH_J.items()), *(fact(*item) for item in OTHERS.items()))
BUSY = run(1000, 20, 70, 80, 30, (40, 50, 60, 70))


def test_each_part_by_hand():
    found = energy_parts(LOIHI, run(1000, 20, 70, 80, 30, (40, 50, 0, 0)), SYSTEM, 2e-3)
    assert found.parts["synop"] == pytest.approx(1000 * 23.6e-12)
    assert found.parts["update"] == pytest.approx(64 * 10 * 81e-12)
    assert found.parts["hop"] == pytest.approx(30 * 1.7e-12 + 40 * 3.0e-12 + 50 * 4.0e-12)
    assert found.parts["static"] == pytest.approx(0.1044 * 2e-3)
    assert found.parts["spike"] is found.parts["message"] is found.parts["barrier"] is None
    assert found.total_j == pytest.approx(sum(value for value in found.parts.values() if value is not None))


def test_each_part_of_a_complete_sheet():
    found = energy_parts(COMPLETE, BUSY, SYSTEM, 2e-3)
    assert found.reasons == found.lower_bounds == {} and found.assumptions == ()
    assert found.parts["spike"] == pytest.approx(20 * 13e-12)
    assert found.parts["message"] == pytest.approx(70 * 17e-12 + 80 * 19e-12)
    # Links of any direction cost alike here, and the last one leads to another chip, with 32 bits.
    assert found.parts["hop"] == pytest.approx(30 * 1e-12 + (40 + 50 + 60 + 70) * 3e-12 + 70 * 32 * 2e-12)
    assert found.parts["barrier"] == pytest.approx(10 * 23e-12)
    assert found.parts["static"] == pytest.approx((0.1 + 16 * 0.01 + 1e6 * 1e-12) * 2e-3)
    assert list(found.parts) == list(PARTS) and found.total_j == pytest.approx(sum(found.parts.values()))


def test_the_case_that_was_run_in_sanafe():
    # 16 cores of 64 neurons, all fire in each of 20 steps; its 102,160 hops led from north to south.
    counts = run(655_360, 20_480, 81_920, 81_920, hops=(0, 102_160, 0, 0), steps=20, neurons=1024)
    found = energy_parts(FITTED, counts, SYSTEM, None)
    assert found.parts["synop"] == pytest.approx(23.26528e-6, rel=1e-12)
    assert found.parts["update"] + found.parts["spike"] == pytest.approx(2.910208e-6, rel=1e-12)
    assert found.parts["message"] + found.parts["hop"] == pytest.approx(9.522192e-6, rel=1e-12)
    assert found.total_j == pytest.approx(35.69768e-6, rel=1e-12)


def test_what_is_left_out_is_named():
    found = energy_parts(LOIHI, BUSY, SYSTEM, 2e-3)
    assert found.reasons["spike"] == "spike_out_j (unpublished: a separate energy is not stated)"
    assert set(found.reasons) == {"spike", "message", "barrier"} and set(found.lower_bounds) == {"hop", "total"}
    for key in ("spike_out_j", "message_in_j", "message_out_j", "barrier_j"):
        assert f"{key} (unpublished" in found.lower_bounds["total"]


@pytest.mark.parametrize(
    ("key", "part"), [(key, part) for key, (part, _) in EACH_J.items()] + [("static_w_per_chip", "static")]
)
def test_a_missing_figure_makes_part_and_total_lower_bounds(key, part):
    complete, found = (energy_parts(chip, BUSY, SYSTEM, 2e-3) for chip in (COMPLETE, without(COMPLETE, key)))
    assert found.total_j < complete.total_j
    assert f"{key} (not in the sheet)" in found.lower_bounds["total"]
    why = found.reasons if found.parts[part] is None else found.lower_bounds
    assert set(found.reasons) | set(found.lower_bounds) == {part, "total"} and key in why[part]
    others = {name: value for name, value in complete.parts.items() if name != part}
    assert {name: value for name, value in found.parts.items() if name != part} == others


def test_nothing_happened_needs_no_figure():
    found = energy_parts(without(COMPLETE, *EACH_J), run(steps=0), SYSTEM, 0.0)
    assert set(found.parts.values()) == {0.0} and found.total_j == 0.0 and found.lower_bounds == {}


def test_what_another_figure_contains_is_neither_added_nor_missed():
    chip = load_chip("truenorth")
    found = energy_parts(chip, run(1000, 20, 70, 80, 30, (40, 50, 0, 0)), SYSTEM, 2e-3)
    assert found.total_j == pytest.approx(1000 * 2.297e-12 + 64.43e-3 * 2e-3) and found.lower_bounds == {}
    assert found.parts["hop"] is None and "hop_ew_j is part of synop_j" in found.reasons["hop"]
    assert found.reasons["barrier"] == "barrier_j is part of static_w_per_chip"


def test_a_core_of_spinnaker_is_paid_for_by_time_and_packets_by_routers():
    chip, system = load_chip("spinnaker1"), replace(SYSTEM, chips=3)
    found = energy_parts(chip, BUSY, system, 2e-3)
    # The router of its own chip, and of each to which it goes on, in whatever direction.
    packets = 80 + 40 + 50 + 60 + 70
    assert found.total_j == pytest.approx((3 * 0.35 + 16 * 0.034) * 2e-3 + packets * 1e-9)
    assert found.lower_bounds == {} and found.reasons["synop"] == "synop_j is part of static_w_per_core"


def test_links_without_a_direction_cost_nothing_known_where_directions_differ():
    found = energy_parts(LOIHI, run(hops=(0, 0, 60, 0)), SYSTEM, 1e-3)
    assert found.parts["hop"] is None and "neither east-west nor north-south" in found.reasons["hop"]
    absent = energy_parts(without(COMPLETE, "hop_ew_j"), run(hops=(0, 0, 60, 0)), SYSTEM, 1e-3)
    assert absent.reasons["hop"] == "hop_ew_j (not in the sheet)"


def test_a_message_that_passes_a_router_between_chips_crosses_once():
    star = replace(SYSTEM, link_crosses_chip=np.ones(4, dtype=bool), chip_of_router=np.array([0, -1, 1, 2, 3, 4]))
    found = energy_parts(without(COMPLETE, "hop_ew_j", "hop_ns_j"), run(hops=(5, 5, 0, 0)), star, 0.0)
    # From router 0, of a chip, to 1, of none, to 2, of another chip.
    assert found.parts["hop"] == pytest.approx(5 * 32 * 2e-12)


def test_bits_of_a_message_are_needed_between_chips():
    found = energy_parts(without(COMPLETE, "message_bits"), BUSY, SYSTEM, 1e-3)
    assert found.lower_bounds["hop"] == "message_bits (not in the sheet)"


def test_static_energy_needs_the_time():
    unknown = energy_parts(COMPLETE, BUSY, SYSTEM, None)
    assert unknown.parts["static"] is None
    assert unknown.lower_bounds["total"] == unknown.reasons["static"]
    assert "static_w_per_chip, over a time that is unknown" in unknown.reasons["static"]
    absent = energy_parts(without(COMPLETE, "static_w_per_chip"), BUSY, SYSTEM, None)
    assert absent.reasons["static"].startswith("static_w_per_chip (not in the sheet); static_w_per_core, over a")
    at_least = energy_parts(COMPLETE, BUSY, SYSTEM, 2e-3, "spike_out_s (not stated)")
    assert at_least.parts["static"] == energy_parts(COMPLETE, BUSY, SYSTEM, 2e-3).parts["static"]
    assert at_least.lower_bounds["static"] == "power over a time that leaves out spike_out_s (not stated)"
    assert at_least.lower_bounds["total"] == at_least.lower_bounds["static"]


def test_a_clock_whose_frequency_is_not_known():
    found = energy_parts(without(COMPLETE, "clock_hz"), BUSY, SYSTEM, 2e-3)
    assert found.lower_bounds["static"] == "clock_hz (not in the sheet)"
    assert found.parts["static"] == pytest.approx((0.1 + 16 * 0.01) * 2e-3)


def test_a_barrier_by_size_and_a_core_that_needs_none():
    table = replace(fact("barrier_j", None), table=((1, 1e-9), (7, 4e-9)), over="tiles")
    found = energy_parts(sheet(table), run(), SYSTEM, 0.0)
    assert found.parts["barrier"] == pytest.approx(10 * 2.5e-9)
    assert found.assumptions == ("barrier_j at 4 tiles is interpolated between two rows of the table",)
    alone = replace(make_system(LOIHI, 1), **LINKS)
    assert energy_parts(sheet(), run(), alone, 0.0).parts["barrier"] == 0.0


def test_power_over_events_at_one_load_is_never_used():
    chip = sheet(fact("synop_all_in_j", 1e-9))
    found = energy_parts(chip, BUSY, SYSTEM, 1e-3)
    assert found.total_j is None and "synop_j (not in the sheet)" in found.reasons["total"]
    chip = sheet(replace(fact("synop_j", 1e-9), scope="all-in"))
    found = energy_parts(chip, BUSY, SYSTEM, 1e-3)
    assert found.total_j is None and found.reasons["synop"].startswith("synop_j (all-in")


amounts = st.integers(0, 10**9)
runs = st.builds(
    run, amounts, amounts, amounts, amounts, amounts, st.tuples(*[amounts] * 4), amounts, st.integers(1, 10**6)
)


@settings(deadline=None)
@given(runs, st.integers(1, 1000))
def test_energy_is_linear_in_counts_and_time(counts, factor):
    summed = ("steps", "synops", "spikes", "messages_in", "messages_out", "within_tile", "link_messages")
    more = replace(counts, **{name: factor * getattr(counts, name) for name in summed})
    once, often = energy_parts(COMPLETE, counts, SYSTEM, 1e-3), energy_parts(COMPLETE, more, SYSTEM, factor * 1e-3)
    for part in PARTS:
        assert often.parts[part] == pytest.approx(factor * once.parts[part], rel=1e-12)


@settings(deadline=None)
@given(
    st.sampled_from(chip_names()) | st.none(),
    st.sets(st.sampled_from([*EACH_J, *OTHERS])),
    runs,
    st.none() | st.floats(0, 1),
)
def test_total_reasons_and_bounds_fit_together(name, absent, counts, duration_s):
    chip = without(COMPLETE, *absent) if name is None else load_chip(name)
    found = energy_parts(chip, counts, SYSTEM, duration_s)
    for part, value in (*found.parts.items(), ("total", found.total_j)):
        assert (value is None) == (part in found.reasons)
        assert part not in found.reasons or part not in found.lower_bounds
    known = [value for value in found.parts.values() if value is not None]
    # A part of 0 J is one in which nothing happened: it makes no total.
    assert (found.total_j is None) == (not any(known) and bool(found.reasons))
    if found.total_j is not None:
        assert found.total_j == pytest.approx(sum(known))
    missing = {part for part, why in found.reasons.items() if "is part of" not in why} | set(found.lower_bounds)
    assert bool(missing - {"total"}) == ("total" in missing)
