"""Analogue-to-digital conversion of column currents, and products of levels from codes.

A current becomes the integer ``code = clip(floor(I / I_LSB + 1/2), 0, 2^b - 1)`` with ``I_LSB = I_fs / (2^b - 1)``.
All further numbers are integers, whose sums over arrays do not depend on the order.

A column of cells of levels k_i, in which the rows i with ``x_i = 1`` are driven with the voltage V, has the ideal
current ``V sum_i x_i (G_off + k_i dG)``. The product follows from its code c and the known number n of driven rows::

    p = floor((c I_LSB - n V G_off) / (V dG) + 1/2)

With ``I_LSB = V dG`` and ``G_off = 0``, the code is the product. Source of the converter: SpikeSim's NICE, arXiv
2210.12899; full scales of the release are (2^b - 1) times the current of one cell of level 1.
"""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.accelerators.analogue.arrays import real_numbers, whole_numbers
from simcore.accelerators.analogue.device import MOST_VOLTS, Device, checked_device
from simcore.errors import integer, keywords_known, number, require

MOST_BITS = 24
LEAST_SCALE, MOST_SCALE = 1e-18, 1e6
MOST_PRODUCT = 2.0**62
"""Largest product of one column."""
Integers = npt.NDArray[np.int64]


@keywords_known
@dataclass(frozen=True)
class Converter:
    """An analogue-to-digital converter.

    Parameters
    ----------
    bits
        Width of its code, from 1 to 24.
    full_scale_a
        Current of the largest code, A.

    Raises
    ------
    InputError
        If a value is out of range.
    """

    bits: int
    full_scale_a: float

    def __post_init__(self) -> None:
        integer(self.bits, "bits", 1, MOST_BITS)
        scale = number(self.full_scale_a, "full_scale_a")
        inside = LEAST_SCALE <= scale <= MOST_SCALE
        require(inside, "full_scale_a", self.full_scale_a, f"must be in [{LEAST_SCALE:g}, {MOST_SCALE:g}] A")

    @classmethod
    def of_levels(cls, bits: int, device: Device, read_v: float) -> "Converter":
        """The converter whose step is the current of one level of a cell at the read voltage.

        Parameters
        ----------
        bits
            Number of bits of a code.
        device
            Cells of the array.
        read_v
            Read voltage, V.

        Returns
        -------
        Converter
            Its full scale is the current of the largest code.

        Raises
        ------
        InputError
            If the number of bits or the voltage is out of range, or `device` is not a `Device`.
        """
        top = 2 ** integer(bits, "bits", 1, MOST_BITS) - 1
        return cls(bits, top * checked_voltage(read_v) * checked_device(device).step_s)

    @property
    def top_code(self) -> int:
        """The largest code."""
        return int(2**self.bits) - 1

    @property
    def step_a(self) -> float:
        """I_LSB, the current of one code, A."""
        return self.full_scale_a / self.top_code

    def codes(self, currents: npt.ArrayLike) -> Integers:
        """Codes of currents in A, int64, of the same shape.

        Parameters
        ----------
        currents
            Currents, A, of any shape.

        Returns
        -------
        ndarray of int64
            Codes, from 0 to `top_code`, of the shape of `currents`.

        Raises
        ------
        InputError
            If the currents are not finite numbers.
        """
        given = real_numbers(currents, "currents", None, "use finite numbers")
        # A quotient beyond the largest float is beyond the largest code.
        with np.errstate(over="ignore"):
            steps = np.floor(given / self.step_a + 0.5)
        return np.clip(steps, 0.0, self.top_code).astype(np.int64)


def products(
    codes: npt.ArrayLike, driven: npt.ArrayLike, converter: Converter, device: Device, read_v: float
) -> Integers:
    """Compute products of inputs and levels from codes.

    Parameters
    ----------
    codes
        Codes of columns, shape (..., columns).
    driven
        Number of rows at `read_v` in each read, int, shape (...).
    converter, device, read_v
        Converter, cells and read voltage (V) of the array.

    Returns
    -------
    ndarray of int64, shape (..., columns)

    Raises
    ------
    InputError
        If codes or numbers of rows are not integers, their shapes do not fit, or the voltage is not above 0.
    """
    given = whole_numbers(codes, "codes", None, "use integers")
    require(given.ndim > 0, "codes", codes, "use one code for each column")
    rows = whole_numbers(driven, "driven", given.ndim - 1, "use an integer for each read")
    require(
        rows.shape == given.shape[:-1],
        "driven.shape",
        rows.shape,
        f"must be {given.shape[:-1]}, the shape of the reads",
    )
    require(isinstance(converter, Converter), "converter", converter, "use a Converter")
    volts = checked_voltage(read_v)
    background = rows[..., np.newaxis] * (volts * checked_device(device).off_s)
    levels = np.floor((given * converter.step_a - background) / (volts * device.step_s) + 0.5)
    return np.clip(levels, -MOST_PRODUCT, MOST_PRODUCT).astype(np.int64)


def checked_voltage(read_v: float) -> float:
    """Check the read voltage.

    Raises
    ------
    InputError
        If it is not in (0, 1000] V.
    """
    volts = number(read_v, "read_v")
    require(0.0 < volts <= MOST_VOLTS, "read_v", read_v, f"must be above 0 V and at most {MOST_VOLTS:g} V")
    return volts
