"""Utilisation of many cores: rounding up by hand, bounds, and the order of wimpy and brawny designs."""

import itertools
import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simcore.accelerators.many_core.design import BRAWNY, PUBLISHED, WIMPY, Design, designs_up_to
from simcore.accelerators.many_core.utilisation import largest_batch, layer_cycles, performance, shapes_of
from simcore.accelerators.workloads.reader import load_workload
from simcore.accelerators.workloads.workload import Layer, Workload
from simcore.errors import InputError

CLOCK_HZ = 700e6
NETWORKS = ("resnet50", "inception_v3", "nasnet_a_large")
DESIGNS = designs_up_to(92e12, CLOCK_HZ)


def network(*layers):
    return Workload("net", "A network", tuple(Layer(f"l{place}", **layer) for place, layer in enumerate(layers)))


def convolution(size=8, kernel=3, channels=16, filters=32, groups=1):
    shape = {"channels": channels, "filters": filters, "input_size": size, "kernel": kernel, "groups": groups}
    return {"kind": "convolution", "padding": kernel // 2, **shape}


def by_loops(layer, design, batch, overlapped):
    """Cycles of a layer, as written in the module, with whole numbers and loops."""
    size, units = design.size, design.tensor_units
    columns = layer.groups * math.ceil(layer.filters // layer.groups / size)
    rows = math.ceil(layer.products / size)
    found = []
    for power in range(units.bit_length()):
        parts = 2**power
        tiles, places = math.ceil(columns / parts) * rows, math.ceil(batch * layer.positions * parts / units)
        if overlapped:
            found.append(size + (tiles - 1) * max(places, size) + places + 2 * size - 2)
        else:
            found.append(tiles * (size + places + 2 * size - 2))
    return min(found)


def test_a_layer_by_hand():
    shapes = shapes_of(network({"kind": "linear", "channels": 100, "filters": 20}))
    one = Design(8, 1, 1, 1)
    # 13 x 3 tiles of 8 x 8, one place each: each loads in 8 cycles, the first before the array works.
    assert layer_cycles(shapes, one, 1).tolist() == [8 + 38 * 8 + 1 + 14]
    assert layer_cycles(shapes, one, 10).tolist() == [8 + 38 * 10 + 10 + 14]
    assert layer_cycles(shapes, one, 1, overlapped=False).tolist() == [39 * (8 + 1 + 14)]
    # Four units: three of them take a column of tiles each.
    assert layer_cycles(shapes, Design(8, 4, 1, 1), 1).tolist() == [8 + 12 * 8 + 1 + 14]
    found = performance(shapes, one, 1e6, 10)
    assert found.utilisation == 10 * 2000 / (64 * 412)
    assert found.latency_s == 412e-6 and found.inputs_per_s == pytest.approx(10 / 412e-6)
    assert found.operations_per_s == pytest.approx(2 * 10 * 2000 / 412e-6)


def test_a_group_has_tiles_of_its_own():
    dense = shapes_of(network(convolution(channels=32)))
    depthwise = shapes_of(network(convolution(channels=32, groups=32)))
    one = Design(32, 1, 1, 1)
    assert layer_cycles(dense, one, 1).tolist() == [32 + 8 * 64 + 64 + 62]
    assert layer_cycles(depthwise, one, 1).tolist() == [32 + 31 * 64 + 64 + 62]
    assert performance(depthwise, one, CLOCK_HZ, 1).utilisation < 9 / 1024


def test_the_mapping_is_not_the_best():
    depthwise = shapes_of(network(convolution(size=32, channels=64, filters=64, groups=64)))
    found = layer_cycles(depthwise, Design(64, 1, 1, 1), 1).tolist()
    # Seven groups of 9 products side by side in a tile: ten tiles.
    assert found == [65_726] and found[0] > 64 + 9 * 1024 + 1024 + 126 == 10_430


def test_the_smallest_arrays_lead_all_designs():
    shapes = [shapes_of(load_workload(name)) for name in NETWORKS]
    for batch in (1, 256):
        found = {design: [performance(one, design, CLOCK_HZ, batch) for one in shapes] for design in DESIGNS}
        fastest = max(sum(net.operations_per_s for net in found[one]) / 3e12 for one in DESIGNS)
        busiest = max(sum(net.utilisation for net in found[one]) / 3 for one in DESIGNS)
        assert sum(net.operations_per_s for net in found[Design(4, 1, 64, 64)]) / 3e12 == fastest
        assert sum(net.utilisation for net in found[Design(4, 1, 1, 1)]) / 3 == busiest
        if batch == 1:
            assert (round(fastest, 2), round(busiest, 3)) == (61.96, 0.965)
    # Not on each network: a single input of ResNet-50 is fastest on arrays of 8 x 8.
    single = {design: performance(shapes[0], design, CLOCK_HZ, 1).operations_per_s for design in DESIGNS}
    assert max(single, key=single.__getitem__).size == 8


def test_largest_batches_of_the_document():
    shapes = [shapes_of(load_workload(name)) for name in NETWORKS]
    found = [[largest_batch(one, design, CLOCK_HZ, 0.01) for design in PUBLISHED] for one in shapes]
    assert found == [[117, 58, 14, 92, 56], [70, 35, 10, 46, 25], [2, 1, 1, None, None]]


layers = st.builds(
    convolution, st.integers(1, 40), st.sampled_from((1, 3, 5)), st.integers(1, 300), st.integers(1, 300)
) | st.builds(lambda n: convolution(channels=n, filters=n, groups=n), st.integers(1, 100))


@given(st.lists(layers, min_size=1, max_size=4), st.sampled_from(DESIGNS), st.integers(1, 300), st.booleans())
@settings(max_examples=150, deadline=None)
def test_utilisation_is_a_share_and_throughput_below_the_peak(made, design, batch, overlapped):
    net = network(*made)
    shapes = shapes_of(net)
    found = performance(shapes, design, CLOCK_HZ, batch, overlapped)
    assert found.cycles == sum(by_loops(layer, design, batch, overlapped) for layer in net.layers)
    assert 0.0 < found.utilisation <= 1.0
    assert 0.0 < found.operations_per_s <= design.peak_operations_per_s(CLOCK_HZ)
    done = 2.0 * batch * net.operations / found.latency_s
    assert found.operations_per_s == pytest.approx(done, rel=1e-12)
    # More inputs never need fewer cycles, and overlapped weights never more.
    assert performance(shapes, design, CLOCK_HZ, batch + 1, overlapped).cycles >= found.cycles
    assert performance(shapes, design, CLOCK_HZ, batch, True).cycles <= found.cycles


@given(st.lists(layers, min_size=1, max_size=3), st.sampled_from(DESIGNS), st.floats(1e-6, 1e-2))
@settings(max_examples=60, deadline=None)
def test_the_largest_batch_is_the_largest(made, design, latency_s):
    shapes = shapes_of(network(*made))
    batch = largest_batch(shapes, design, CLOCK_HZ, latency_s)
    if batch is None:
        assert performance(shapes, design, CLOCK_HZ, 1).latency_s > latency_s
        return
    assert performance(shapes, design, CLOCK_HZ, batch).latency_s <= latency_s
    more = batch == shapes.most_batch or performance(shapes, design, CLOCK_HZ, batch + 1).latency_s > latency_s
    assert more


@pytest.mark.parametrize(("name", "overlapped"), list(itertools.product(NETWORKS, (True, False))))
def test_wimpy_designs_are_used_more_and_yield_less(name, overlapped):
    shapes = shapes_of(load_workload(name))
    batches = [
        (1, 1),
        (256, 256),
        tuple(largest_batch(shapes, one, CLOCK_HZ, 0.01, overlapped) for one in (WIMPY, BRAWNY)),
    ]
    for wimpy_batch, brawny_batch in batches:
        wimpy = performance(shapes, WIMPY, CLOCK_HZ, wimpy_batch, overlapped)
        brawny = performance(shapes, BRAWNY, CLOCK_HZ, brawny_batch, overlapped)
        assert wimpy.utilisation > brawny.utilisation
        assert wimpy.operations_per_s < brawny.operations_per_s


def test_the_named_brawny_design_yields_most_of_the_named():
    for name, batch in itertools.product(NETWORKS, (1, 256)):
        shapes = shapes_of(load_workload(name))
        found = {design: performance(shapes, design, CLOCK_HZ, batch) for design in PUBLISHED}
        assert max(PUBLISHED, key=lambda design: found[design].operations_per_s) == BRAWNY
        assert max(PUBLISHED, key=lambda design: found[design].utilisation) == WIMPY


def test_equal_layers_are_counted_together():
    workload = load_workload("resnet50")
    shapes = shapes_of(workload)
    assert shapes.layers.sum() == len(workload.layers) and len(shapes.layers) < len(workload.layers)
    assert shapes.operations == workload.operations


def test_what_cannot_be_counted_is_refused():
    with pytest.raises(InputError, match="network = 'lth_estimated'"):
        shapes_of(load_workload("lth_estimated"))
    large = {"kind": "linear", "channels": 2**26, "filters": 2**27}
    assert shapes_of(network(large)).most_batch == 1
    with pytest.raises(InputError, match=r"batch = 2 is not allowed: must be an integer in \[1, 1\]"):
        performance(shapes_of(network(large)), BRAWNY, CLOCK_HZ, 2)
    with pytest.raises(InputError, match=r"network = 'net' .* must have at most"):
        shapes_of(network(large, large))
    assert 0.0 < performance(shapes_of(network(large)), BRAWNY, CLOCK_HZ, 1).utilisation <= 1.0
