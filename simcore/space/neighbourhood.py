"""Numerical description of the possible sources of a target, for NumPy and for compiled kernels."""

import math
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError, require
from simcore.space.bins import DistanceBins
from simcore.space.cells import Cells, find_runs, sorted_into_cells
from simcore.space.kernels import NEGLIGIBLE, Gaussian2DKernel, Kernel
from simcore.space.layers import Sheets
from simcore.space.masks import IDENTITY, Mask, Region

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

ONE = 2**31
"""A probability of 1 as an integer; random words of 31 bits are compared with such integers."""
SMALLEST_UNIT = 1e-300
PERIOD, HALF, LOWER, UPPER, ANCHOR, FORM, INNER, OUTER, ELLIPTIC, SIZE = 0, 3, 6, 9, 12, 15, 21, 22, 23, 28
"""Indices of the numbers of a neighbourhood; see `Neighbourhood.numbers`."""


@dataclass(frozen=True)
class Extremes:
    """Bounds of the possible sources of a target: a region, limited by a kernel and the layers.

    Parameters
    ----------
    region
        The mask around the target; the whole plane without a mask.
    lower, upper
        Ends of the displacements along each axis.
    nearest, farthest
        Ends of the distances.
    unit
        Value of the kernel that corresponds to a probability of 1.
    reach
        Argument of the kernel beyond which it is negligible.
    """

    region: Region
    lower: FloatArray
    upper: FloatArray
    nearest: float
    farthest: float
    unit: float
    reach: float

    @classmethod
    def of(cls, sheets: Sheets, p: Kernel, mask: Mask | None, around_source: bool, relative: bool) -> "Extremes":
        """Return the bounds for a rule.

        Parameters
        ----------
        sheets
            Layers of the projection, already checked.
        p, mask
            Kernel and mask of the rule.
        around_source
            Whether the mask is centred on the source instead of the target.
        relative
            Whether only ratios of the kernel matter, so that its largest value is the unit.
        """
        dimensions, box = sheets.both[0].dimensions, sheets.displacements
        anywhere = Region((-math.inf,) * 3, (math.inf,) * 3)
        region = anywhere if mask is None else mask.region(dimensions)
        region = region.mirrored() if around_source else region
        lower, upper = np.maximum(region.lower, box.lower), np.minimum(region.upper, box.upper)
        farthest = min(_corner(lower, upper), region.farthest)
        unit = _largest(p, DistanceBins(region.nearest, farthest)) if relative else 1.0
        reach = p.reach(NEGLIGIBLE * unit) if unit > 0.0 else 0.0
        if isinstance(p, Gaussian2DKernel):
            sides = np.array([*p.sides(NEGLIGIBLE * unit), 0.0]) if unit > 0.0 else np.zeros(3)
        else:
            sides, farthest = np.full(3, reach), min(farthest, reach)
        lower, upper = np.maximum(lower, -sides), np.minimum(upper, sides)
        farthest = max(min(farthest, _corner(lower, upper)), region.nearest)
        return cls(region, lower, upper, region.nearest, farthest, unit, reach)

    @property
    def bins(self) -> DistanceBins:
        """Bins of the distances."""
        return DistanceBins(self.nearest, self.farthest)


def _corner(lower: FloatArray, upper: FloatArray) -> float:
    """Return the largest distance from the origin within a box."""
    corner = np.maximum(np.abs(lower), np.abs(upper))
    return float(np.sqrt((corner * corner).sum()))


def _largest(p: Kernel, bins: DistanceBins) -> float:
    """Return the largest value of a kernel within a distance."""
    arguments = bins.distances() if p.elliptic is None else np.zeros(1)
    return float(np.maximum(p.values(arguments), 0.0).max())


def check_mask(sheets: Sheets, mask: Mask, field_name: str) -> None:
    """Require a mask with the dimensions of the layers that is not larger than a periodic box.

    Raises
    ------
    InputError
        Naming the field.
    """
    dimensions, box = sheets.both[0].dimensions, sheets.displacements
    mask.check(dimensions, field_name)
    region = mask.region(dimensions)
    for low, high, period in list(zip(region.lower, region.upper, box.period, strict=True))[:dimensions]:
        most = max(-low, high)
        allowed = (
            f"with periodic boundaries, the mask must reach at most half of the extent, {period / 2:g}, not {most:g}"
        )
        require(period == 0.0 or most <= 0.5 * period * (1.0 + 1e-12), field_name, mask, allowed)


@dataclass(frozen=True, eq=False)
class Neighbourhood:
    """Sources of a projection by rank, and their relation to targets.

    Parameters
    ----------
    cells
        Sorted sources.
    targets
        Coordinates of the targets, float64 (3, targets).
    numbers
        float64 (SIZE,): periods and their halves; ends, anchor, form, inner and outer end of the region; the kernel's
        `elliptic`.
    bins
        Bins of the distances.
    arguments
        Bins of the kernel's argument, which equal `bins` except for elliptic kernels.
    weights
        Probability for each of these bins in units of 1 / `ONE`, uint32.
    plain, elliptic
        Whether the region is a ball around the target, and whether the kernel is elliptic.
    """

    cells: Cells
    targets: FloatArray
    numbers: FloatArray
    bins: DistanceBins
    arguments: DistanceBins
    weights: npt.NDArray[np.uint32]
    plain: bool
    elliptic: bool

    @classmethod
    def of(cls, sheets: Sheets, p: Kernel, extremes: Extremes) -> "Neighbourhood":
        """Return the neighbourhood for a rule."""
        source, target = sheets.source, sheets.target
        assert source is not None and target is not None  # noqa: S101 - checked before
        arguments = extremes.bins if p.elliptic is None else DistanceBins(0.0, extremes.reach)
        shares = np.clip(p.values(arguments.distances()) / max(extremes.unit, SMALLEST_UNIT), 0.0, 1.0)
        region = extremes.region
        period = np.array(sheets.displacements.period)
        half = np.where(period > 0.0, 0.5 * period, np.inf)
        # Ends are not tested within a form, because they could be rounded differently.
        free = np.where(math.isfinite(region.outer), np.inf, 0.0)
        ends = (region.lower - free, region.upper + free, region.anchor, region.form, [region.inner, region.outer])
        numbers = np.concatenate([period, half, *ends, p.elliptic or np.zeros(5)])
        reach = extremes.lower, extremes.upper, extremes.farthest
        cells = sorted_into_cells(source.coordinates, source.positions.box, source.positions.dimensions, *reach)
        return cls(
            cells,
            target.coordinates,
            numbers,
            extremes.bins,
            arguments,
            np.floor(shares * ONE + 0.5).astype(np.uint32),
            region.form == IDENTITY and not any(region.anchor) and math.isfinite(region.outer),
            p.elliptic is not None,
        )

    def candidates(self, target: int) -> tuple[IntArray, IntArray, npt.NDArray[np.uint32]]:
        """Return ascending ranks of the possible sources of a target, bins of their distances, and their weights."""
        cells, at = self.cells, self.targets[:, target]
        runs = np.empty((cells.most_runs, 2), dtype=np.int64)
        x, y, z = at.tolist()
        n = find_runs(x, y, z, cells.numbers, cells.counts, cells.starts, runs)
        ranks = np.concatenate([np.zeros(0, dtype=np.int64), *(np.arange(*run) for run in runs[:n])])
        period, half = self.numbers[PERIOD:HALF], self.numbers[HALF:LOWER]
        moved = []
        for axis in range(3):
            along = cells.coordinates[axis, ranks] - at[axis]
            along = np.where(along > half[axis], along - period[axis], along)
            moved.append(np.where(along < -half[axis], along + period[axis], along))
        along_x, along_y, along_z = moved
        squares = along_x * along_x + along_y * along_y + along_z * along_z
        bins = self.bins.of(squares)
        places = bins
        if self.elliptic:
            mean_x, mean_y, of_x, of_y, of_xy = self.numbers[ELLIPTIC:]
            u, v = np.abs(along_x) - mean_x, np.abs(along_y) - mean_y
            places = self.arguments.of(np.maximum(of_x * (u * u) + of_y * (v * v) + of_xy * (u * v), 0.0))
        weights = np.where(self._inside(along_x, along_y, along_z), self.weights[places], 0).astype(np.uint32)
        found = weights > 0
        return ranks[found], bins[found], weights[found]

    def _inside(self, x: FloatArray, y: FloatArray, z: FloatArray) -> npt.NDArray[np.bool_]:
        """Whether displacements are in the region."""
        inside = np.ones(len(x), dtype=np.bool_)
        for along, low, high in zip((x, y, z), self.numbers[LOWER:UPPER], self.numbers[UPPER:ANCHOR], strict=True):
            inside &= (along >= low) & (along <= high)
        x, y, z = (along - origin for along, origin in zip((x, y, z), self.numbers[ANCHOR:FORM], strict=True))
        xx, yy, zz, xy, xz, yz = self.numbers[FORM:INNER]
        form = xx * (x * x) + yy * (y * y) + zz * (z * z) + (xy * (x * y) + xz * (x * z) + yz * (y * z))
        inside &= (form > self.numbers[INNER]) & (form <= self.numbers[OUTER])
        return inside


def too_few(indegree: int, found: int, target: int, multapses: bool) -> InputError:
    """Return the error for a target with too few possible sources."""
    allowed = f"target {target} has only {found} possible sources within the mask and the kernel"
    hint = "" if multapses or not found else ", each at most once without multapses"
    return InputError(f"indegree = {indegree} is not allowed: {allowed}{hint}", "indegree", indegree)
