"""Adapted networks respect every limit, keep every neuron, and say what was changed."""

import itertools

import numpy as np
import pytest
from chip_of import chip_of, packing_of
from drawn_axons import draw_axons
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from usable_mappers import USABLE

from simcore.errors import InputError
from simcore.network import Explicit, FixedIndegree, FixedTotalNumber, Network, Normal, Population, Projection
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.mapping.adaptation import fit, place
from simcore.neuromorphic.mapping.axons import count_axons
from simcore.neuromorphic.mapping.core_mapping import SEE_ROOM, CoreMapping, DrawnNetwork
from simcore.neuromorphic.mapping.demand import core_demand
from simcore.simulator import Simulator

LOIHI = load_chip("loihi1")
PACKING = LOIHI.packing


def network(n_edges=1500, weight=1.0, delay_ms=1.5):
    """Multapses, two populations, and axons that two projections share."""
    populations = [Population("E", 70), Population("I", 20)]
    return Network(
        populations,
        [
            Projection("E", "E", FixedTotalNumber(n_edges), weight, delay_ms),
            Projection("I", "E", FixedIndegree(5), weight, delay_ms),
            Projection("I", "E", FixedIndegree(2), weight, delay_ms),
            Projection("E", "I", FixedIndegree(9), weight, delay_ms),
        ],
    )


LIMITS = st.fixed_dictionaries(
    {},
    optional={
        "neurons_per_core": st.integers(1, 90),
        "synapses_per_core": st.integers(60, 2000),
        "synapse_memory_bits_per_core": st.integers(3000, 60000),
        "axons_in_per_core": st.integers(40, 90),
        "axons_out_per_core": st.integers(60, 900),
        "neurons_per_chip": st.integers(4, 90),
        "synapses_per_chip": st.integers(300, 2000),
        "synapse_memory_bits_per_chip": st.integers(15000, 90000),
    },
)
SPLITTABLE = (
    "neurons_per_core",
    "synapses_per_core",
    "synapse_memory_bits_per_core",
    "axons_in_per_core",
    "axons_out_per_core",
)


@pytest.mark.thorough
@settings(deadline=None, max_examples=60)
@given(LIMITS, st.sampled_from(USABLE), st.integers(1, 90), st.integers(0, 3))
def test_adaptation_leaves_no_violated_limit_but_those_of_lonely_neurons(limits, mapper, per_core, seed):
    described = network()
    chip = chip_of(PACKING, cores_per_chip=4, **limits)
    fitted = place(described, chip, mapper, seed, True, neurons_per_core=per_core, effort=300)
    for check in fitted.checks:
        if check.violated:
            assert check.quantity in SPLITTABLE, check
            core = int(check.place.removeprefix("core "))
            assert np.count_nonzero(fitted.mapping.core_of == core) == 1
    assert len(fitted.mapping.core_of) == 90
    assert np.array_equal(np.unique(fitted.mapping.core_of), np.arange(fitted.mapping.cores))
    counted = draw_axons(fitted.network, seed, fitted.mapping)
    assert np.array_equal(fitted.axons.cores, counted.cores)


@pytest.mark.thorough
@settings(deadline=None, max_examples=60)
@given(LIMITS, st.sampled_from([name for name in USABLE if name not in SEE_ROOM]), st.integers(10, 90))
def test_a_new_core_begins_only_where_the_next_neuron_has_no_room(limits, mapper, per_core):
    described = network()
    drawn = DrawnNetwork(described, 1)
    kept = {key: value for key, value in limits.items() if key.endswith("_core") and key != "axons_out_per_core"}
    chip = chip_of(PACKING, **kept)
    before = place(described, chip, mapper, 1, False, neurons_per_core=per_core)
    after = place(described, chip, mapper, 1, True, neurons_per_core=per_core).mapping
    assume(after.cores > before.mapping.cores)
    pieces = [np.flatnonzero(after.core_of == core) for core in range(after.cores)]
    assert sorted(np.concatenate(pieces).tolist()) == list(range(90))
    for piece, following in itertools.pairwise(pieces):
        # In the order of the mapper: first its cores, then ids.
        whole = before.mapping.core_of[piece[0]], before.mapping.core_of[following[0]]
        assert np.all(before.mapping.core_of[piece] == whole[0]) and whole[0] <= whole[1]
        if whole[0] == whole[1]:
            assert piece[-1] < following[0]
            assert not fits_together(drawn, kept, [*piece, following[0]])


def fits_together(drawn, limits, neurons):
    """Whether one core has room for these: what it needs in a mapping where all others share a second core."""
    core_of = np.zeros(90, dtype=np.int64)
    core_of[neurons] = 1
    mapping = CoreMapping("own", 2, core_of)
    axons = count_axons(drawn.in_edges, mapping)
    demand = core_demand(drawn.network, drawn.in_edges, axons, mapping, PACKING, 8)
    needed = {
        "neurons_per_core": demand.neurons,
        "synapses_per_core": demand.synapses,
        "synapse_memory_bits_per_core": demand.memory_bits,
        "axons_in_per_core": demand.axons_in,
    }
    return all(needed[key][1] <= limit for key, limit in limits.items())


@pytest.mark.parametrize(
    ("reached", "sizes"),
    [
        (np.arange(12), {42: [4] * 3, 41: [3] * 4}),
        (np.array([0, 2, 2, 3, 5, 5, 6, 8, 8, 9, 11, 11]), {52: [3] * 4, 51: [2, 1] * 4}),
    ],
    ids=["dense", "not dense"],
)
def test_axons_are_dense_unless_they_reach_a_neuron_twice(reached, sizes):
    """30 axons of 12 synapses: n of a dense one take 8 n + 10 bits, those of a sparse one 14 n + 10."""
    edges = Explicit(np.repeat(np.arange(30), 12), np.tile(reached, 30))
    described = Network([Population("T", 12), Population("S", 30)], [Projection("S", "T", edges, 1.0, 0.1)])
    widths = {"weight_bits": (8,), "index_bits": (6,), "word_bits": 1}
    packing = packing_of("loihi", block_synapses=64, block_overhead_bits=10, **widths)
    for bits, expected in sizes.items():
        chip = chip_of(packing, synapse_memory_bits_per_core=30 * bits, neurons_per_core=12)
        fitted = fit(described, chip, "in_order", 1, on_violation="adapt")
        assert np.bincount(fitted.mapping.core_of[:12])[: len(expected)].tolist() == expected


def test_what_needs_no_change_stays_the_same_object_with_the_same_spikes():
    described = network(weight=1.0, delay_ms=1.5)
    for on_violation in ("error", "adapt"):
        fitted = fit(described, LOIHI, "in_order", 4, neurons_per_core=30, on_violation=on_violation)
        assert fitted.network is described and fitted.adaptation is None and fitted.mapping.cores == 3


def test_a_full_core_of_loihi_gives_up_a_neuron_for_long_delays():
    edges = Projection("A", "A", FixedIndegree(1), 1.0, 1.0)
    fitted = fit(Network([Population("A", 2048)], [edges]), LOIHI, "in_order", 1, on_violation="adapt")
    assert np.bincount(fitted.mapping.core_of).tolist() == [1023, 1, 1023, 1]
    changes = fitted.adaptation
    assert (changes["cores_before"], changes["cores_after"], changes["neurons_moved"]) == (2, 4, 2)
    assert changes["synapses_quantised"] == changes["delays_clamped"] == 0 and changes["weights"] == []


@pytest.mark.parametrize("limit", ["fan_in_per_neuron", "fan_out_per_neuron", "destinations_per_neuron"])
def test_what_no_division_mends_stays_an_error(limit):
    with pytest.raises(
        InputError, match=r"own: the network does not fit.*: neuron \d+ needs .*, more than the limit of 1"
    ):
        fit(network(), chip_of(**{limit: 1}), "in_order", 1, neurons_per_core=10, on_violation="adapt")
    with pytest.raises(InputError, match=r"adaptation, and splitting cores does not help: core .* axons in, more"):
        fit(network(), chip_of(axons_in_per_core=3), "in_order", 1, neurons_per_core=10, on_violation="adapt")


def test_chips_run_out():
    chip = chip_of(neurons_per_core=2, cores_per_chip=4, chips_per_system=11)
    with pytest.raises(InputError, match="the network needs 12 chips, more than the limit of 11"):
        fit(network(), chip, "in_order", 1, neurons_per_core=90, on_violation="adapt")


def test_wrong_options_are_refused():
    with pytest.raises(InputError, match="on_violation = 'ignore' is not allowed: use error or adapt"):
        fit(network(), LOIHI, "in_order", 1, on_violation="ignore")
    with pytest.raises(InputError, match="weight_bits = 1 is not allowed"):
        fit(network(), LOIHI, "in_order", 1, weight_bits=1)


def test_the_adapted_network_is_the_one_whose_weights_and_delays_are_reported():
    delays = Normal(mean=1.5, std=0.5, low=0.1)
    described = network(weight=Normal(mean=50.0, std=15.0), delay_ms=delays)
    packing = packing_of("dense_crossbar", rows=999, columns=999, crosspoint_bits=1)
    chip = chip_of(packing, weight_bits_max=4, delay_steps_max=20, neurons_per_core=90)
    fitted = fit(described, chip, "in_order", 2, on_violation="adapt")
    with Simulator(fitted.network, seed=2, backend="oracle") as simulator:
        edges = simulator.edges()
    with Simulator(described, seed=2, backend="oracle") as simulator:
        before = simulator.edges()
    # The same synapses; 15 values of a sign.
    assert np.array_equal(edges.sources, before.sources) and np.array_equal(edges.targets, before.targets)
    assert len(np.unique(edges.weights)) <= 15 and len(np.unique(before.weights)) > 500
    assert np.array_equal(edges.delay_steps, np.minimum(before.delay_steps, 20))
    changes = fitted.adaptation
    assert changes["weight_bits"] == 4 and len(changes["weights"]) == 4
    clamped = np.count_nonzero(before.delay_steps > 20)
    assert changes["delays_clamped"] == pytest.approx(clamped, abs=4 * np.sqrt(clamped))
    assert changes["synapses_quantised"] == pytest.approx(np.count_nonzero(edges.weights != before.weights), rel=0.02)


def test_lists_of_edges_keep_their_lists():
    edges = Explicit([0, 1, 2], [1, 2, 0])
    described = Network([Population("A", 3)], [Projection("A", "A", edges, [0.3, -1.0, 0.01], [0.1, 5.0, 0.2])])
    chip = chip_of(weight_bits_max=3, delay_steps_max=3)
    fitted = fit(described, chip, "in_order", 1, neurons_per_core=3, on_violation="adapt")
    # Three steps of each sign: of 0.125 up to 0.375, and of 0.5 down to -1.5.
    assert fitted.network.projections[0].weight.tolist() == [0.25, -1.0, 0.0]
    assert fitted.network.projections[0].delay_ms.tolist() == pytest.approx([0.1, 0.3, 0.2])
    assert fitted.adaptation["synapses_quantised"] == 2 and fitted.adaptation["delays_clamped"] == 1
