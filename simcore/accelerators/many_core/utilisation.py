"""Utilisation of many cores by a network: the losses of rounding up, in our model.

A layer has K products per output, m filters in g groups, and E places; b inputs are processed at once. A tensor unit of
X x X holds a tile of weights, with products along its rows and filters along its columns. The weights of a layer are::

    C = g ceil(m / (g X))   columns of tiles, each of   R = ceil(K / X)   tiles

All U = N Tx Ty units work on one layer at a time. They are divided into D parts for the columns of tiles and U / D
parts for the places; a unit sums the R tiles of a column itself. It has::

    n = ceil(C / D) R        tiles, each with
    p = ceil(b E D / U)      places

and needs, with loading of the next weights during the current tile (``overlapped``) and without::

    cycles = X + (n - 1) max(p, X) + p + 2 X - 2
    cycles = n (X + p + 2 X - 2)

A tile loads in X cycles, a row in each; the last sum leaves an array 2 X - 2 cycles after its last input. D is the
power of 2 from 1 to U with the fewest cycles. Then, with the products of the layers, K m E / g each::

    utilisation = b sum K m E / g / (U X^2 sum cycles)        in (0, 1]
    throughput  = utilisation x peak = 2 b sum K m E / g / latency,        latency = sum cycles / f

Included: rounding up of products, filters, places and batches, weights that load, arrays that fill and drain. Left
out: memory bandwidth on and off the chip, the network between cores, vector units, pooling, additions of branches and
control, all of which increase the time.

The cycles are the fewest of one restricted mapping, and better mappings exist: K is never divided over units, a group
has tiles of its own (convolutions whose filters see one channel each use a column of a unit), a layer fills and drains
before the next one starts, and all units work on one layer. A depthwise convolution of 3 x 3 with 64 channels and 1,024
places takes 65,726 cycles here with X = 64; with seven groups side by side in a tile it takes 10,430. The results are
therefore neither an upper nor a lower bound for a design.

Sources: the equations are ours. The dataflow is that of TPU v1: Jouppi et al., "In-datacenter performance analysis of a
tensor processing unit", ISCA 2017.
"""

from collections import Counter
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from simcore.accelerators.many_core.design import Design, positive
from simcore.accelerators.workloads.workload import LARGEST_TOTAL, Workload
from simcore.errors import integer, require, truth

MOST_BATCH = 65_536
Whole = NDArray[np.int64]


@dataclass(frozen=True, eq=False)
class Shapes:
    """Layers of a network by shape; arrays with one entry for each distinct shape.

    Parameters
    ----------
    products, filters, groups, positions
        K, m / g, g and E of a layer, int64 of shape (shapes,).
    layers
        Number of layers with these values, int64 of shape (shapes,).
    operations
        Number of products per input, of all layers.
    """

    products: Whole
    filters: Whole
    groups: Whole
    positions: Whole
    layers: Whole
    operations: int

    @property
    def most_batch(self) -> int:
        """Largest number of inputs that can be counted."""
        return min(MOST_BATCH, LARGEST_TOTAL // self.operations)


@dataclass(frozen=True)
class Performance:
    """A network on a design.

    Parameters
    ----------
    batch
        Number of simultaneous inputs.
    cycles
        Cycles of a batch.
    utilisation
        Reached share of the peak, in (0, 1].
    operations_per_s
        Throughput, two operations for each product.
    latency_s
        Latency of a batch, s.
    """

    batch: int
    cycles: float
    utilisation: float
    operations_per_s: float
    latency_s: float

    @property
    def inputs_per_s(self) -> float:
        """Inputs per second."""
        return self.batch / self.latency_s


def shapes_of(workload: Workload) -> Shapes:
    """The layers of a workload by their shapes.

    Parameters
    ----------
    workload
        A workload with layers.

    Returns
    -------
    Shapes
        Different shapes, and how many layers have each.

    Raises
    ------
    InputError
        If the workload has no layers, or more products than can be counted.
    """
    require(isinstance(workload, Workload), "workload", workload, "use a workload from load_workload")
    require(len(workload.layers) > 0, "network", workload.name, workload.why_no_layers or "use a workload with layers")
    operations = workload.operations
    require(
        operations <= LARGEST_TOTAL,
        "network",
        workload.name,
        f"the network must have at most {LARGEST_TOTAL:,} products",
    )
    found = Counter(
        (layer.products, layer.filters // layer.groups, layer.groups, layer.positions) for layer in workload.layers
    )
    products, filters, groups, positions = np.array(list(found), dtype=np.int64).T
    layers = np.array(list(found.values()), dtype=np.int64)
    return Shapes(products, filters, groups, positions, layers, operations)


def layer_cycles(shapes: Shapes, design: Design, batch: int, overlapped: bool = True) -> NDArray[np.float64]:
    """Cycles of a layer of each shape.

    Parameters
    ----------
    shapes
        Shapes of a network.
    design
        Design on which the network runs.
    batch
        Number of simultaneous inputs, at most `Shapes.most_batch`.
    overlapped
        Whether weights load while the array works.

    Returns
    -------
    ndarray
        Cycles, shape (number of shapes,), float64.

    Raises
    ------
    InputError
        If the batch is not a number from 1 to `Shapes.most_batch`, or another argument is of another type.
    """
    require(isinstance(shapes, Shapes), "shapes", shapes, "use the result of shapes_of")
    require(isinstance(design, Design), "design", design, "use a Design")
    batch, overlapped = integer(batch, "batch", 1, shapes.most_batch), truth(overlapped, "overlapped")
    size, units = design.size, design.tensor_units
    parts = 2 ** np.arange(units.bit_length(), dtype=np.int64)[:, None]
    columns = shapes.groups * _rounded_up(shapes.filters, size)
    rows = _rounded_up(shapes.products, size)
    # Floats are needed because the product of two counts can exceed 64 bits.
    tiles = _rounded_up(columns, parts).astype(float) * rows
    places = _rounded_up(batch * shapes.positions, units // parts).astype(float)
    if overlapped:
        cycles = size + (tiles - 1.0) * np.maximum(places, size) + places + (2 * size - 2)
    else:
        cycles = tiles * (places + (3 * size - 2))
    fewest: NDArray[np.float64] = cycles.min(axis=0)
    return fewest


def _rounded_up(numbers: Whole, divisor: "Whole | int") -> Whole:
    return -(-numbers // divisor)


def performance(shapes: Shapes, design: Design, clock_hz: float, batch: int, overlapped: bool = True) -> Performance:
    """Performance of a network on a design at a clock.

    Parameters
    ----------
    shapes, design, batch, overlapped
        See `layer_cycles`.
    clock_hz
        Clock, Hz.

    Returns
    -------
    Performance
        Cycles, utilisation, throughput and latency.

    Raises
    ------
    InputError
        As in `layer_cycles`, or if the clock is not a number above 0.
    """
    clock_hz = positive(clock_hz, "clock_hz")
    by_shape = layer_cycles(shapes, design, batch, overlapped)
    cycles = float(shapes.layers @ by_shape)
    useful = float(batch * shapes.operations)
    # Sums above 2^53 cycles are rounded.
    utilisation = min(1.0, useful / (cycles * design.multipliers))
    peak = design.peak_operations_per_s(clock_hz)
    return Performance(batch, cycles, utilisation, utilisation * peak, cycles / clock_hz)


def largest_batch(
    shapes: Shapes, design: Design, clock_hz: float, latency_s: float, overlapped: bool = True
) -> int | None:
    """The largest batch, up to `Shapes.most_batch`, whose latency is at most a limit; None if one input takes longer.

    Parameters
    ----------
    shapes, design, clock_hz, overlapped
        See `performance`.
    latency_s
        Limit, s.

    Returns
    -------
    int or None
        Number of inputs.

    Raises
    ------
    InputError
        As in `performance`, or if the limit is not a number above 0.
    """
    latency_s = positive(latency_s, "latency_s")

    def fits(batch: int) -> bool:
        return performance(shapes, design, clock_hz, batch, overlapped).latency_s <= latency_s

    if not fits(1):
        return None
    # More inputs never need fewer cycles.
    low, high = 1, shapes.most_batch + 1
    while high - low > 1:
        middle = (low + high) // 2
        low, high = (middle, high) if fits(middle) else (low, middle)
    return low
