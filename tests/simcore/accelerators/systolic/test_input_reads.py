"""How often elements of the input are read from DRAM."""

from dataclasses import replace
from itertools import product

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sata_layers import OUTPUTS_STAY, RELEASE

from simcore.accelerators.answer import ModelOptions
from simcore.accelerators.sheets.parser import load_accelerator
from simcore.accelerators.systolic import input_reads as module
from simcore.accelerators.systolic.cycles import Array
from simcore.accelerators.systolic.geometry import Geometry, geometry_of
from simcore.accelerators.systolic.inference import systolic_inference
from simcore.accelerators.systolic.input_reads import demanded_elements, input_reads, uncountable
from simcore.accelerators.workloads.reader import load_workload

HALF_OF_32_KIB = 50 * (32_768 // 100)
HALF_OF_8_KIB = 50 * (8_192 // 100)


@pytest.mark.parametrize("counted", RELEASE)
def test_reads_are_those_of_the_release(counted):
    geometry = geometry_of(counted.layer, as_published=True)
    assert input_reads(geometry, OUTPUTS_STAY, HALF_OF_32_KIB) == counted.dram_input_reads


@pytest.mark.parametrize(("index", "reads"), [(1, 1_814_723), (2, 420_734), (3, 225_922), (4, 2_048), (5, 135_492)])
def test_reads_are_those_of_the_release_with_a_buffer_of_8_kib(index, reads):
    # Results dvs_snn_ of SATA_Sim.
    geometry = geometry_of(RELEASE[index].layer, as_published=True)
    assert input_reads(geometry, OUTPUTS_STAY, HALF_OF_8_KIB) == reads


def brute_force(geometry: Geometry, array: Array, capacity: int) -> int:
    """The count by its definition, cycle by cycle, with a set."""
    (height, width), channels = geometry.input_size, geometry.channels
    outputs = list(product(range(geometry.output_size[0]), range(geometry.output_size[1])))
    products = list(product(range(geometry.kernel[0]), range(geometry.kernel[1]), range(channels)))
    held, streamed = (outputs, products) if array.outputs_stay else (products, outputs)
    buffer: set[int] = set()
    reads = 0
    for _ in range(array.filter_folds(geometry)):
        for first in range(0, len(held), array.rows):
            fold = held[first : first + array.rows]
            for cycle, row in product(range(len(streamed) + array.rows - 1), range(len(fold))):
                if not 0 <= cycle - row < len(streamed):
                    continue
                pair = fold[row], streamed[cycle - row]
                (o_y, o_x), (k_y, k_x, channel) = pair if array.outputs_stay else pair[::-1]
                y = o_y * geometry.stride[0] + k_y - geometry.padding[0]
                x = o_x * geometry.stride[1] + k_x - geometry.padding[1]
                if not (0 <= y < height and 0 <= x < width):
                    continue
                address = (y * width + x) * channels + channel
                if address not in buffer:
                    reads += 1
                    buffer.add(address)
                    if len(buffer) == capacity:
                        buffer.clear()
    return reads


@st.composite
def geometries(draw):
    """Small layers, with heights that differ from widths, padding and outputs that reach beyond the input."""
    kernel, stride, padding = (draw(st.tuples(*[st.integers(low, 3)] * 2)) for low in (1, 1, 0))
    size = tuple(draw(st.integers(max(side - 2 * pad, 1), 6)) for side, pad in zip(kernel, padding, strict=True))
    output = tuple(
        -(-(extent + 2 * pad - side) // step) + 1
        for extent, side, step, pad in zip(size, kernel, stride, padding, strict=True)
    )
    return Geometry(size, output, kernel, stride, padding, draw(st.integers(1, 4)), draw(st.integers(1, 12)))


@settings(deadline=None, max_examples=200)
@given(
    geometry=geometries(),
    rows=st.integers(1, 5),
    columns=st.integers(1, 5),
    outputs_stay=st.booleans(),
    capacity=st.integers(1, 60),
)
def test_reads_equal_those_counted_with_a_set(geometry, rows, columns, outputs_stay, capacity):
    array = Array(rows, columns, 1, outputs_stay)
    assert input_reads(geometry, array, capacity) == brute_force(geometry, array, capacity)


def test_an_input_that_fits_is_read_once():
    geometry = geometry_of(RELEASE[1].layer, as_published=False)
    assert input_reads(geometry, OUTPUTS_STAY, 32 * 32 * 64 + 1) == 32 * 32 * 64
    assert input_reads(geometry, OUTPUTS_STAY, 32 * 32 * 64) > 32 * 32 * 64


def test_padding_is_not_demanded():
    geometry = Geometry((2, 2), (2, 2), (3, 3), (1, 1), (1, 1), 1, 1)
    # Each of the four outputs sees the four elements of the input, and nothing else.
    assert sorted(demanded_elements(geometry, OUTPUTS_STAY)) == sorted([0, 1, 2, 3] * 4)


def test_a_layer_that_is_too_large_is_not_counted(monkeypatch):
    geometry = Geometry((6, 6), (6, 6), (1, 1), (1, 1), (0, 0), 3, 1)
    assert uncountable(geometry, OUTPUTS_STAY, 10) is None
    monkeypatch.setattr(module, "MOST", 107)
    assert uncountable(geometry, OUTPUTS_STAY, 10).startswith("has 108 inputs and 108 products per filter")
    monkeypatch.setattr(module, "MOST", 108)
    assert uncountable(geometry, OUTPUTS_STAY, 10) is None


def test_a_buffer_that_is_filled_too_often_is_not_counted(monkeypatch):
    geometry = Geometry((6, 6), (6, 6), (1, 1), (1, 1), (0, 0), 3, 8)
    array = Array(16, 1, 1, True)
    monkeypatch.setattr(module, "MOST_FILLS", 107)
    # 8 folds of 108 demands, 8 at a time: 108 fills.
    assert uncountable(geometry, array, 8).endswith("up to 108 times before the reads repeat; the limit is 107 times")
    assert uncountable(geometry, array, 9) is None
    # However many folds there are, no more than 108 places begin a fill.
    assert "up to 108 times" in uncountable(geometry, array, 1)
    assert uncountable(geometry, array, 109) is None


@settings(deadline=None, max_examples=50)
@given(geometry=geometries(), rows=st.integers(1, 5), outputs_stay=st.booleans(), capacity=st.integers(1, 60))
def test_reads_of_many_folds_equal_those_counted_with_a_set(geometry, rows, outputs_stay, capacity):
    many = replace(geometry, filters=30 * geometry.filters)
    array = Array(rows, 1, 1, outputs_stay)
    assert input_reads(many, array, capacity) == brute_force(many, array, capacity)


def test_the_time_does_not_grow_with_the_folds():
    geometry, array = Geometry((1, 1), (1, 1), (1, 1), (1, 1), (0, 0), 1000, 10**15), Array(16, 1, 1, True)
    # All elements differ: every 13 demands are 13 reads.
    assert input_reads(geometry, array, 13) == 1000 * 10**15


def test_an_array_has_no_answer_for_a_layer_that_is_too_large_and_says_which(monkeypatch):
    monkeypatch.setattr(module, "MOST", 1000)
    found = systolic_inference(load_workload("vgg9"), load_accelerator("sata"), ModelOptions(1))
    assert found.energy_j is found.latency_s is None
    assert found.reasons["energy_j"].startswith("layer conv1 has 3,072 inputs")
    assert systolic_inference(load_workload("vgg9"), load_accelerator("tpu_v1"), ModelOptions(1)).latency_s > 0.0
