"""Duration of steps from sheets: each part by hand, and what is not published."""

from dataclasses import fields, replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.errors import InputError
from simcore.neuromorphic import chip_names, load_chip
from simcore.neuromorphic.costs.step_time import FURTHER, core_times, fixed_tick, step_times
from simcore.neuromorphic.noc.system import make_system
from simcore.neuromorphic.sheets.quantities import QUANTITIES
from simcore.neuromorphic.sheets.sheet import Fact, Word
from simcore.neuromorphic.traffic.counts import CoreTimes, StepSummary

FITTED = load_chip("loihi1_sanafe")
PARTS = ("memory", "compute", "traffic", "barrier")
SYSTEM = make_system(load_chip("loihi1"), 16)
NEURONS = 100


def without(chip, *keys):
    return replace(chip, facts=tuple(fact for fact in chip.facts if fact.quantity.key not in keys))


def summary(chip, synops, spikes, messages, hops):
    """Steps in which all happens in one core, and all messages take one link."""
    times, n = core_times(chip), len(synops)
    counts = {
        name: np.array(values)
        for name, values in zip(("synops", "spikes", "messages", "hops"), (synops, spikes, messages, hops), strict=True)
    }
    cost = [
        value or 0.0
        for value in (times.synop_s, times.message_in_s, times.update_s, times.spike_out_s, times.message_out_s)
    ]
    zeros = np.zeros(n, dtype=np.int64)
    return StepSummary(
        **counts,
        synops_max=counts["synops"],
        synops_max_core=zeros,
        messages_in_max=counts["messages"],
        messages_out_max=counts["messages"],
        spikes_max=counts["spikes"],
        link_messages_max=counts["hops"],
        busiest_link=zeros,
        memory_s=counts["synops"] * cost[0] + counts["messages"] * cost[1],
        compute_s=NEURONS * cost[2] + counts["spikes"] * cost[3] + counts["messages"] * cost[4],
    )


BUSY = ([800, 0, 300], [5, 0, 2], [20, 0, 7], [15, 0, 0])
SILENT = ([0, 0], [0, 0], [0, 0], [0, 0])


def test_each_part_by_hand():
    chip = load_chip("loihi1")
    times = step_times(chip, SYSTEM, summary(chip, *BUSY), 0.1)
    assert times.memory_s == pytest.approx([2.8e-6, 0.0, 1.05e-6])
    assert times.compute_s == pytest.approx([0.84e-6] * 3)
    assert times.traffic_s == pytest.approx([15 / 3.44e9, 0.0, 0.0])
    # 4 tiles, between 113 ns at 1 and 465 ns at 32.
    assert times.barrier_s == pytest.approx([113e-9 + 352e-9 * 3 / 31] * 3)
    assert times.total_s - times.barrier_s == pytest.approx([2.8e-6, 0.84e-6, 1.05e-6])
    assert times.tick_s is None and times.missed_deadlines is None
    assert times.reasons == {"missed_deadlines": "steps have no fixed time"}
    assert times.assumptions == ("barrier_s at 4 tiles is interpolated between two rows of the table",)


def test_what_is_left_out_is_named():
    chip = load_chip("loihi1")
    bounds = step_times(chip, SYSTEM, summary(chip, *BUSY), 0.1).lower_bounds
    assert bounds["memory"] == "message_in_s (unpublished: a separate time is not stated)"
    assert "spike_out_s (unpublished" in bounds["compute"] and "message_out_s (unpublished" in bounds["compute"]
    assert set(bounds) == {"memory", "compute", "total"}
    assert bounds["total"] == f"{bounds['memory']}; {bounds['compute']}"


def test_a_figure_for_what_did_not_happen_is_not_missed():
    chip = load_chip("loihi1")
    times = step_times(chip, SYSTEM, summary(chip, *SILENT), 0.1)
    assert times.lower_bounds == {}
    nothing = without(FITTED, "synop_s", "message_in_s", "spike_out_s", "message_out_s")
    times = step_times(nothing, SYSTEM, summary(nothing, *SILENT), 0.1)
    assert times.lower_bounds == {} and times.memory_s.tolist() == times.traffic_s.tolist() == [0.0, 0.0]


def test_a_published_zero_is_known():
    facts = tuple(replace(fact, value=0.0) if fact.quantity.key == "message_in_s" else fact for fact in FITTED.facts)
    free = replace(FITTED, facts=facts)
    assert "memory" not in step_times(free, SYSTEM, summary(free, *BUSY), 0.1).lower_bounds


@pytest.mark.parametrize(
    ("key", "part"),
    [
        ("synop_s", "memory"),
        ("message_in_s", "memory"),
        ("update_active_s", "compute"),
        ("spike_out_s", "compute"),
        ("message_out_s", "compute"),
    ],
)
def test_a_sheet_without_a_time_of_a_core_gives_a_lower_bound(key, part):
    complete, chip = step_times(FITTED, SYSTEM, summary(FITTED, *BUSY), 0.1), without(FITTED, key)
    times = step_times(chip, SYSTEM, summary(chip, *BUSY), 0.1)
    assert part not in complete.lower_bounds
    assert times.lower_bounds[part] == f"{key} (not in the sheet)"
    assert key in times.lower_bounds["total"]
    assert (times.total_s <= complete.total_s).all()


@pytest.mark.parametrize(
    ("keys", "part"),
    [
        (("synop_s", "message_in_s"), "memory"),
        (("update_active_s", "spike_out_s", "message_out_s"), "compute"),
        (("link_bandwidth_spikes_per_s",), "traffic"),
        (("barrier_s",), "barrier"),
    ],
)
def test_a_sheet_with_no_time_of_a_part_leaves_it_out(keys, part):
    chip = without(FITTED, *keys)
    times = step_times(chip, SYSTEM, summary(chip, *BUSY), 0.1)
    assert getattr(times, f"{part}_s") is None
    assert all(key in times.reasons[part] and key in times.lower_bounds["total"] for key in keys)


def test_a_chip_without_times():
    chip = load_chip("akida1000")
    times = step_times(chip, SYSTEM, summary(chip, *BUSY), 0.1)
    assert [getattr(times, f"{part}_s") for part in (*PARTS, "total")] == [None] * 5
    assert set(times.reasons) == {*PARTS, "total", "missed_deadlines"} and times.lower_bounds == {}
    assert times.reasons["barrier"] in times.reasons["total"]


def test_synaptic_events_in_clock_cycles():
    assert core_times(load_chip("odin")) == CoreTimes(pytest.approx(2 / 75e6), None, None, None, None)
    assert core_times(without(load_chip("odin"), "clock_hz")).synop_s is None
    assert core_times(FITTED) == CoreTimes(*map(pytest.approx, (3.8e-9, 16e-9, 9.7e-9, 30e-9, 5.1e-9)))


@pytest.mark.parametrize(("chips", "seconds"), [(256, 14.3e-6), (512, 15.25e-6), (768, 16.2e-6), (30, 14.3e-6)])
def test_several_chips_have_a_barrier_of_their_own(chips, seconds):
    chip = load_chip("loihi1")
    times = step_times(chip, replace(SYSTEM, chips=chips), summary(chip, *BUSY), 0.1)
    assert times.barrier_s == pytest.approx([seconds] * 3)
    held = "barrier_chips_s at 30 chips is taken from the nearest row of the table"
    assert (held in times.assumptions) == (chips == 30)
    assert "barrier" not in times.lower_bounds


def test_the_barrier_of_one_chip_is_a_lower_bound_for_several():
    times = step_times(FITTED, replace(SYSTEM, chips=2, tiles=40), summary(FITTED, *BUSY), 0.1)
    assert times.barrier_s == pytest.approx([1.8e-6] * 3)
    assert times.lower_bounds["barrier"] == "barrier_chips_s (not in the sheet)"
    assert "barrier_chips_s" in times.lower_bounds["total"]


def test_a_single_core_waits_for_nobody():
    chip, alone = load_chip("odin"), make_system(load_chip("loihi1"), 1)
    times = step_times(chip, alone, summary(chip, *BUSY), 0.1)
    assert times.barrier_s.tolist() == [0.0] * 3 and "barrier" not in times.lower_bounds
    # Loihi's barrier of one tile is published, and holds for one core as well.
    assert step_times(load_chip("loihi1"), alone, summary(chip, *BUSY), 0.1).barrier_s[0] == 113e-9


def test_a_tick_lasts_as_long_as_it_is_fixed():
    chip = load_chip("truenorth")
    times = step_times(chip, SYSTEM, summary(chip, *BUSY), 0.1)
    assert times.tick_s == 1e-3 and times.total_s.tolist() == [1e-3] * 3
    assert times.missed_deadlines is None
    assert "all work of a step fits into its tick" in times.reasons["missed_deadlines"]
    assert times.lower_bounds == {} and "assumed to fit into the tick: synop_s" in times.assumptions[-1]
    assert "barrier" not in times.assumptions[-1], "the tick is the barrier"
    faster = step_times(chip, SYSTEM, summary(chip, *BUSY), 0.1, tick_s=50e-6)
    assert faster.total_s.tolist() == [50e-6] * 3


def test_work_that_takes_longer_misses_the_tick():
    chip = replace(FITTED, facts=(*FITTED.facts, load_chip("loihi1").fact("link_bandwidth_spikes_per_s")))
    free = step_times(chip, SYSTEM, summary(chip, *BUSY), 0.1)
    assert free.lower_bounds == {}
    ticking = step_times(chip, SYSTEM, summary(chip, *BUSY), 0.1, tick_s=3e-6)
    assert (free.total_s > 3e-6).tolist() == [True, False, False] and ticking.missed_deadlines == 1
    assert ticking.total_s == pytest.approx(np.maximum(free.total_s, 3e-6))
    assert ticking.reasons == {} and ticking.lower_bounds == {} and ticking.assumptions == free.assumptions
    assert step_times(chip, SYSTEM, summary(chip, *BUSY), 0.1, tick_s=1.0).missed_deadlines == 0


@pytest.mark.parametrize("tick_s", [0.0, -1.0, float("nan"), float("inf"), 47e-6])
def test_a_tick_that_cannot_be_is_refused(tick_s):
    chip = load_chip("truenorth")
    with pytest.raises(InputError, match="tick_s = "):
        step_times(chip, SYSTEM, summary(chip, *BUSY), 0.1, tick_s=tick_s)


STEPLESS = ("brainscales2", "dynap_se", "speck")


@pytest.mark.parametrize("name", STEPLESS)
def test_a_tick_of_a_chip_without_steps_is_refused(name):
    with pytest.raises(InputError, match=f"tick_s = 0.001 .*{name} does not run in steps"):
        fixed_tick(load_chip(name), 0.1, 1e-3)
    assert [chip for chip in chip_names() if load_chip(chip).word("steps") is False] == list(STEPLESS)


def test_analogue_circuits_follow_their_own_time():
    chip = load_chip("brainscales2")
    times = step_times(chip, SYSTEM, summary(chip, *BUSY), 0.1)
    assert times.tick_s == pytest.approx(0.1e-6) and times.total_s == pytest.approx([0.1e-6] * 3)


OVERLAPPING = replace(load_chip("loihi1"), words=(*load_chip("loihi1").words, Word("barrier_overlaps", True, ("own",))))


def stating(chip, **values):
    """The chip with these quantities, too."""
    facts = (Fact(QUANTITIES[key], "", (), "vendor", value=value) for key, value in values.items())
    return replace(chip, facts=(*chip.facts, *facts))


def test_a_barrier_that_overlaps_is_one_of_the_parts_of_which_the_longest_decides():
    before = step_times(load_chip("loihi1"), SYSTEM, summary(OVERLAPPING, *BUSY), 0.1)
    times = step_times(OVERLAPPING, SYSTEM, summary(OVERLAPPING, *BUSY), 0.1)
    assert times.total_s.tolist() == np.max([times.memory_s, times.compute_s, times.barrier_s], axis=0).tolist()
    assert times.barrier_s.tolist() == before.barrier_s.tolist() and (times.total_s < before.total_s).all()
    slow = replace(OVERLAPPING, facts=tuple(
        replace(fact, table=(), over=None, value=1e-3) if fact.quantity.key == "barrier_s" else fact
        for fact in OVERLAPPING.facts
    ))  # fmt: skip
    assert step_times(slow, SYSTEM, summary(slow, *BUSY), 0.1).total_s.tolist() == [1e-3] * 3


def test_loihi_2_has_a_barrier_that_overlaps_and_loihi_has_none():
    assert [name for name in chip_names() if load_chip(name).word("barrier_overlaps")] == ["loihi2"]
    for name in chip_names():
        assert all(load_chip(name).fact(key) is None for key in FURTHER.values())


def test_reads_and_core_links_are_parts_of_sheets_that_state_them():
    counts = replace(
        summary(FITTED, *BUSY), reads_max=np.array([500, 0, 7]), core_link_messages_max=np.array([30, 0, 900])
    )
    plain = step_times(FITTED, SYSTEM, counts, 0.1)
    assert plain.reads_s is None and plain.core_links_s is None
    chip = stating(FITTED, synapse_read_s=2e-8, core_link_bandwidth_messages_per_s=1e8)
    times = step_times(chip, SYSTEM, counts, 0.1)
    assert times.reads_s == pytest.approx([1e-5, 0.0, 1.4e-7]) and times.core_links_s == pytest.approx(
        [3e-7, 0.0, 9e-6]
    )
    longest = np.max([times.memory_s, times.compute_s, times.reads_s, times.core_links_s], axis=0)
    assert times.total_s == pytest.approx(longest + times.barrier_s)
    assert (times.memory_s.tolist(), times.lower_bounds) == (plain.memory_s.tolist(), plain.lower_bounds)


def test_a_part_that_has_a_figure_and_was_not_counted_is_missed():
    chip = stating(FITTED, synapse_read_s=2e-8)
    times = step_times(chip, SYSTEM, summary(chip, *BUSY), 0.1)
    assert times.reads_s is None
    assert "synapse_read_s (its events are not counted)" in times.lower_bounds["total"]


def test_no_step():
    times = step_times(FITTED, SYSTEM, summary(FITTED, *([[]] * 4)), 0.1)
    assert all(len(getattr(times, f"{part}_s")) == 0 for part in (*PARTS, "total"))


counts = st.lists(st.integers(0, 10**7), min_size=4, max_size=4)


@settings(deadline=None)
@given(
    st.sampled_from(chip_names()),
    st.lists(counts, min_size=1, max_size=5),
    st.integers(1, 40),
    st.none() | st.floats(1e-4, 1.0),
)
def test_parts_reasons_and_bounds_fit_together(name, steps, chips, tick_s):
    chip = load_chip(name)
    tick_s = None if name in STEPLESS else tick_s
    times = step_times(chip, replace(SYSTEM, chips=chips), summary(chip, *np.array(steps).T), 0.1, tick_s)
    known = {part: getattr(times, f"{part}_s") for part in (*PARTS, "total")}
    for part, seconds in known.items():
        assert (seconds is None) == (part in times.reasons)
        assert part not in times.reasons or part not in times.lower_bounds
        if seconds is not None and times.total_s is not None:
            assert (times.total_s >= seconds).all()
    incomplete = {part for part in PARTS if part in times.reasons or part in times.lower_bounds}
    if times.tick_s is None:
        assert bool(incomplete) == ("total" in times.lower_bounds or times.total_s is None)
        # Parts that are known and 0 do not bound what is unknown.
        something = any(known[part] is not None and known[part].any() for part in PARTS)
        assert (times.total_s is None) == (bool(incomplete) and not something)
    else:
        assert (times.total_s >= times.tick_s).all() and "total" not in times.lower_bounds
        assert (incomplete <= {"barrier"}) or any("fit into the tick" in text for text in times.assumptions)


def test_the_summary_of_these_tests_is_whole():
    assert {field.name for field in fields(StepSummary)} == set(vars(summary(FITTED, *BUSY)))
