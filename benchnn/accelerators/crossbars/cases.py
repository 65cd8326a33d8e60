"""The arrays that ``benchnn crossbar`` studies; one property of the array of the sheet is varied at a time."""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from benchnn.accelerators.crossbars.record_keys import (
    CYCLES,
    DEVICE_NOISE,
    RATIO,
    READ_NOISE,
    STUCK,
    TIME,
    WIRES,
    WORN_OUT,
)
from simcore.accelerators.analogue.study import READS, ArrayCase
from simcore.accelerators.analogue.wires import solution_s
from simcore.errors import InputError

Case = tuple[str, float, ArrayCase]
"""Sweep, value and array of a row."""
WORN_OUT_SHARES = (0.0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
MOST_SECONDS = 3600.0
READS_PER_S = 1e8
"""Approximate product of reads and cells per second, for arrays without wires."""


def cases(
    case: ArrayCase, sizes: Iterable[int], wires_ohm: Iterable[float], swept: Mapping[str, Iterable[float]]
) -> Iterator[Case]:
    """The array of each row.

    Parameters
    ----------
    case
        The crossbar, one property of which is varied at a time.
    sizes, wires_ohm
        Sizes and wire resistances of the arrays with wires, in all combinations.
    swept
        Values of each other property, by the name of its sweep.

    Raises
    ------
    InputError
        If a value is not possible for cells.
    """
    wires = tuple(wires_ohm)
    for size in sizes:
        for wire_ohm in wires:
            yield WIRES, wire_ohm, replace(case, size=size, wire_ohm=wire_ohm)
    for sweep, values in swept.items():
        for value in values:
            yield sweep, value, _varied(case, sweep, value)
    # With an endurance of one cycle, the share follows from cycles without a law from the user.
    worn = replace(case, device=replace(case.device, endurance_cycles=1.0, endurance_shape=1.0))
    for share in WORN_OUT_SHARES:
        yield WORN_OUT, share, replace(worn, cycles=-math.log1p(-share))


def _varied(case: ArrayCase, sweep: str, value: float) -> ArrayCase:
    device = case.device
    if sweep == TIME:
        return replace(case, time_s=value)
    if sweep == CYCLES:
        return replace(case, cycles=value)
    changed = {
        RATIO: lambda: device.with_ratio(value),
        DEVICE_NOISE: lambda: replace(device, device_noise=value),
        READ_NOISE: lambda: replace(device, read_noise=value),
        STUCK: lambda: replace(device, stuck_on=value / 2, stuck_off=value / 2),
    }
    return replace(case, device=changed[sweep]())


def require_possible_work(found: Iterable[Case], seeds: int) -> None:
    """Refuse arrays that would take more than about an hour on one core.

    Raises
    ------
    InputError
        If the estimated time is longer.
    """
    arrays = [case for _, _, case in found]
    wired = sum(solution_s(1, case.size) for case in arrays if case.wire_ohm > 0.0)
    seconds = seeds * (wired + sum(READS * case.size**2 for case in arrays) / READS_PER_S)
    if seconds > MOST_SECONDS:
        raise InputError(
            f"{seeds * len(arrays)} arrays would take about {seconds / 3600:.1f} h; the limit is "
            f"{MOST_SECONDS / 3600:g} h, so use smaller sizes, or fewer seeds or values",
            "seeds",
            seeds,
        )
