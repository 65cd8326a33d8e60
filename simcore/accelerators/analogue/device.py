"""Memory cells of a crossbar: their nominal and their actual conductances.

A cell holds a level k in 0 ... L. Levels are equally spaced in conductance, from the off state to L times the
conductance of the base resistance R::

    G_on = L / R,  G_off = 1 / R_off,  dG = (G_on - G_off) / L,  G(k) = G_off + k dG

so that the resistance ratio is ``G_on / G_off``. The actual conductance follows from these effects, in this order::

    device to device   G (1 + sigma_d n),  n normal, once for each cell; never below 0
    drift              G (t / t0)^-(nu + s n),  t >= t0, n normal, once for each cell
    worn out           G_off, for the share 1 - exp(-(c / c0)^beta) of the cells after c write cycles
    stuck              G_on and G_off, for given shares of the cells

Cycle-to-cycle noise is drawn in each read: the current of a column is normally distributed with the standard deviation
``sigma_r sqrt(sum_i (V_i G_ij)^2)`` of independent cells, which is exact for ideal wires. With wire resistance,
effective conductances replace the conductances of the cells. This approximation overestimates the noise, because wires
dampen the changes of a cell: for one cell, ``d ln I / d ln g = G_eff / g``. docs/crossbars.md has figures.

With more cycles, more cells of the same array are worn out, and worn-out cells remain so. The same holds for larger
shares of stuck cells, noise and time, because cells keep their random numbers.

Sources
-------
Normal noise in proportion to the conductance, and SpikeSim's levels: Moitra et al., arXiv 2210.12899; Bhattacharjee,
Yin, Moitra, Panda, arXiv 2309.03388. The power law is the usual description of drift of phase-change cells; the user
chooses its exponent, which is not in the sheets. The law of worn-out cells is ours, because no published law fits cells
in general (the Weibull form is common for resistive memory, and contested: Raghavan, Microelectronic Engineering 2017,
doi 10.1016/j.mee.2017.05.007); that worn-out cells stay at the off conductance is ours as well.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from simcore.accelerators.analogue.arrays import real_numbers, whole_numbers
from simcore.accelerators.analogue.variates import MAX_ARRAY, MAX_SEED, Purpose, normals, uniforms
from simcore.errors import integer, keywords_known, number, require

FloatArray = npt.NDArray[np.float64]
MOST_LEVELS = 2**16 - 1
LEAST_OHM, MOST_OHM = 1e-3, 1e18
MOST_VOLTS = 1000.0
MOST_READS = 2**40
LEAST_SHAPE, MOST_SHAPE, MOST_CYCLES = 0.01, 100.0, 1e30
"""Limits of endurance, within which all numbers of cycles are finite."""


@keywords_known
@dataclass(frozen=True)
class Device:
    """Properties of the cells of a crossbar.

    Parameters
    ----------
    base_ohm
        R, resistance of a cell of level 1 if the off state does not conduct, Ohm.
    off_ohm
        Resistance of a cell of level 0, Ohm.
    top_level
        L, the largest level; ``2^b - 1`` for a cell of b bits.
    device_noise, read_noise
        Standard deviations from device to device and from read to read, as shares of the conductance.
    stuck_on, stuck_off
        Shares of the cells that are stuck at G_on and at G_off.
    drift_exponent, drift_spread
        Mean and standard deviation of the exponent of drift.
    drift_start_s
        t0, time after writing at which cells have their conductance, s.
    endurance_cycles, endurance_shape
        c0, cycles after which 1 - 1/e of the cells are worn out, and beta; None for cells that do not wear out.

    Raises
    ------
    InputError
        If a value is out of range, or the off state conducts as well as the top level.
    """

    base_ohm: float
    off_ohm: float
    top_level: int = 1
    device_noise: float = 0.0
    read_noise: float = 0.0
    stuck_on: float = 0.0
    stuck_off: float = 0.0
    drift_exponent: float = 0.0
    drift_spread: float = 0.0
    drift_start_s: float = 1.0
    endurance_cycles: float | None = None
    endurance_shape: float = 1.0

    def __post_init__(self) -> None:
        integer(self.top_level, "top_level", 1, MOST_LEVELS)
        for field in ("base_ohm", "off_ohm"):
            inside = LEAST_OHM <= number(getattr(self, field), field) <= MOST_OHM
            require(inside, field, getattr(self, field), f"must be in [{LEAST_OHM:g}, {MOST_OHM:g}] Ohm")
        start, shape = (number(getattr(self, field), field) for field in ("drift_start_s", "endurance_shape"))
        require(start > 0.0, "drift_start_s", start, "must be above 0")
        allowed = f"must be in [{LEAST_SHAPE:g}, {MOST_SHAPE:g}]"
        require(LEAST_SHAPE <= shape <= MOST_SHAPE, "endurance_shape", self.endurance_shape, allowed)
        for field in ("device_noise", "read_noise", "stuck_on", "stuck_off", "drift_exponent", "drift_spread"):
            require(0.0 <= number(getattr(self, field), field) <= 1.0, field, getattr(self, field), "must be in [0, 1]")
        stuck = self.stuck_on + self.stuck_off
        require(stuck <= 1.0, "stuck_off", self.stuck_off, "stuck_on + stuck_off must be at most 1")
        require(
            self.off_ohm > self.base_ohm / self.top_level,
            "off_ohm",
            self.off_ohm,
            f"must be above {self.base_ohm / self.top_level:g} Ohm, the resistance of the top level",
        )
        if self.endurance_cycles is not None:
            cycles = number(self.endurance_cycles, "endurance_cycles")
            allowed = f"must be above 0 and at most {MOST_CYCLES:g}"
            require(0.0 < cycles <= MOST_CYCLES, "endurance_cycles", self.endurance_cycles, allowed)

    @property
    def on_s(self) -> float:
        """G_on, conductance of the top level, S."""
        return self.top_level / self.base_ohm

    @property
    def off_s(self) -> float:
        """G_off, conductance of level 0, S."""
        return 1.0 / self.off_ohm

    @property
    def step_s(self) -> float:
        """Difference of the conductances of two neighbouring levels, S."""
        return (self.on_s - self.off_s) / self.top_level

    @property
    def ratio(self) -> float:
        """Resistance ratio of the off state and the top level."""
        return self.on_s / self.off_s

    @property
    def most_ratio(self) -> float:
        """The largest possible resistance ratio."""
        return MOST_OHM * self.on_s

    def with_ratio(self, ratio: float) -> "Device":
        """The same cells with another resistance of the off state.

        Parameters
        ----------
        ratio
            Resistance of the off state divided by the resistance of the top level, > 1.

        Returns
        -------
        Device
            The same cells otherwise.

        Raises
        ------
        InputError
            If the ratio is not above 1, or the off state would have too large a resistance.
        """
        allowed = f"must be above 1 and at most {self.most_ratio:.3g}, at which the off state has {MOST_OHM:g} Ohm"
        require(1.0 < number(ratio, "ratio") <= self.most_ratio, "ratio", ratio, allowed)
        # Rounding may raise the product above the limit.
        return replace(self, off_ohm=min(MOST_OHM, ratio * self.base_ohm / self.top_level))

    def nominal(self, levels: npt.ArrayLike) -> FloatArray:
        """Nominal conductances of cells of these levels, S, of the shape of `levels`.

        Parameters
        ----------
        levels
            Integers of any shape, from 0 to `top_level`.

        Returns
        -------
        ndarray of float64
            Conductances, S, of the shape of `levels`.

        Raises
        ------
        InputError
            If a level is not an integer from 0 to `top_level`.
        """
        return np.asarray(self.off_s + checked_levels(levels, self.top_level) * self.step_s, np.float64)

    def worn_out(self, cycles: float) -> float:
        """Share of the cells that are worn out after a number of write cycles.

        Parameters
        ----------
        cycles
            Number of write cycles, >= 0.

        Returns
        -------
        float
            Share, in [0, 1].

        Raises
        ------
        InputError
            If the number is negative or not finite.
        """
        require(number(cycles, "cycles") >= 0.0, "cycles", cycles, "must be at least 0")
        if self.endurance_cycles is None or cycles == 0.0:
            return 0.0
        # The quotient of the cycles could underflow. Beyond a wear of 700, no cell is left.
        lives = math.log(cycles) - math.log(self.endurance_cycles)
        return -math.expm1(-math.exp(min(self.endurance_shape * lives, math.log(700.0))))

    def cycles_until(self, share: float) -> float | None:
        """Write cycles after which a share of the cells is worn out; None if cells do not wear out.

        Parameters
        ----------
        share
            Share of the cells, in [0, 1).

        Returns
        -------
        float or None
            Number of write cycles.

        Raises
        ------
        InputError
            If the share is not in [0, 1).
        """
        require(0.0 <= number(share, "share") < 1.0, "share", share, "must be in [0, 1)")
        if self.endurance_cycles is None:
            return None
        return self.endurance_cycles * math.pow(-math.log1p(-share), 1.0 / self.endurance_shape)


def checked_device(device: Device) -> Device:
    """Check the type of cells.

    Raises
    ------
    InputError
        If it is not a `Device`.
    """
    require(isinstance(device, Device), "device", device, "use a Device")
    return device


def checked_levels(levels: npt.ArrayLike, top_level: int) -> npt.NDArray[np.int64]:
    """Levels as int64.

    Raises
    ------
    InputError
        If one is not an integer from 0 to `top_level`.
    """
    given = whole_numbers(levels, "levels", None, "use integers")
    wrong = (given < 0) | (given > top_level)
    if wrong.any():
        require(False, "levels", int(given[wrong].flat[0]), f"must be in [0, {top_level}]")
    return given


def checked_time(time_s: float | None, device: Device) -> float:
    """The time after writing, s: `Device.drift_start_s` for None.

    Raises
    ------
    InputError
        If it is before `Device.drift_start_s`, or not finite.
    """
    start = device.drift_start_s
    elapsed = start if time_s is None else number(time_s, "time_s")
    require(elapsed >= start, "time_s", time_s, f"must be at least drift_start_s, {start:g}")
    return elapsed


def written_cells(
    levels: npt.ArrayLike, device: Device, seed: int, arrays: Sequence[int], time_s: float | None = None,
    cycles: float = 0.0,
) -> FloatArray:  # fmt: skip
    """Conductances of cells of crossbars after writing levels.

    Parameters
    ----------
    levels
        int, shape (arrays, rows, columns).
    device
        The cells.
    seed
        Seed from 0 to 2^32 - 1.
    arrays
        Number of each array, at least 0. The cells of an array depend only on its number, not on other arrays.
    time_s
        Time after writing, s; None for `Device.drift_start_s`, when there is no drift yet.
    cycles
        Number of write cycles of the cells.

    Returns
    -------
    ndarray of float64, shape (arrays, rows, columns)
        Conductances, S.

    Raises
    ------
    InputError
        If a level, the seed, the number of an array, the time or the cycles are out of range.
    """
    integer(seed, "seed", 0, MAX_SEED)
    cells = checked_device(device).nominal(levels)
    numbers = whole_numbers(arrays, "arrays", 1, "use a list of the numbers of the arrays")
    require(cells.ndim == 3 and len(cells) == len(numbers), "levels.shape", cells.shape,
            f"use an array of {len(numbers)} arrays, each of rows and columns")  # fmt: skip
    elapsed, worn_out = checked_time(time_s, device), device.worn_out(cycles)
    for place, array in enumerate(numbers.tolist()):
        integer(array, "arrays", 0, MAX_ARRAY)
        cells[place] = _aged(cells[place].ravel(), device, (seed, array), elapsed, worn_out).reshape(cells.shape[1:])
    return cells


def _aged(cells: FloatArray, device: Device, stream: tuple[int, int], elapsed_s: float, worn_out: float) -> FloatArray:
    """The conductances of the cells of one array, with effects in the order of the module docstring."""
    seed, array = stream
    count = len(cells)
    if device.device_noise:
        cells = np.maximum(0.0, cells * (1.0 + device.device_noise * normals(seed, Purpose.DEVICE, array, count)))
    if elapsed_s > device.drift_start_s and (device.drift_exponent or device.drift_spread):
        exponents: FloatArray | float = device.drift_exponent
        if device.drift_spread:
            exponents = exponents + device.drift_spread * normals(seed, Purpose.DRIFT, array, count)
        cells = cells * (elapsed_s / device.drift_start_s) ** -exponents
    if worn_out:
        cells = np.where(uniforms(seed, Purpose.ENDURANCE, array, count) < worn_out, device.off_s, cells)
    if device.stuck_on or device.stuck_off:
        place = uniforms(seed, Purpose.STUCK, array, count)
        cells = np.where(place < device.stuck_on, device.on_s, cells)
        cells = np.where(place >= 1.0 - device.stuck_off, device.off_s, cells)
    return cells


def read_noise(
    voltages: npt.ArrayLike, effective: npt.ArrayLike, device: Device, seed: int, array: int, first_read: int = 0
) -> FloatArray:
    """Cycle-to-cycle noise of column currents, to be added to ``voltages @ effective``.

    Parameters
    ----------
    voltages
        Voltages of the rows, V, shape (reads, rows).
    effective
        Conductances of one array, S, shape (rows, columns): of the cells, or
        `simcore.accelerators.analogue.wires.effective_conductances`.
    device, seed, array
        As for `written_cells`.
    first_read
        Number of the first read. The noise of a read depends on its number, not on earlier reads, up to the rounding of
        a matrix product, whose last bits depend on the BLAS library and the number of reads in a call.

    Returns
    -------
    ndarray of float64, shape (reads, columns)
        Noise, A; zeros if the cells have no read noise.

    Raises
    ------
    InputError
        If the shapes of voltages and conductances do not match, or a value is out of range.
    """
    volts = real_numbers(voltages, "voltages", 2, "use an array of shape (reads, rows)")
    cells = real_numbers(effective, "effective", 2, "use an array of shape (rows, columns)")
    allowed = f"use one voltage for each of the {len(cells)} rows"
    require(volts.shape[1] == len(cells), "voltages.shape", volts.shape, allowed)
    wrong = abs(volts) > MOST_VOLTS
    if wrong.any():
        require(False, "voltages", float(volts[wrong][0]), f"must be in [{-MOST_VOLTS:g}, {MOST_VOLTS:g}] V")
    reads, columns = len(volts), cells.shape[1]
    if checked_device(device).read_noise == 0.0:
        return np.zeros((reads, columns))
    integer(seed, "seed", 0, MAX_SEED)
    integer(array, "array", 0, MAX_ARRAY)
    first = columns * integer(first_read, "first_read", 0, MOST_READS)
    spread = device.read_noise * np.sqrt(volts**2 @ cells**2)
    return spread * normals(seed, Purpose.READ, array, reads * columns, first).reshape(reads, columns)
