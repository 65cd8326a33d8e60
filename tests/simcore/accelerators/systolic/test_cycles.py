"""Cycles of a layer on a systolic array."""

from dataclasses import replace
from itertools import product

import pytest
from sata_layers import OUTPUTS_STAY, RELEASE, WEIGHTS_STAY

from simcore.accelerators.figures import Unpublished
from simcore.accelerators.systolic.cycles import Array, loading_cycles, step_cycles
from simcore.accelerators.systolic.geometry import Geometry, geometry_of, operated_outputs
from simcore.accelerators.workloads.workload import CONVOLUTION, Layer


@pytest.mark.parametrize("counted", RELEASE)
def test_cycles_are_those_of_the_release(counted):
    geometry = geometry_of(counted.layer, as_published=True)
    assert step_cycles(geometry, OUTPUTS_STAY) == counted.step_cycles
    assert loading_cycles(geometry, OUTPUTS_STAY) == counted.weight_cycles


@pytest.mark.parametrize("counted", RELEASE)
def test_published_operations_pad_every_layer_by_one(counted):
    side = (counted.size + 2 - counted.kernel) // counted.stride + 1
    assert operated_outputs(counted.layer, as_published=True) == side**2
    # A linear layer has one output a filter in truth.
    assert operated_outputs(counted.layer, as_published=False) == (1 if counted.size == 1 else side**2)


def small_geometry(outputs: int, products: int, filters: int) -> Geometry:
    """A layer of so many outputs, in a row, of so many products."""
    return Geometry((1, outputs), (1, outputs), (1, 1), (1, 1), (0, 0), products, filters)


@pytest.mark.parametrize(("outputs", "products", "filters"), [(8, 5, 6), (4, 12, 2), (12, 3, 4)])
def test_a_fold_of_outputs_lasts_until_its_last_element_has_its_last_product(outputs, products, filters):
    rows, columns = 4, 2
    # Row i and column j come to product k in cycle i + j + k.
    ends = [i + j + k for i, j, k in product(range(rows), range(columns), range(products))]
    folds = outputs // rows * filters // columns
    assert step_cycles(small_geometry(outputs, products, filters), Array(rows, columns, 1, True)) == (
        folds * (max(ends) + 1) - 1
    )


@pytest.mark.parametrize("steps", [1, 3])
def test_weights_that_stay_are_loaded_once_and_all_steps_stream(steps):
    rows, columns = 4, 2
    array = Array(rows, columns, 1, outputs_stay=False)
    geometry = small_geometry(outputs=5, products=8, filters=6)
    # R cycles load a fold; then row i and column j come to output o in cycle i + j + o.
    streamed = max(i + j + o for i, j, o in product(range(rows), range(columns), range(steps * 5))) + 1
    folds = 8 // rows * 6 // columns
    cycles = steps * step_cycles(geometry, array) + loading_cycles(geometry, array)
    assert cycles == folds * (rows + streamed) - 1


@pytest.mark.parametrize("products", [1, 3, 4])
def test_the_last_weights_are_loaded_row_by_row(products):
    # Two folds of filters; the second one begins after a fold of 5 + 2 R + C - 2 cycles, and fills its rows in turn.
    array = Array(rows=4, columns=2, arrays=1, outputs_stay=True)
    assert loading_cycles(small_geometry(5, products, 4), array) == 5 + 2 * 4 + 2 - 2 + products - 1


def test_several_arrays_share_the_filters():
    geometry = geometry_of(RELEASE[1].layer, as_published=False)
    four = replace(OUTPUTS_STAY, arrays=4)
    assert step_cycles(geometry, four) + 1 == (step_cycles(geometry, OUTPUTS_STAY) + 1) / 4
    assert four.elements == 4 * OUTPUTS_STAY.elements
    assert step_cycles(geometry, replace(WEIGHTS_STAY, arrays=4)) == step_cycles(geometry, WEIGHTS_STAY) / 4


def test_heights_and_widths_differ():
    layer = Layer("conv", CONVOLUTION, 2, 3, (9, 6), (3, 2), (2, 1), (1, 0))
    assert geometry_of(layer, as_published=False).output_size == (5, 5)
    assert geometry_of(layer, as_published=True).output_size == (4, 5)
    assert geometry_of(layer, as_published=False).products == 12


def test_a_group_has_its_share_of_channels_and_filters():
    geometry = geometry_of(Layer("conv", CONVOLUTION, 8, 12, (4, 4), (3, 3), groups=4), as_published=False)
    assert (geometry.channels, geometry.filters) == (2, 3)


def test_published_cycles_do_not_cover_a_kernel_that_needs_padding():
    layer = Layer("small", CONVOLUTION, 2, 3, (2, 2), (3, 3), padding=(1, 1))
    assert geometry_of(layer, as_published=False).output_size == (2, 2)
    with pytest.raises(Unpublished, match="layer small: a kernel of 3 x 3 does not fit in an input of 2 x 2"):
        geometry_of(layer, as_published=True)
