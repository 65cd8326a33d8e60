"""Positions of the neurons of a population: on a grid, at random, or as given.

The user chooses the unit of length, commonly mm; positions, masks and kernels of a network use the same unit.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from simcore.errors import integer, keywords_known, require, truth
from simcore.random import Purpose, philox
from simcore.space.points import DIMENSIONS, as_point, is_point
from simcore.values import plain_numbers

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Box:
    """Box of possible positions: lower and upper ends in three dimensions (0 in an unused third one), and periods.

    A period of 0 means an open boundary.
    """

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    period: tuple[float, ...]


class Positions(ABC):
    """Base class of positions of the neurons of a population.

    Attributes
    ----------
    extent, center
        Sides and centre of the layer's box.
    edge_wrap
        Whether distances are measured around the box, as on a torus.
    """

    name: ClassVar[str]
    extent: Any
    center: Any
    edge_wrap: bool

    @property
    def dimensions(self) -> int:
        """2 or 3."""
        return len(self.extent)

    @property
    def box(self) -> Box:
        """Box of the layer."""
        filled = (*zip(self.center, self.extent, strict=True), *[(0.0, 0.0)] * (3 - self.dimensions))
        lower, upper = (tuple(c + side * e for c, e in filled) for side in (-0.5, 0.5))
        return Box(lower, upper, tuple(e if self.edge_wrap else 0.0 for _, e in filled))

    @abstractmethod
    def check(self, size: int, field: str) -> None:
        """Raise InputError if a population of this size cannot have these positions.

        Parameters
        ----------
        size
            Number of neurons of the population.
        field
            Name of the field, for messages.

        Raises
        ------
        InputError
            If the number of positions is not the number of neurons.
        """

    @abstractmethod
    def coordinates(self, population: int, seed: int, ids: IntArray) -> FloatArray:
        """Return the positions of some neurons; the third row is 0 in two dimensions.

        Parameters
        ----------
        population, seed
            Number of the population and seed of the simulation, on which random positions depend.
        ids
            Population-local ids, int64 of shape (neurons,).

        Returns
        -------
        ndarray of float64
            Shape (3, neurons).
        """


def _take_box(positions: Any, dimensions: int | None = None) -> None:
    """Check extent, center and edge_wrap, and store them as tuples."""
    name = positions.name
    extent = as_point(positions.extent, f"{name}.extent", dimensions)
    for side in extent:
        require(1e-6 <= side <= 1e6, f"{name}.extent", side, "must be between 1e-6 and 1e6")
    center = positions.center if positions.center is not None else (0.0,) * len(extent)
    object.__setattr__(positions, "extent", extent)
    object.__setattr__(positions, "center", as_point(center, f"{name}.center", len(extent)))
    for middle in positions.center:
        require(abs(middle) <= 1e6, f"{name}.center", middle, "must be between -1e6 and 1e6")
    truth(positions.edge_wrap, f"{name}.edge_wrap")


@keywords_known
@dataclass(frozen=True)
class GridPositions(Positions):
    """Regular grid, like ``nest.spatial.grid``.

    Neurons are at the centres of the grid's cells. As in NEST, they are numbered along y from the top, then along x (in
    three dimensions along z first): neuron 0 has the smallest x and the largest y.

    Parameters
    ----------
    shape
        Number of neurons along x, y and optionally z; the product is the size of the population.
    extent
        Sides of the box, 1 by default.
    center
        Centre of the box, the origin by default.
    edge_wrap
        Periodic boundaries.

    Raises
    ------
    InputError
        If the shape or the box is not allowed.
    """

    shape: Sequence[int]
    extent: Sequence[float] | None = None
    center: Sequence[float] | None = None
    edge_wrap: bool = False
    name = "grid positions"

    def __post_init__(self) -> None:
        shape = self.shape
        require(is_point(shape), f"{self.name}.shape", shape, "use a list of two or three integers")
        object.__setattr__(self, "shape", tuple(integer(one, f"{self.name}.shape", 1, 2**31 - 1) for one in shape))
        if self.extent is None:
            object.__setattr__(self, "extent", (1.0,) * len(self.shape))
        _take_box(self, len(self.shape))

    def check(self, size: int, field: str) -> None:
        product = 1
        for one in self.shape:
            product *= one
        require(product == size, f"{field}.shape", self.shape, f"the product must be the population's size, {size}")

    def coordinates(self, population: int, seed: int, ids: IntArray) -> FloatArray:
        _, n_y, n_z = (*self.shape, 1)[:3]
        places = ids // (n_y * n_z), n_y - 1 - ids // n_z % n_y, ids % n_z
        box, found = self.box, np.zeros((3, len(ids)))
        for axis, (place, n) in enumerate(zip(places[: self.dimensions], self.shape, strict=True)):
            side = box.upper[axis] - box.lower[axis]
            found[axis] = box.lower[axis] + (place + 0.5) * (side / n)
        return found


@keywords_known
@dataclass(frozen=True)
class RandomPositions(Positions):
    """Independent, uniformly random positions in a box, which depend only on the seed, the population and the neuron.

    Parameters
    ----------
    extent
        Sides of the box.
    center
        Centre of the box, the origin by default.
    edge_wrap
        Periodic boundaries.

    Raises
    ------
    InputError
        If the box is not allowed.
    """

    extent: Sequence[float] = (1.0, 1.0)
    center: Sequence[float] | None = None
    edge_wrap: bool = False
    name = "random positions"

    def __post_init__(self) -> None:
        _take_box(self)

    def check(self, size: int, field: str) -> None:
        """Accept any population.

        Parameters
        ----------
        size
            Number of neurons of the population.
        field
            Name of the field, for messages.
        """

    def coordinates(self, population: int, seed: int, ids: IntArray) -> FloatArray:
        words = philox((population, ids, 0, 0), (seed, Purpose.POSITION))
        box, found = self.box, np.zeros((3, len(ids)))
        for axis in range(self.dimensions):
            found[axis] = box.lower[axis] + (words[axis] + 0.5) * 2.0**-32 * (box.upper[axis] - box.lower[axis])
        return found


@keywords_known
@dataclass(frozen=True, eq=False)
class GivenPositions(Positions):
    """Given positions, one for each neuron, like ``nest.spatial.free`` with a list.

    Parameters
    ----------
    array
        Array of shape (neurons, 2) or (neurons, 3).
    extent, center
        Box that contains all positions; by default the smallest one. Periodic boundaries require an extent.
    edge_wrap
        Periodic boundaries.

    Raises
    ------
    InputError
        If the array does not contain positions, or one of them is outside the box.
    """

    array: npt.ArrayLike
    extent: Sequence[float] | None = None
    center: Sequence[float] | None = None
    edge_wrap: bool = False
    name = "given positions"

    def __post_init__(self) -> None:
        allowed = "use an array of shape (neurons, 2) or (neurons, 3)"
        given = self.array
        if isinstance(given, list | tuple):
            # Rows can be lists; the result of the conversion is checked below.
            try:
                given = np.array(given, dtype=np.float64)
            except (TypeError, ValueError, OverflowError):
                require(False, f"{self.name}.array", self.array, allowed)
        values = plain_numbers(given, f"{self.name}.array", allowed)
        shaped = values.ndim == 2 and values.shape[1] in DIMENSIONS and len(values) > 0
        require(shaped, f"{self.name}.array.shape", values.shape, allowed)
        array = np.array(values, dtype=np.float64)
        require(
            bool(np.isfinite(array).all()),
            f"{self.name}.array",
            array[~np.isfinite(array)],
            "every value must be finite",
        )
        array.flags.writeable = False
        object.__setattr__(self, "array", array)
        low, high = array.min(axis=0), array.max(axis=0)
        if self.extent is None:
            require(not self.edge_wrap, f"{self.name}.extent", None, "periodic boundaries require an extent")
            require(self.center is None, f"{self.name}.center", self.center, "a center requires an extent")
            sides = np.maximum(high - low, 1e-6)
            object.__setattr__(self, "extent", tuple(sides.tolist()))
            object.__setattr__(self, "center", tuple((0.5 * (low + high)).tolist()))
            _take_box(self, values.shape[1])
            return
        _take_box(self, values.shape[1])
        for axis, (middle, side) in enumerate(zip(self.center or (), self.extent or (), strict=True)):
            for end in (float(low[axis]), float(high[axis])):
                allowed = f"must be within the extent of the layer, {side:g} around {middle:g}"
                require(abs(end - middle) <= 0.5 * side * (1.0 + 1e-12), f"{self.name}.array", end, allowed)

    def check(self, size: int, field: str) -> None:
        found = len(np.asarray(self.array))
        require(found == size, f"len({field})", found, f"must be {size}, one for each neuron")

    def coordinates(self, population: int, seed: int, ids: IntArray) -> FloatArray:
        found = np.zeros((3, len(ids)))
        found[: self.dimensions] = np.asarray(self.array)[ids].T
        return found

    def __repr__(self) -> str:
        return f"GivenPositions({len(np.asarray(self.array))} positions, extent={self.extent}, center={self.center})"


def as_positions(value: Any, size: int, field: str) -> Positions | None:
    """Return the positions of a population; an array becomes `GivenPositions`, None remains None.

    Raises
    ------
    InputError
        If the value is of another kind, or not for this number of neurons.
    """
    if value is None:
        return None
    if isinstance(value, list | tuple | np.ndarray):
        value = GivenPositions(value)
    allowed = "use GridPositions, RandomPositions, GivenPositions or an array of shape (neurons, 2) or (neurons, 3)"
    require(isinstance(value, Positions), field, value, allowed)
    value.check(size, field)
    positions: Positions = value
    return positions
