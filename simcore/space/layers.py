"""The two sides of a projection in space, with positions that are computed on demand."""

from dataclasses import dataclass, replace
from functools import cached_property
from threading import RLock
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.errors import require
from simcore.space.positions import Box, Positions

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

PREPARING = RLock()
"""Lock with which concurrent threads prepare shared data only once."""


@dataclass(frozen=True, eq=False)
class Layer:
    """Neurons of a population with positions.

    Parameters
    ----------
    positions
        Positions of the population.
    population, seed
        Number of the population, and seed of the simulation.
    ids
        Population-local ids: a range, or an array.
    """

    positions: Positions
    population: int
    seed: int
    ids: Any

    def __reduce__(self) -> tuple[Any, ...]:
        # Coordinates are computed again when they are needed.
        return type(self), (self.positions, self.population, self.seed, self.ids)

    @cached_property
    def coordinates(self) -> FloatArray:
        """Coordinates of the neurons, float64 (3, neurons)."""
        return self.positions.coordinates(self.population, self.seed, np.asarray(self.ids, dtype=np.int64))

    def chosen(self, ids: IntArray) -> "Layer":
        """Return a layer of some of its neurons."""
        return replace(self, ids=np.asarray(self.ids)[ids])


class Sheets:
    """Layers of a projection's source and target, with prepared data.

    Parameters
    ----------
    source, target
        Layers; None for a population without positions.
    """

    def __init__(self, source: Layer | None, target: Layer | None) -> None:
        self.source, self.target = source, target
        self._prepared: dict[Any, Any] = {}

    def __reduce__(self) -> tuple[Any, ...]:
        # Prepared data are computed again when they are needed.
        return type(self), (self.source, self.target)

    def chosen(self, sources: IntArray, targets: IntArray) -> "Sheets":
        """Return the sheets of some neurons."""
        return Sheets(
            None if self.source is None else self.source.chosen(sources),
            None if self.target is None else self.target.chosen(targets),
        )

    def prepared(self, key: Any, make: Any) -> Any:
        """Return the result of `make`, which is called once for each key."""
        with PREPARING:
            if key not in self._prepared:
                self._prepared[key] = make()
            return self._prepared[key]

    def check(self, field: str) -> None:
        """Require positions on both sides with the same dimensions and, if periodic, in the same box.

        Raises
        ------
        InputError
            Naming the field.
        """
        allowed = "give both populations positions: Population(..., positions=...)"
        require(self.source is not None and self.target is not None, field, "a spatial rule", allowed)
        source, target = self.both
        allowed = f"must be {target.dimensions}, as for the targets"
        require(source.dimensions == target.dimensions, f"{field}: dimensions", source.dimensions, allowed)
        if source.edge_wrap or target.edge_wrap:
            allowed = "use the same extent and center for source and target with periodic boundaries"
            equal = source.box == target.box
            require(equal, f"{field}: extents", (tuple(source.extent), tuple(target.extent)), allowed)

    @property
    def both(self) -> tuple[Positions, Positions]:
        """Positions of sources and targets, which must exist."""
        assert self.source is not None and self.target is not None  # noqa: S101 - checked before
        return self.source.positions, self.target.positions

    @property
    def displacements(self) -> Box:
        """Smallest and largest coordinates of the displacement from a target to a source, and periods."""
        source, target = (positions.box for positions in self.both)
        if self.both[0].edge_wrap:
            half = tuple(0.5 * side for side in source.period)
            return Box(tuple(0.0 - side for side in half), half, source.period)
        lower = (a - b for a, b in zip(source.lower, target.upper, strict=True))
        upper = (a - b for a, b in zip(source.upper, target.lower, strict=True))
        return Box(tuple(lower), tuple(upper), source.period)
