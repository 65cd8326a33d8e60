"""The number of chips, the number of routers per chip, and the grid of routers."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError, require
from simcore.neuromorphic.noc.topology import IntArray
from simcore.neuromorphic.sheets.sheet import Chip

MOST_ROUTERS = 1 << 24


@dataclass(frozen=True)
class Layout:
    """Chips, tiles and cores before they are connected.

    Parameters
    ----------
    chips
        Number of chips whose cores are in use.
    width, height
        Number of routers of a chip from west to east, and from south to north.
    cores_per_chip, cores_per_router
        Number of cores per chip, and per router; only the last chip and the last router may have unused cores.
    assumptions
        Assumptions on figures that the sheet does not state.
    """

    chips: int
    width: int
    height: int
    cores_per_chip: int
    cores_per_router: int
    assumptions: tuple[str, ...]

    @property
    def tiles_per_chip(self) -> int:
        """Number of routers of a chip that have cores."""
        return self.width * self.height

    def router_of_slot(self, slots: npt.NDArray[np.int64]) -> IntArray:
        """Router of each slot, int32: slots and routers are numbered chip by chip, row by row."""
        chip, core = np.divmod(slots, self.cores_per_chip)
        router: IntArray = (chip * self.tiles_per_chip + core // self.cores_per_router).astype(np.int32)
        return router


def make_layout(chip: Chip, n_cores: int, in_grid: bool) -> Layout:
    """The chips for `n_cores` cores; the routers of a chip form a grid, or a row.

    Raises
    ------
    InputError
        If the mesh of the sheet has fewer cores than its chip, or there are too many routers.
    """
    assumptions = []
    per_router = chip.count("cores_per_router")
    if per_router is None:
        per_router = 1
        assumptions.append("The number of cores per router is not stated; assumed: one.")
    width, height, per_chip = (chip.count(key) for key in ("mesh_width", "mesh_height", "cores_per_chip"))
    if per_chip is None and width is not None and height is not None:
        per_chip = width * height * per_router
    if per_chip is None:
        per_chip = n_cores
        assumptions.append("The number of cores per chip is not stated; assumed: one chip with all cores.")
    tiles = math.ceil(per_chip / per_router)
    _require_few_enough(chip, tiles)
    if not in_grid:
        width, height = tiles, 1
    if width is None or height is None:
        width, height = _sides(tiles, width, height)
        if tiles > 1:
            assumptions.append(f"The grid of a chip's {tiles:,} routers is not stated; assumed: {width} x {height}.")
    if width * height < tiles:
        raise InputError(
            f"{chip.name}: a mesh of {width} x {height} routers with {per_router} cores each does not have "
            f"the {per_chip:,} cores of a chip"
        )
    chips = math.ceil(n_cores / per_chip)
    _require_few_enough(chip, chips * width * height)
    return Layout(chips, width, height, per_chip, per_router, tuple(assumptions))


def _require_few_enough(chip: Chip, routers: int) -> None:
    require(routers <= MOST_ROUTERS, f"{chip.name}: routers of all chips", routers, f"must be at most {MOST_ROUTERS:,}")


def _sides(tiles: int, width: int | None, height: int | None) -> tuple[int, int]:
    if width is not None:
        return width, math.ceil(tiles / width)
    if height is not None:
        return math.ceil(tiles / height), height
    return near_square(tiles)


def near_square(places: int) -> tuple[int, int]:
    """Width and height of the smallest grid with at least `places` places that is at most twice as wide as high."""
    heights = range(max(1, math.isqrt(places // 2)), math.isqrt(places - 1) + 2)
    grids = [(math.ceil(places / height), height) for height in heights]
    return min((grid for grid in grids if grid[1] <= grid[0] <= 2 * grid[1]), key=lambda grid: (math.prod(grid), grid))
