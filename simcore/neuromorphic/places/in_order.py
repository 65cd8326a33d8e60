"""The place `in_order`: core k in slot k, chip by chip, router by router."""

import numpy as np

from simcore.neuromorphic.places.core_traffic import CoreTraffic
from simcore.neuromorphic.places.geometry import Geometry
from simcore.neuromorphic.places.placing import IntArray, PlaceOptions


def place_cores(traffic: CoreTraffic, geometry: Geometry, options: PlaceOptions) -> IntArray:
    """Slot of each core."""
    return np.arange(traffic.cores, dtype=np.int64)
