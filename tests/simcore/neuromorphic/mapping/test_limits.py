"""The limits of a chip: what fits exactly is accepted, one synapse more is refused in a sentence."""

import numpy as np
import pytest
from chip_of import chip_of, packing_of
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.errors import InputError
from simcore.network import AllToAll, Explicit, FixedIndegree, Network, Normal, Population, Projection
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.mapping.adaptation import fit, place
from simcore.neuromorphic.mapping.limits import chips_needed

LOIHI = load_chip("loihi1")


def network(edges, delay_ms=0.1):
    """60 neurons, of which the last ten send nothing."""
    sources, targets = (list(column) for column in zip(*edges, strict=True))
    return Network([Population("A", 60)], [Projection("A", "A", Explicit(sources, targets), 1.0, delay_ms)])


EDGES = st.lists(st.tuples(st.integers(0, 49), st.integers(0, 59)), min_size=1, max_size=300)
LOIHI_LIKE = st.builds(
    packing_of,
    st.just("loihi"),
    block_synapses=st.integers(1, 70),
    block_overhead_bits=st.integers(0, 20),
    word_bits=st.sampled_from([1, 8, 32, 64]),
    weight_bits=st.sampled_from([(8,), (1, 4, 9), (0, 8, 16)]),
    index_bits=st.sampled_from([(6,), (0, 3, 5, 7), (12,)]),
    delay_field_bits=st.integers(0, 6),
)
CROSSBARS = st.builds(
    packing_of, st.just("dense_crossbar"), rows=st.just(999), columns=st.just(999), crosspoint_bits=st.integers(1, 4)
)


@settings(deadline=None)
@given(EDGES, LOIHI_LIKE | CROSSBARS, st.integers(1, 30), st.sampled_from([0.1, 0.5]))
def test_memory_that_is_filled_exactly_is_accepted_and_a_synapse_more_is_refused(edges, packing, per_core, delay_ms):
    described = network(edges, delay_ms)
    options = {"neurons_per_core": per_core}
    memory = place(described, chip_of(packing), "in_order", 1, False, **options).demand.memory_bits
    chip = chip_of(packing, synapse_memory_bits_per_core=memory.max())
    assert fit(described, chip, "in_order", 1, **options).adaptation is None
    # Of a neuron that sends nothing else: no block and no row has room for it.
    fullest = int(memory.argmax())
    more = network([*edges, (55, fullest * per_core)], delay_ms)
    need = f"core {fullest} needs .* bits of synapse memory, more than the limit of {memory.max():,}"
    with pytest.raises(InputError, match=rf"does not fit: {need} \(exceeded by 1 of {len(memory)} cores\)"):
        fit(more, chip, "in_order", 1, **options)


@pytest.mark.parametrize(
    ("limit", "what"),
    [
        ("neurons_per_core", "neurons"),
        ("synapses_per_core", "synapses"),
        ("axons_in_per_core", "axons in"),
        ("axons_out_per_core", "axons out"),
        ("fan_in_per_neuron", "incoming synapses"),
        ("fan_out_per_neuron", "outgoing synapses"),
        ("destinations_per_neuron", "destinations"),
    ],
)
def test_each_limit_is_kept_to_the_last_one(limit, what):
    rng = np.random.default_rng(3)
    described = network(rng.integers(0, 60, (400, 2)).tolist())
    checks = place(described, chip_of(), "in_order", 1, False, neurons_per_core=7).checks
    check = next(check for check in checks if check.quantity == limit)
    assert check.allowed is None and not check.violated and check.reason == "not in the sheet"
    fit(described, chip_of(**{limit: check.largest}), "in_order", 1, neurons_per_core=7)
    sentence = f"{check.place} needs {check.largest} {what}, more than the limit of {check.largest - 1} "
    with pytest.raises(InputError, match=sentence):
        fit(described, chip_of(**{limit: check.largest - 1}), "in_order", 1, neurons_per_core=7)


def test_all_violated_limits_are_named_at_once():
    described = network([(source, target) for source in range(50) for target in range(60)], 0.5)
    chip = chip_of(axons_in_per_core=49, fan_in_per_neuron=49, delay_steps_max=4)
    with pytest.raises(InputError) as refused:
        fit(described, chip, "in_order", 1, neurons_per_core=20)
    assert str(refused.value) == (
        "own: the network does not fit: core 0 needs 50 axons in, more than the limit of 49 (exceeded by 3 of 3 "
        "cores); neuron 0 needs 50 incoming synapses, more than the limit of 49 (exceeded by 60 of 60 neurons); "
        "the network needs 5 steps of delay, more than the limit of 4"
    )


def test_113_dense_axons_fill_a_core_of_loihi():
    def dense(n):
        populations = [Population("T", 1024), Population("S", n)]
        return Network(populations, [Projection("S", "T", AllToAll(), 1.0, 0.1)])

    chip = chip_of(LOIHI.packing, neurons_per_core=1024, synapse_memory_bits_per_core=113 * 9216)
    assert fit(dense(113), chip, "in_order", 1).adaptation is None
    with pytest.raises(
        InputError, match="core 0 needs 1,050,624 bits of synapse memory, more than the limit of 1,041,408"
    ):
        fit(dense(114), chip, "in_order", 1)


def test_cores_of_a_chip_share_its_memory():
    described = network([(source, target) for source in range(50) for target in range(60)])
    packing = packing_of("dense_crossbar", rows=999, columns=999, crosspoint_bits=1)
    # Chips of two cores, of 20 x 50 crossings each: the last chip has one core.
    limits = {"cores_per_chip": 2, "synapse_memory_bits_per_chip": 2000}
    fit(described, chip_of(packing, **limits), "in_order", 1, neurons_per_core=20)
    limits["synapse_memory_bits_per_chip"] = 1999
    sentence = r"chip 0 needs 2,000 bits of synapse memory, more than the limit of 1,999 \(exceeded by 1 of 2 chips\)"
    with pytest.raises(InputError, match=sentence):
        fit(described, chip_of(packing, **limits), "in_order", 1, neurons_per_core=20)


def test_weights_that_the_bits_do_not_hold_are_refused():
    weights = Normal(mean=100.0, std=10.0)
    described = Network([Population("A", 50)], [Projection("A", "A", FixedIndegree(3), weights)])
    with pytest.raises(InputError, match=r"the network needs [5-7] bits per weight, more than the limit of 4"):
        fit(described, chip_of(weight_bits_max=4), "in_order", 1, neurons_per_core=10)
    fit(described, chip_of(weight_bits_max=8), "in_order", 1, neurons_per_core=10)
    with pytest.raises(InputError, match="the network needs 8 bits per weight, more than the limit of 6"):
        fit(described, chip_of(weight_bits_max=6), "in_order", 1, neurons_per_core=10, weight_bits=8)


def test_an_unpublished_limit_has_no_verdict():
    fitted = fit(network([(0, 1)]), LOIHI, "in_order", 1, neurons_per_core=9)
    checks = {check.quantity: check for check in fitted.checks}
    fan_in = checks["fan_in_per_neuron"]
    assert fan_in.allowed is None and not fan_in.violated and "unpublished" in fan_in.reason
    assert checks["axons_in_per_core"].reason is None and checks["axons_in_per_core"].largest == 1
    assert chips_needed(LOIHI, 129) == 2 and chips_needed(chip_of(), 129) is None
