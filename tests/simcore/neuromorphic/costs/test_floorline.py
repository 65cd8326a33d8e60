"""What bounds the steps of a chip, the floor under their times, and what is advised."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simcore.neuromorphic.costs.advice import advice
from simcore.neuromorphic.costs.floorline import (
    STATES,
    UNKNOWN,
    Profile,
    floor_of,
    imbalance,
    mean_durations,
    run_state,
    step_counts_by_state,
    step_states,
    times_over_floor,
)
from simcore.neuromorphic.wording import duration

NS = 1e-9


def profile(memory=None, compute=None, traffic=None, barrier=None, **changed):
    """Two steps on two cores; times in ns, the whole of a step is the longest of three, then the barrier."""
    parts = [None if part is None else NS * np.array(part, dtype=float) for part in (memory, compute, traffic, barrier)]
    known = [part for part in parts[:3] if part is not None]
    total = np.max(known, axis=0) + (0.0 if parts[3] is None else parts[3]) if known else None
    whole = {
        "synops_max": np.array([30, 10]),
        "synops": np.array([40, 20]),
        "link_messages_max": np.array([7, 5]),
        "core_synops": np.array([40, 20]),
        "core_messages_in": np.array([6, 2]),
        "core_messages_out": np.array([0, 0]),
        "core_neurons": np.array([10, 6]),
        "link_messages": np.array([2, 10]),
        "link_origin": np.array([0, 1]),
        "link_target": np.array([1, 0]),
    }
    return Profile(*parts, total, **(whole | changed))


@st.composite
def emulated(draw):
    """A profile of any counts, with times by the definition: cores, links and a barrier."""
    steps, cores = draw(st.integers(1, 6)), draw(st.integers(1, 5))
    counts = st.lists(st.integers(0, 10_000), min_size=steps * cores, max_size=steps * cores)
    cost = st.floats(0.1, 100.0)
    synops, entering, spikes = (np.array(draw(counts)).reshape(steps, cores) for _ in range(3))
    neurons = np.array(draw(st.lists(st.integers(1, 1000), min_size=cores, max_size=cores)))
    links = np.array(draw(st.lists(st.integers(0, 1000), min_size=3 * steps, max_size=3 * steps))).reshape(steps, 3)
    synop_s, entering_s, update_s, spike_s, link_s, barrier_s = (NS * draw(cost) for _ in range(6))
    memory = (synops * synop_s + entering * entering_s).max(axis=1)
    compute = (neurons * update_s + spikes * spike_s).max(axis=1)
    traffic = links.max(axis=1) * link_s
    parts = {"memory_s": memory, "compute_s": compute, "traffic_s": traffic, "barrier_s": np.full(steps, barrier_s)}
    total = np.max([memory, compute, traffic], axis=0) + barrier_s
    unknown = draw(st.sets(st.sampled_from(sorted(parts))))
    return Profile(
        **{name: None if name in unknown else values for name, values in parts.items()},
        total_s=total,
        synops_max=synops.max(axis=1),
        synops=synops.sum(axis=1),
        link_messages_max=links.max(axis=1),
        core_synops=synops.sum(axis=0),
        core_messages_in=entering.sum(axis=0),
        core_messages_out=spikes.sum(axis=0),
        core_neurons=neurons,
        link_messages=links.sum(axis=0),
        link_origin=np.array([0, 1, 2]),
        link_target=np.array([1, 2, 0]),
    )


@given(emulated())
def test_no_step_is_below_its_floor(run):
    over = times_over_floor(run)
    if run.memory_s is None and run.compute_s is None:
        assert over is None
    else:
        assert over is None or over.min(initial=np.inf) >= 1.0 - 1e-12


@given(emulated())
def test_the_floor_is_reached_by_its_parts_in_some_step(run):
    floor = floor_of(run)
    if run.compute_s is not None:
        assert floor.compute_s == run.compute_s.min()
    if run.memory_s is not None and run.synops_max.any():
        slopes = run.memory_s[run.synops_max > 0] / run.synops_max[run.synops_max > 0]
        assert floor.synop_s == slopes.min()


@given(emulated())
def test_the_state_of_a_step_is_its_longest_part(run):
    durations = run.durations
    for step, state in enumerate(step_states(run)):
        parts = {name: values[step] for name, values in durations.items()}
        if len(parts) < 2:
            assert state == -1
        else:
            assert parts[STATES[state]] == max(parts.values())
    assert sum(step_counts_by_state(run).values()) == run.steps


@given(emulated())
def test_the_state_of_a_run_is_the_part_that_is_longest_on_average(run):
    means = {name: values.mean() for name, values in run.durations.items()}
    state = run_state(run)
    assert state == UNKNOWN if len(means) < 2 else means[state] == max(means.values())


@given(emulated())
def test_every_run_gets_advice_that_names_its_state(run):
    state, text = run_state(run), advice(run)
    assert text.startswith("The state is unknown" if state == UNKNOWN else f"{state.capitalize()}-bound: ")


def test_steps_are_counted_by_state():
    run = profile(memory=[30, 10], compute=[20, 20], traffic=[7, 5], barrier=[15, 15])
    assert step_counts_by_state(run) == {"memory": 1, "compute": 1, "traffic": 0, "barrier": 0, "unknown": 0}
    # On average both take 20 ns.
    assert mean_durations(run) == pytest.approx(
        {"memory": 20 * NS, "compute": 20 * NS, "traffic": 6 * NS, "barrier": 15 * NS}
    )


@pytest.mark.parametrize("state", STATES)
def test_each_part_can_be_the_longest(state):
    run = profile(**{name: [9, 9] if name == state else [5, 6] for name in STATES})
    assert run_state(run) == state and step_counts_by_state(run)[state] == 2


def test_nothing_is_compared_with_what_is_not_known():
    assert run_state(profile(barrier=[5, 5])) == UNKNOWN
    assert run_state(profile(memory=[5, 5])) == UNKNOWN
    assert run_state(profile()) == UNKNOWN and floor_of(profile()) is None and not profile().timed
    assert step_counts_by_state(profile(memory=[5, 5]))["unknown"] == 2
    assert run_state(profile(memory=[5, 5], compute=[6, 6])) == "compute"


def test_steps_and_runs_in_which_nothing_takes_time_have_no_state():
    run = profile(memory=[0, 5], traffic=[0, 1])
    assert step_states(run).tolist() == [-1, 0]
    assert run_state(profile(memory=[0, 0], traffic=[0, 0])) == UNKNOWN


def test_a_run_without_steps_has_neither_state_nor_floor():
    none = np.zeros(0, dtype=np.int64)
    run = profile(memory=[], compute=[], synops_max=none, synops=none, link_messages_max=none)
    assert run_state(run) == UNKNOWN and floor_of(run) is None and times_over_floor(run) is None
    assert step_counts_by_state(run) == dict.fromkeys((*STATES, UNKNOWN), 0)


def test_the_floor_is_flat_and_then_a_slope():
    floor = floor_of(profile(memory=[60, 30], compute=[25, 20]))
    assert floor.compute_s == pytest.approx(20 * NS) and floor.synop_s == pytest.approx(2 * NS)
    assert floor.ridge == pytest.approx(10)
    assert floor.at([0, 10, 20]) == pytest.approx([20 * NS, 20 * NS, 40 * NS])
    assert floor_of(profile(compute=[25, 20])).at([1000]) == pytest.approx([20 * NS])
    assert floor_of(profile(compute=[25, 20])).ridge is None
    assert floor_of(profile(memory=[60, 30])).at([1000]) == pytest.approx([2000 * NS])


def test_time_over_floor_is_what_traffic_and_barrier_add():
    run = profile(memory=[60, 20], compute=[10, 10], traffic=[90, 10], barrier=[30, 20])
    assert times_over_floor(run) == pytest.approx([120 / 60, 40 / 20])


def test_imbalance_is_the_largest_core_over_the_mean():
    ratios = imbalance(profile())
    assert ratios == {
        "synops": pytest.approx(40 / 30),
        "messages_in": pytest.approx(6 / 4),
        "messages_out": None,
        "neurons": pytest.approx(10 / 8),
        "synops_in_step": pytest.approx((30 + 10) / (20 + 10)),
    }
    assert imbalance(profile(synops_max=np.array([20, 10]), core_synops=np.array([30, 30])))["synops"] == 1.0


def test_advice_to_a_run_bound_by_memory_tells_what_balance_would_bring():
    # Perfectly balanced, memory takes 60 * 20/30 and 20 * 10/10 ns: the steps 45 and 25 instead of 65 and 25.
    run = profile(memory=[60, 20], compute=[10, 10], traffic=[7, 5], barrier=[5, 5])
    assert advice(run) == (
        "Memory-bound: in a mean step of 45 ns, memory access takes 40 ns. The largest core of a step has 1.33 times "
        "the mean number of synaptic events; over the run, the largest core has 1.33 times the mean. A mapping that "
        "balances every step perfectly would shorten the step from 45 ns to 35 ns; fewer synaptic events or more cores "
        "would shorten it further."
    )


def test_advice_to_a_run_bound_by_computation_tells_of_fewer_neurons():
    run = profile(memory=[30, 10], compute=[80, 80], barrier=[5, 5])
    assert advice(run) == (
        "Compute-bound: in a mean step of 85 ns, computation takes 80 ns. The fullest core has 10 neurons, 1.25 times "
        "the mean. With half as many neurons per core, on twice as many cores, computation and memory would at best "
        "take half as long, and the step would take 45 ns instead of 85 ns, unless the barrier of more tiles is longer."
        " Unknown and therefore not compared: traffic."
    )
    assert "half" not in advice(dataclasses.replace(run, core_neurons=np.array([1, 1])))


def test_advice_to_a_run_bound_by_traffic_names_the_busiest_link():
    run = profile(memory=[30, 10], compute=[20, 20], traffic=[70, 50], barrier=[5, 5])
    assert advice(run) == (
        "Traffic-bound: in a mean step of 65 ns, the busiest link takes 60 ns. The busiest link, 1 -> 0, carries 10 "
        "messages in the run, 1.67 times the mean of all links; in one step, a link carries up to 7. Connected neurons "
        "on nearer cores, or fewer spikes, would shorten the step from 65 ns towards 30 ns."
    )


def test_advice_to_a_run_bound_by_the_barrier_weighs_fewer_tiles():
    # The longest of the others takes 31 and 25 ns, with twice the neurons 62 and 50 ns: 28 ns more on average.
    run = profile(memory=[31, 10], compute=[25, 25], traffic=[7, 5], barrier=[500, 500])
    assert advice(run) == (
        "Barrier-bound: in a mean step of 528 ns, the barrier takes 500 ns. The longest other part, compute, takes "
        "25 ns."
        " Fewer tiles, if the limits allow them, would shorten the barrier, but with twice as many neurons per core "
        "(now at most 10 neurons on "
        "2 cores) memory and computation would take about twice as long: only a barrier below 472 ns would make up for "
        "it."
    )
    close = profile(memory=[30, 30], compute=[25, 25], barrier=[30.5, 30.5])
    assert "only a barrier below 0.5 ns would" in advice(close)
    assert "no barrier would be short enough" in advice(profile(memory=[60, 0], compute=[0, 60], barrier=[40, 40]))
    alone = dataclasses.replace(run, core_neurons=np.array([10]))
    assert advice(alone).endswith("takes 25 ns.")


def test_advice_where_the_barrier_overlaps_counts_it_as_a_part():
    run = profile(memory=[31, 10], compute=[25, 25], traffic=[7, 5], barrier=[500, 500])
    run = dataclasses.replace(run, barrier_overlaps=True, total_s=NS * np.array([500.0, 500.0]))
    # Twice as many neurons: memory 62 and 20, computation 50 ns; the longest takes 62 and 50.
    assert advice(run) == (
        "Barrier-bound: in a mean step of 500 ns, the barrier takes 500 ns. The longest other part, compute, takes "
        "25 ns."
        " The barrier overlaps with the work: with twice as many neurons per core (now at most 10 neurons on 2 cores) "
        "memory and computation would take about twice as long, and all parts except the barrier 56 ns; fewer tiles, "
        "if the limits allow them, would shorten the barrier."
    )
    busy = profile(memory=[60, 20], compute=[10, 10], traffic=[7, 5], barrier=[15, 15])
    busy = dataclasses.replace(busy, barrier_overlaps=True, total_s=NS * np.array([60.0, 20.0]))
    # Balanced, memory takes 40 and 20 ns.
    assert "shorten the step from 40 ns to 30 ns" in advice(busy)


def test_a_tick_that_is_longer_than_the_work_cannot_be_shortened():
    run = profile(
        memory=[60, 20],
        compute=[10, 10],
        traffic=[7, 5],
        barrier=[5, 5],
    )
    ticking = dataclasses.replace(run, total_s=NS * np.array([65.0, 50.0]))
    text = advice(ticking)
    assert "In 1 of 2 steps the work ends before the tick does" in text
    assert "shorten the step from 57.5 ns to 50 ns" in text
    assert advice(dataclasses.replace(run, total_s=NS * np.array([80.0, 80.0]))) == (
        "Memory-bound: in a mean step of 80 ns, memory access takes 40 ns. In all steps the work ends before the tick "
        "does: only a shorter tick would shorten them."
    )


def test_advice_without_states_says_what_is_known():
    assert advice(profile(memory=[5, 5])).endswith("known: memory.") and advice(profile()).endswith("known: none.")


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(0.0, "0 ns"), (3.5e-9, "3.5 ns"), (4.126e-6, "4.13 us"), (0.25, "250 ms"), (2.0, "2 s"), (9.9999e-7, "1 us")],
)
def test_durations_have_a_unit_that_suits_them(seconds, text):
    assert duration(seconds) == text
