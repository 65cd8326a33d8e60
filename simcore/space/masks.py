"""Masks: regions of possible partners relative to a neuron, with the parameters of NEST's masks."""

import math
from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

from simcore.errors import keywords_known, number, require
from simcore.space.numbers import sine_and_cosine
from simcore.space.points import as_point

IDENTITY = (1.0, 1.0, 1.0, 0.0, 0.0, 0.0)


@dataclass(frozen=True)
class Region:
    """Numerical form of a mask, for displacements in three dimensions.

    A displacement x is inside if ``inner < q <= outer`` for the quadratic form q of ``x - anchor`` or, if `outer` is
    infinite, if ``lower <= x <= upper``.

    Parameters
    ----------
    lower, upper
        Ends of the region along each axis.
    anchor
        Displacement at which the form is 0.
    form
        Factors of x^2, y^2, z^2, xy, xz, yz.
    inner, outer
        Ends of the values of the form.
    """

    lower: tuple[float, ...]
    upper: tuple[float, ...]
    anchor: tuple[float, ...] = (0.0, 0.0, 0.0)
    form: tuple[float, ...] = IDENTITY
    inner: float = -1.0
    outer: float = math.inf

    def mirrored(self) -> "Region":
        """Region of all -x for x in this region."""
        lower, upper = (tuple(0.0 - end for end in ends) for ends in (self.upper, self.lower))
        return replace(self, lower=lower, upper=upper, anchor=tuple(0.0 - one for one in self.anchor))

    @property
    def farthest(self) -> float:
        """Upper bound of the length of displacements inside."""
        corners = (max(abs(low), abs(high)) for low, high in zip(self.lower, self.upper, strict=True))
        corner = math.sqrt(sum(side * side for side in corners))
        if self.form != IDENTITY or math.isinf(self.outer):
            return corner
        return min(corner, math.sqrt(self.outer) + math.sqrt(sum(one * one for one in self.anchor)))

    @property
    def nearest(self) -> float:
        """Lower bound of the length of displacements inside; 0 unless the mask is a ring around the neuron."""
        ring = self.inner > 0.0 and self.form == IDENTITY and not any(self.anchor)
        return math.sqrt(self.inner) if ring else 0.0


class Mask(ABC):
    """Base class of masks, regions of possible partners."""

    name: ClassVar[str]

    @abstractmethod
    def check(self, dimensions: int, field: str) -> None:
        """Raise InputError if the mask cannot be applied in this number of dimensions.

        Parameters
        ----------
        dimensions
            2 or 3.
        field
            Name of the field, for messages.

        Raises
        ------
        InputError
            If the mask has another number of dimensions.
        """

    @abstractmethod
    def region(self, dimensions: int) -> Region:
        """Return the numerical form of the mask; in two dimensions, it is flat in the third.

        Parameters
        ----------
        dimensions
            2 or 3.

        Returns
        -------
        Region
            Box, form and radii.
        """


def _take(mask: Any, positive: tuple[str, ...], numbers: tuple[str, ...] = ()) -> None:
    for name in (*positive, *numbers):
        field = f"{mask.name}.{name}"
        value = number(getattr(mask, name), field)
        require(name in numbers or value > 0.0, field, value, "must be > 0")
        object.__setattr__(mask, name, value)


def _take_point(mask: Any, name: str) -> None:
    value = getattr(mask, name)
    if value is None:
        return
    object.__setattr__(mask, name, as_point(value, f"{mask.name}.{name}"))


def _check_point(mask: Any, name: str, dimensions: int, field: str) -> None:
    value = getattr(mask, name)
    allowed = f"must have {dimensions} coordinates, like the positions"
    require(value is None or len(value) == dimensions, f"{field}.{name}", value, allowed)


def _anchor(mask: Any) -> tuple[float, ...]:
    given = mask.anchor or ()
    return (*given, *[0.0] * (3 - len(given)))


def _around(
    anchor: Sequence[float], sides: Sequence[float], dimensions: int
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    """Return lower and upper ends of the box that contains a region."""
    sides = (*sides[:dimensions], *[0.0] * (3 - dimensions))
    pairs = list(zip(anchor, sides, strict=True))
    return tuple(middle - side for middle, side in pairs), tuple(middle + side for middle, side in pairs)


@keywords_known
@dataclass(frozen=True)
class CircularMask(Mask):
    """Disc, or ball in three dimensions (NEST's ``circular`` and ``spherical``), including its edge.

    Parameters
    ----------
    radius
        Radius, > 0.
    anchor
        Its centre relative to the neuron; the neuron itself by default.

    Raises
    ------
    InputError
        If the radius is not > 0, or the anchor is not a point.
    """

    radius: float
    anchor: Sequence[float] | None = None
    name = "circular mask"

    def __post_init__(self) -> None:
        _take(self, ("radius",))
        _take_point(self, "anchor")

    def check(self, dimensions: int, field: str) -> None:
        _check_point(self, "anchor", dimensions, field)

    def region(self, dimensions: int) -> Region:
        anchor = _anchor(self)
        lower, upper = _around(anchor, (self.radius,) * 3, dimensions)
        return Region(lower, upper, anchor, outer=self.radius * self.radius)


@keywords_known
@dataclass(frozen=True)
class DoughnutMask(Mask):
    """Ring, or hollow ball in three dimensions, including its outer but not its inner edge, as in NEST.

    Parameters
    ----------
    inner_radius, outer_radius
        Radii, 0 < inner < outer.
    anchor
        Its centre relative to the neuron.

    Raises
    ------
    InputError
        If the radii are not > 0 and in order, or the anchor is not a point.
    """

    inner_radius: float
    outer_radius: float
    anchor: Sequence[float] | None = None
    name = "doughnut mask"

    def __post_init__(self) -> None:
        _take(self, ("inner_radius", "outer_radius"))
        above = f"must be above the inner radius, {self.inner_radius:g}"
        require(self.outer_radius > self.inner_radius, f"{self.name}.outer_radius", self.outer_radius, above)
        _take_point(self, "anchor")

    def check(self, dimensions: int, field: str) -> None:
        _check_point(self, "anchor", dimensions, field)

    def region(self, dimensions: int) -> Region:
        anchor = _anchor(self)
        lower, upper = _around(anchor, (self.outer_radius,) * 3, dimensions)
        inner, outer = (radius * radius for radius in (self.inner_radius, self.outer_radius))
        return Region(lower, upper, anchor, inner=inner, outer=outer)


@keywords_known
@dataclass(frozen=True)
class RectangularMask(Mask):
    """Rectangle or box (NEST's ``rectangular`` and ``box``), including its edges.

    Parameters
    ----------
    lower_left, upper_right
        Two opposite corners relative to the neuron; the first has the smaller coordinates.
    anchor
        Displacement that is added to both.

    Raises
    ------
    InputError
        If the corners are not points in order, an angle is not a number, or the anchor is not a point.
    """

    lower_left: Sequence[float]
    upper_right: Sequence[float]
    anchor: Sequence[float] | None = None
    name = "rectangular mask"

    def __post_init__(self) -> None:
        for name in ("lower_left", "upper_right"):
            require(getattr(self, name) is not None, f"{self.name}.{name}", None, "use a list of two or three numbers")
            _take_point(self, name)
        _take_point(self, "anchor")
        equal = len(self.lower_left) == len(self.upper_right)
        ordered = equal and all(low < high for low, high in zip(self.lower_left, self.upper_right, strict=True))
        allowed = f"each coordinate must be above that of lower_left, {tuple(self.lower_left)}"
        require(ordered, f"{self.name}.upper_right", self.upper_right, allowed)

    def check(self, dimensions: int, field: str) -> None:
        for name in ("lower_left", "upper_right", "anchor"):
            _check_point(self, name, dimensions, field)

    def region(self, dimensions: int) -> Region:
        anchor, missing = _anchor(self)[:dimensions], 3 - dimensions
        lower = (a + b for a, b in zip(anchor, self.lower_left, strict=True))
        upper = (a + b for a, b in zip(anchor, self.upper_right, strict=True))
        return Region((*lower, *[0.0] * missing), (*upper, *[0.0] * missing))


@keywords_known
@dataclass(frozen=True)
class EllipticalMask(Mask):
    """Ellipse, or ellipsoid in three dimensions (NEST's ``elliptical`` and ``ellipsoidal``).

    Parameters
    ----------
    major_axis, minor_axis
        Full lengths along x and y, major >= minor > 0.
    polar_axis
        Full length along z, for three dimensions only.
    azimuth_angle
        Rotation of the mask from x towards y, degrees.
    anchor
        Its centre relative to the neuron.

    Raises
    ------
    InputError
        If an axis is not > 0, an angle is not a number, or the anchor is not a point.
    """

    major_axis: float
    minor_axis: float
    polar_axis: float | None = None
    azimuth_angle: float = 0.0
    anchor: Sequence[float] | None = None
    name = "elliptical mask"

    def __post_init__(self) -> None:
        _take(self, ("major_axis", "minor_axis"), ("azimuth_angle",))
        if self.polar_axis is not None:
            _take(self, ("polar_axis",))
        allowed = f"must be at most the major axis, {self.major_axis:g}"
        require(self.minor_axis <= self.major_axis, f"{self.name}.minor_axis", self.minor_axis, allowed)
        _take_point(self, "anchor")

    def check(self, dimensions: int, field: str) -> None:
        _check_point(self, "anchor", dimensions, field)
        allowed = f"the positions have {dimensions} dimensions"
        require((self.polar_axis is None) == (dimensions == 2), f"{field}.polar_axis", self.polar_axis, allowed)

    def region(self, dimensions: int) -> Region:
        sine, cosine = sine_and_cosine(self.azimuth_angle)
        along, across = (4.0 / (axis * axis) for axis in (self.major_axis, self.minor_axis))
        polar = 0.0 if self.polar_axis is None else 4.0 / (self.polar_axis * self.polar_axis)
        form = (
            along * cosine * cosine + across * sine * sine,
            along * sine * sine + across * cosine * cosine,
            polar,
            2.0 * (along - across) * sine * cosine,
            0.0,
            0.0,
        )
        half = 0.5 * self.major_axis, 0.5 * self.minor_axis
        # Slightly enlarged, so that the ends of the axes are inside the box.
        sides = (
            1.0000001 * math.sqrt((half[0] * cosine) ** 2 + (half[1] * sine) ** 2),
            1.0000001 * math.sqrt((half[0] * sine) ** 2 + (half[1] * cosine) ** 2),
            1.0000001 * 0.5 * (self.polar_axis or 0.0),
        )
        anchor = _anchor(self)
        lower, upper = _around(anchor, sides, dimensions)
        return Region(lower, upper, anchor, form, outer=1.0)
