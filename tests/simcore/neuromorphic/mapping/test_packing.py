"""Bits of axons, to the last one."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from simcore.neuromorphic import load_chip
from simcore.neuromorphic.mapping.packing import axon_bits, packing_table, why_no_rule

LOIHI, TRUENORTH = (load_chip(name).packing for name in ("loihi1", "truenorth"))


def bits(synapses, neurons, dense, weight_bits, delay):
    return axon_bits(LOIHI, np.array(synapses), neurons, dense, weight_bits, delay).tolist()


def test_a_dense_axon_of_loihi_takes_144_words_and_113_fill_a_core():
    # 16 blocks of 64 synapses of 8 bits and a head of 10 bits, each padded to 576 bits.
    assert bits([1024], 1024, True, 8, 1) == [9216] and 9216 / 64 == 144
    assert load_chip("loihi1").count("synapse_memory_bits_per_core") // 9216 == 113


def test_a_sparse_synapse_has_delay_and_index():
    # 8 + 6 + 10 bits and a head of 10, padded to a word.
    assert bits([1], 1024, False, 8, 2) == [64]
    assert bits([64, 65], 1024, False, 8, 2) == [1600, 1664]
    # Where every delay is a step, and 64 neurons need an index of 6 bits.
    assert bits([64], 64, False, 8, 1) == [-(-(64 * 14 + 10) // 64) * 64]


@given(st.integers(1, 5000), st.sampled_from([1, 2, 7, 8]), st.integers(1, 62))
def test_more_synapses_never_take_less(n, weight_bits, delay):
    fewer, more = bits([n, n + 1], 4096, False, weight_bits, delay)
    assert 0 < fewer <= more and fewer % 64 == 0


@given(st.integers(1, 1024), st.integers(0, 200), st.sampled_from([1, 5, 8]), st.integers(1, 3))
def test_the_table_has_the_bits_of_every_axon(neurons, synapses, weight_bits, delay):
    table = packing_table(LOIHI, 1024, 200, weight_bits, delay)
    assert [table.sparse[table.kind_of[neurons], synapses]] == bits([synapses], neurons, False, weight_bits, delay)
    assert [table.dense[synapses]] == bits([synapses], neurons, True, weight_bits, delay)
    crossbar = packing_table(TRUENORTH, 256, 5, 8, 1)
    assert crossbar.bits_per_neuron * 30 == axon_bits(TRUENORTH, np.array([5]), 30, False, 8, 1)[0]


def test_why_there_is_no_rule():
    assert why_no_rule(LOIHI, 8, 4096) is None and why_no_rule(TRUENORTH, 1, 10**9) is None
    assert why_no_rule(LOIHI, 8, 4097) == "the packing rule has no index fields of 13 bits"
    assert why_no_rule(LOIHI, 9, 10) == "the packing rule has no weight fields of 9 bits"
    assert "exact packing rule" in why_no_rule(None, 8, 10)
    assert not packing_table(None, 10, 5, 8, 1).sparse.any()
