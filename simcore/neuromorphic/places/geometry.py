"""The slots of a chip for cores, and the distances between them."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import numpy.typing as npt

from simcore.memory import require_memory
from simcore.neuromorphic.noc.system import TOPOLOGIES, System

Int32Array = npt.NDArray[np.int32]
CHUNK = 1 << 20
"""Number of pairs of tiles whose routes are computed at a time."""


@dataclass(frozen=True, eq=False)
class Geometry:
    """Slots and their tiles: routers with cores.

    Parameters
    ----------
    system
        Routers and links of the chips in use.
    """

    system: System

    @property
    def slots(self) -> int:
        """Number of slots, including free slots."""
        return self.system.slots

    @cached_property
    def _router_of_slot(self) -> Int32Array:
        require_memory({"slots": 40.0 * self.slots}, "the slots of all cores of a chip")
        return self.system.router_of_slot(np.arange(self.slots, dtype=np.int64))

    @cached_property
    def routers(self) -> Int32Array:
        """Router of each tile, ascending, int32 (tiles,).

        Raises
        ------
        ResourceError
            If the slots do not fit into memory.
        """
        return np.unique(self._router_of_slot)

    @cached_property
    def tile_of_slot(self) -> Int32Array:
        """Tile of each slot, int32 (slots,)."""
        return np.searchsorted(self.routers, self._router_of_slot).astype(np.int32)

    @property
    def in_grid(self) -> bool:
        """Whether tiles form rows and columns."""
        return TOPOLOGIES[self.system.topology].in_grid

    @property
    def position(self) -> npt.NDArray[np.float64]:
        """Positions of tiles in figures, float64 (tiles, 2)."""
        return self.system.position[self.routers]

    @cached_property
    def distance(self) -> Int32Array:
        """Number of links that a message passes from tile to tile, int32 (tiles, tiles), symmetric.

        Raises
        ------
        ResourceError
            If the arrays do not fit into memory.
        """
        tiles = len(self.routers)
        require_memory({"distances": 4.0 * tiles * tiles}, "distances between all pairs of routers")
        distance = np.empty((tiles, tiles), np.int32)
        rows = max(1, CHUNK // tiles)
        for low in range(0, tiles, rows):
            first, end = self._runs(low, min(low + rows, tiles))
            distance[low : low + rows] = (end - first).sum(axis=0).reshape(-1, tiles)
        return distance

    @cached_property
    def runs(self) -> tuple[Int32Array, Int32Array]:
        """First link, and the link after the last one, of the runs between tiles, int32 (tiles, tiles, runs).

        Raises
        ------
        ResourceError
            If the arrays do not fit into memory.
        """
        tiles = len(self.routers)
        require_memory({"ways": 32.0 * tiles * tiles}, "routes between all pairs of routers")
        first, end = (np.ascontiguousarray(part.T).reshape(tiles, tiles, -1) for part in self._runs(0, tiles))
        return first, end

    def _runs(self, low: int, high: int) -> tuple[Int32Array, Int32Array]:
        tiles = len(self.routers)
        origins = np.repeat(self.routers[low:high], tiles)
        return self.system.runs(origins, np.tile(self.routers, high - low))
