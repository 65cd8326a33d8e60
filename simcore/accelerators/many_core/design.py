"""Many-core designs, and their peaks.

A design is (X, N, Tx, Ty): Tx x Ty cores, each with N tensor units, each an array of X x X multiply-accumulate units. A
multiplication and its addition are two operations::

    peak  = 2 X^2 N Tx Ty f
    clock = target / (2 X^2 N Tx Ty)

X is a power of 2 from 4 to 256, N is 1, 2 or 4, Tx and Ty are powers of 2, and Tx is Ty or half of it. Up to 4 cores
form a ring, more cores form a mesh.

Source: Tang, Li, Nai, Jouppi, Xie, "NeuroMeter: an integrated power, area, and timing modeling framework for machine
learning accelerators", HPCA 2021.
"""

import re
from dataclasses import dataclass

from simcore.errors import integer, number, require

SIZES = tuple(2**power for power in range(2, 9))
UNITS = (1, 2, 4)
MOST_TILES = 1024
"""Largest number of cores per side; a limit is not published."""
CORES_ON_A_RING = 4
FORM = r"(\(\s*)?[0-9]{1,4}(\s*,\s*[0-9]{1,4}){3}(\s*\))?"
FIELDS = 4


@dataclass(frozen=True, order=True)
class Design:
    """A many-core design.

    Parameters
    ----------
    size
        Rows, and columns, of a tensor unit, X.
    units
        Number of tensor units per core, N.
    tiles_x, tiles_y
        Number of cores per row and per column, Tx and Ty.

    Raises
    ------
    InputError
        If NeuroMeter does not allow the design.
    """

    size: int
    units: int
    tiles_x: int
    tiles_y: int

    def __post_init__(self) -> None:
        size = integer(self.size, "X", SIZES[0], SIZES[-1])
        require(size in SIZES, "X", size, f"use {', '.join(map(str, SIZES[:-1]))} or {SIZES[-1]}")
        require(integer(self.units, "N", 1, UNITS[-1]) in UNITS, "N", self.units, "use 1, 2 or 4")
        tall = integer(self.tiles_y, "Ty", 1, MOST_TILES)
        require(tall & (tall - 1) == 0, "Ty", tall, f"use a power of 2 up to {MOST_TILES}")
        wide = integer(self.tiles_x, "Tx", 1, MOST_TILES)
        require(wide in (tall, tall / 2), "Tx", wide, f"use Ty = {tall} or half of it")

    @property
    def name(self) -> str:
        """Name as in the paper, such as ``(64,2,2,4)``."""
        return f"({self.size},{self.units},{self.tiles_x},{self.tiles_y})"

    @property
    def cores(self) -> int:
        """Number of cores."""
        return self.tiles_x * self.tiles_y

    @property
    def tensor_units(self) -> int:
        """Number of tensor units of all cores."""
        return self.units * self.cores

    @property
    def multipliers(self) -> int:
        """Number of multiply-accumulate units of all cores."""
        return self.size**2 * self.tensor_units

    @property
    def network(self) -> str:
        """Network between the cores: ``none``, ``ring`` or ``mesh``."""
        if self.cores == 1:
            return "none"
        return "ring" if self.cores <= CORES_ON_A_RING else "mesh"

    def peak_operations_per_s(self, clock_hz: float) -> float:
        """Peak operations per second, two for each multiplication with its addition.

        Parameters
        ----------
        clock_hz
            Clock, Hz.

        Returns
        -------
        float
            Operations per second, 1/s.

        Raises
        ------
        InputError
            If the clock is not a number above 0.
        """
        return 2.0 * self.multipliers * positive(clock_hz, "clock_hz")

    def clock_hz(self, operations_per_s: float) -> float:
        """The clock, Hz, at which the peak is `operations_per_s`.

        Parameters
        ----------
        operations_per_s
            Peak, operations per second, 1/s.

        Returns
        -------
        float
            Clock, Hz.

        Raises
        ------
        InputError
            If the peak is not a number above 0.
        """
        return positive(operations_per_s, "operations_per_s") / (2.0 * self.multipliers)


WIMPY, BRAWNY = Design(8, 4, 4, 8), Design(64, 2, 2, 4)
"""The designs in the paper with the highest utilisation, and with the highest throughput."""
PUBLISHED = (BRAWNY, Design(64, 4, 1, 2), WIMPY, Design(128, 4, 1, 1), Design(256, 1, 1, 1))
"""The designs in the paper, and the design of TPU v1."""


def positive(value: object, field: str) -> float:
    """A number above 0.

    Raises
    ------
    InputError
        If it is not a number above 0.
    """
    found = number(value, field)
    require(found > 0.0, field, value, "must be above 0")
    return found


def design_of(text: str) -> Design:
    """A design from ``X,N,Tx,Ty``, also in parentheses.

    Parameters
    ----------
    text
        The four numbers, separated by commas.

    Returns
    -------
    Design
        The design.

    Raises
    ------
    InputError
        If the text does not have this form, or the design is not allowed.
    """
    found = re.findall(r"[0-9]+", text) if isinstance(text, str) and re.fullmatch(FORM, text.strip()) else []
    require(len(found) == FIELDS, "design", text, "use X,N,Tx,Ty, such as 64,2,2,4")
    return Design(*map(int, found))


def designs_up_to(operations_per_s: float, clock_hz: float) -> list[Design]:
    """All designs whose peak at a clock is at most `operations_per_s`, in order of X, N, Tx and Ty.

    Parameters
    ----------
    operations_per_s
        Largest peak, operations per second, 1/s.
    clock_hz
        Clock, Hz.

    Returns
    -------
    list of Design
        The designs.

    Raises
    ------
    InputError
        If one of the two is not a number above 0.
    """
    most = positive(operations_per_s, "operations_per_s")
    sides = [2**power for power in range(MOST_TILES.bit_length())]
    tiles = sorted((wide, tall) for tall in sides for wide in {tall, tall // 2} if wide > 0)
    every = (Design(size, units, *tile) for size in SIZES for units in UNITS for tile in tiles)
    return [one for one in every if one.peak_operations_per_s(clock_hz) <= most]
