"""Layer-by-layer evaluation: sums bit by bit, crossbars without errors, neurons as the simulator's, noise by sample."""

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.accelerators.analogue.conversion import Converter
from simcore.accelerators.analogue.device import Device
from simcore.accelerators.analogue.encoding import MAPPINGS
from simcore.accelerators.analogue.evaluator import Driven, IdealReader, ReadMatrix, evaluate, levels_for, plain_sums
from simcore.accelerators.analogue.layers import (
    COEFFICIENTS,
    INPUT,
    LayeredNetwork,
    NeuronLayer,
    WeightMatrix,
)
from simcore.accelerators.analogue.reader import CrossbarReader, Crossbars, number_of_crossbars, readers
from simcore.errors import InputError
from simcore.neurons.lif_discrete.model import MODEL

DEVICE = Device(base_ohm=19139.0, off_ohm=1e8, top_level=15)
READ_V = 0.1
EXACT = Crossbars(
    size=16,
    device=DEVICE,
    converter=Converter.of_levels(14, DEVICE, READ_V),
    read_v=READ_V,
    wire_ohm=0.0,
    weight_bits=8,
    cell_bits=4,
    mapping="differential",
    complements=False,
    seed=3,
)


def dense(codes, source=INPUT, target=0, members=None):
    """A matrix that is read at one place."""
    rows, filters = codes.shape
    return WeightMatrix("w", source, target, codes, np.arange(rows)[None], np.arange(filters)[None], members)


def codes_of(random, rows, filters, most=127):
    return random.integers(-most, most + 1, (rows, filters))


@settings(max_examples=25, deadline=None)
@given(
    seed=st.integers(0, 2**32 - 1),
    rows=st.integers(1, 40),
    filters=st.integers(1, 20),
    size=st.integers(2, 20),
    mapping=st.sampled_from(MAPPINGS),
    complements=st.booleans(),
    cell_bits=st.integers(1, 5),
    ratio=st.sampled_from([10.0, 1000.0]),
)
def test_crossbars_without_errors_give_the_product(seed, rows, filters, size, mapping, complements, cell_bits, ratio):
    random = np.random.default_rng(seed)
    device = Device(base_ohm=2e4, off_ohm=1e8, top_level=2**cell_bits - 1).with_ratio(ratio)
    how = replace(
        EXACT,
        size=size,
        device=device,
        # The off state of driven rows takes a part of the range, too.
        converter=Converter.of_levels(14, device, READ_V),
        cell_bits=cell_bits,
        mapping=mapping,
        complements=complements,
    )
    matrix = dense(codes_of(random, rows, filters))
    driven = random.integers(0, 2, (3, 2, rows)).astype(np.uint8)
    found = CrossbarReader(matrix, how, 0).sums(driven, 0)
    np.testing.assert_array_equal(found, driven.astype(np.int64) @ matrix.codes)


@settings(max_examples=30, deadline=None)
@given(seed=st.integers(0, 2**32 - 1), bits=st.integers(1, 10), signed=st.booleans())
def test_values_applied_bit_by_bit_give_the_product_of_the_values(seed, bits, signed):
    random = np.random.default_rng(seed)
    matrix = dense(codes_of(random, 9, 4))
    values = random.uniform(-1.0 if signed else 0.0, 1.0, (5, 9)).astype(np.float32)
    levels = levels_for(values, bits)
    integers = levels.of(values)
    assert abs(integers).max() == 2**bits - 1 and levels.signed == bool(values.min() < 0.0)
    np.testing.assert_allclose(integers * levels.scale, values, atol=0.51 * levels.scale)
    driven = Driven(0, 7, integers[:, None], levels)
    found = plain_sums(ReadMatrix(matrix, IdealReader(matrix)), driven, [])
    np.testing.assert_array_equal(found, (integers @ matrix.codes)[:, None, None])


def test_a_pool_counts_the_spikes_of_its_members():
    random = np.random.default_rng(2)
    members = np.array([[0, 1, 2, 3, 4], [5, -1, -1, -1, -1]])
    matrix = dense(codes_of(random, 2, 3), source=0, target=1, members=members)
    assert matrix.largest_count == 5
    fired = random.random((4, 6, 6)) < 0.6
    driven = Driven(0, 6, np.zeros((4, 6, 1), np.int64), None)
    found = plain_sums(ReadMatrix(matrix, IdealReader(matrix)), driven, [fired])
    counts = np.stack([fired[:, :, :5].sum(axis=2), fired[:, :, 5]], axis=2)
    np.testing.assert_array_equal(found[:, :, 0], counts @ matrix.codes)


def neuron_layer(size, real, **params):
    """A layer, and the coefficients and state as the simulator's model has them."""
    each = {one.name: np.full(size, float(params.get(one.name, one.default))) for one in MODEL.parameters}
    rows = MODEL.coefficients(each, 1.0)
    state, _ = MODEL.initial_state(each, {"V_m": np.linspace(0.0, 0.9, size), "I_syn": np.zeros(size)}, size)
    chosen = [MODEL.Coefficients._fields.index(name) for name in COEFFICIENTS]
    bias = rows[MODEL.Coefficients._fields.index("bias")]
    return NeuronLayer(rows[chosen].astype(real), state.astype(real), bias, 2.0**-7), rows.astype(real)


@pytest.mark.parametrize("real", [np.float32, np.float64])
@pytest.mark.parametrize("params", [{"b": 1.0, "subtract": 1.0}, {"a": 0.7, "b": 0.9, "c": 0.3, "V_reset": -0.2}])
def test_neurons_do_what_the_model_of_the_simulator_does(real, params):
    layer, rows = neuron_layer(8, real, I_e=0.03, **params)
    random = np.random.default_rng(5)
    state, expected = layer.started(1), layer.state.copy()
    fired_at_all = 0
    for _ in range(30):
        sums = random.integers(-100, 160, (1, 8))
        fired = layer.step(state, sums, layer.bias[None])
        wanted = MODEL.update(expected, np.zeros((0, 8), np.int32), sums, rows, np.array([layer.lsb], real))
        np.testing.assert_array_equal(fired[0], wanted)
        np.testing.assert_array_equal(state[:, 0], expected)
        fired_at_all += int(fired.sum())
    assert fired_at_all > 5


def small_network(random):
    """Two layers."""
    layers = [neuron_layer(size, np.float32, b=1.0, subtract=1.0)[0] for size in (6, 3)]
    matrices = [dense(codes_of(random, 20, 6)), dense(codes_of(random, 6, 3), 0, 1)]
    return LayeredNetwork(20, layers, matrices, 1)


def test_what_a_sample_does_depends_on_its_number_and_on_no_other_sample():
    network = small_network(np.random.default_rng(1))
    how = replace(EXACT, device=replace(DEVICE, device_noise=0.1, read_noise=0.1), converter=EXACT.converter)
    read = [ReadMatrix(one, CrossbarReader(one, how, number)) for number, one in enumerate(network.matrices)]
    values = np.random.default_rng(4).integers(0, 2, (6, 5, 20))
    whole = evaluate(network, read, Driven(10, 5, values, None))
    part = evaluate(network, read, Driven(12, 5, values[2:5], None))
    other = evaluate(network, read, Driven(13, 5, values[2:5], None))
    np.testing.assert_array_equal(whole.potentials[2:5], part.potentials)
    assert not np.array_equal(other.potentials, part.potentials)
    for one, two in zip(whole.spikes, part.spikes, strict=True):
        np.testing.assert_array_equal(one[2:5], two)


def test_the_last_crossbars_and_long_data_are_read_as_the_others(monkeypatch):
    """Blocks of reads do not matter, nor do rows that are over."""
    matrix = dense(codes_of(np.random.default_rng(8), 37, 11))
    driven = np.random.default_rng(9).integers(0, 2, (7, 3, 37)).astype(np.uint8)
    how = replace(EXACT, device=replace(DEVICE, read_noise=0.2))
    found = CrossbarReader(matrix, how, 0).sums(driven, 5)
    monkeypatch.setattr("simcore.accelerators.analogue.reader.READS_AT_ONCE", 4)
    np.testing.assert_array_equal(CrossbarReader(matrix, how, 0).sums(driven, 5), found)
    assert CrossbarReader(matrix, how, 0).arrays == 3 * 3


def test_errors_of_crossbars_change_sums_and_a_seed_repeats_them():
    matrix = dense(codes_of(np.random.default_rng(8), 30, 5))
    driven = np.ones((1, 1, 30), np.uint8)
    exact = driven.astype(np.int64) @ matrix.codes
    for changed in (
        {"wire_ohm": 5.0},
        {"device": replace(DEVICE, device_noise=0.1)},
        {"device": replace(DEVICE, stuck_off=0.2)},
        {"device": replace(DEVICE, drift_exponent=0.05), "time_s": 1e4},
        {"converter": Converter.of_levels(5, DEVICE, READ_V)},
    ):
        how = replace(EXACT, **changed)
        found = CrossbarReader(matrix, how, 0).sums(driven, 0)
        assert not np.array_equal(found, exact), changed
        np.testing.assert_array_equal(CrossbarReader(matrix, how, 0).sums(driven, 0), found)


def test_what_does_not_fit_is_refused():
    codes = np.ones((2, 3), np.int64)
    with pytest.raises(InputError, match="places, rows and filters"):
        WeightMatrix("w", INPUT, 0, codes, np.zeros((1, 3), np.int64), np.zeros((1, 3), np.int64))
    layer = neuron_layer(3, np.float32)[0]
    with pytest.raises(InputError, match="without loops"):
        LayeredNetwork(2, [layer], [dense(codes, 0, 0)], 0)
    with pytest.raises(InputError, match="driving neuron"):
        LayeredNetwork(1, [layer], [dense(codes)], 0)
    with pytest.raises(InputError, match="crossbar_size"):
        replace(EXACT, size=1)
    with pytest.raises(InputError, match="input_bits"):
        levels_for(np.ones((1, 1), np.float32), 17)


def test_a_neuron_at_its_threshold_does_not_fire():
    layer, _ = neuron_layer(1, np.float32, b=1.0, subtract=1.0)
    for sums, fires in ((128, False), (129, True)):
        assert layer.step(layer.started(1), np.array([[sums]]), layer.bias[None]).tolist() == [[fires]]


@pytest.mark.parametrize("noise", ["device_noise", "read_noise"])
def test_no_two_crossbars_of_a_network_have_the_same_noise(noise):
    codes = np.full((32, 16), 60)
    layers = [neuron_layer(16, np.float32)[0]] * 2
    network = LayeredNetwork(32, layers, [dense(codes), dense(codes[:16], 0, 1)], 1)
    how = replace(EXACT, device=replace(DEVICE, **{noise: 0.1}))
    first, second = readers(network, how)
    assert (first.arrays, second.arrays) == (2 * 4, 4) and number_of_crossbars(network, how) == 12
    # Each half of the rows of the first lies on crossbars of its own, as do the rows of the second.
    halves = np.kron(np.eye(2, dtype=np.uint8), np.ones(16, np.uint8))
    (one,), (two,) = (first.sums(half[None, None], 0)[0] for half in halves)
    (three,) = second.sums(np.ones((1, 1, 16), np.uint8), 0)[0]
    assert not np.array_equal(one, two) and not np.array_equal(one, three) and not np.array_equal(two, three)
    assert len(np.unique(one)) > 4
