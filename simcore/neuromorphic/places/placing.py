"""The assignment of cores to slots of a chip: places by name, and the check of their results."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.errors import require
from simcore.neuromorphic.places.core_traffic import CoreTraffic
from simcore.neuromorphic.places.geometry import Geometry
from simcore.registry import Entry, Registry
from simcore.registry.files import failures_of

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
IN_ORDER = "in_order"
"""The default place: core k in slot k."""
PLACE_OBJECTIVES = ("hops", "link")
"""Objectives: all hops, or messages on the busiest link."""


@dataclass(frozen=True)
class PlaceOptions:
    """Options of a placer.

    Parameters
    ----------
    seed
        Seed of its random numbers.
    objective
        One of `PLACE_OBJECTIVES`; ignored by placers with only one objective.
    effort
        Number of proposals of a placer that improves iteratively; None for the default of the placer.
    """

    seed: int = 1
    objective: str = "hops"
    effort: int | None = None


Placer = Callable[[CoreTraffic, Geometry, PlaceOptions], IntArray]
"""Distinct slots of the cores, int64 (cores,), from the expected traffic, the slots, and the options."""


def _fault(name: str, implementation: object) -> str | None:
    """Why a plug-in is not a placer, or None."""
    return None if callable(implementation) else "is not a function that assigns cores to slots"


places: Registry[Placer] = Registry(
    "place",
    {
        name: Entry(f"simcore.neuromorphic.places.{name}:place_cores")
        for name in (IN_ORDER, "space_filling", "spectral", "anneal", "trees")
    },
    group="simcore.places",
    fault=_fault,
    files=True,
)


def make_place(place: str, traffic: CoreTraffic, geometry: Geometry, options: PlaceOptions) -> IntArray:
    """Slot of each core by a named placer, int64 (cores,), checked.

    Raises
    ------
    InputError
        If the place is not known, the placer of a file fails, or cores do not get distinct slots.
    """
    place_cores = places.get(place)
    with failures_of(place_cores):
        slots = np.asarray(place_cores(traffic, geometry, options))
    allowed = f"it must assign {traffic.cores} cores to different slots out of {geometry.slots}"
    require(are_slots(slots, traffic.cores, geometry.slots), "place", place, allowed)
    return slots.astype(np.int64, copy=False)


def are_slots(slots: npt.NDArray[np.generic], cores: int, most: int) -> bool:
    """Whether an array contains distinct slots below `most` for all cores."""
    if slots.shape != (cores,) or slots.dtype.kind not in "iu":
        return False
    return bool(slots.min() >= 0 and slots.max() < most and len(np.unique(slots)) == cores)


def flow_hops(traffic: CoreTraffic, geometry: Geometry, slots: IntArray) -> int:
    """Links that single messages pass per second, in units of the traffic; without multicast, all hops."""
    tiles = geometry.tile_of_slot[slots]
    return int((traffic.between * geometry.distance[np.ix_(tiles, tiles)]).sum()) // 2


def best_of(traffic: CoreTraffic, geometry: Geometry, candidates: list[IntArray]) -> IntArray:
    """The first of the candidates with the fewest `flow_hops`."""
    return min(candidates, key=lambda slots: flow_hops(traffic, geometry, slots))
