"""Roofs of a machine: the throughput, a minimum over levels, and the energy, a sum over levels.

A level l of the memory transfers V_l bytes for the work: its intensity is ``I_l = ops / V_l``. With bandwidths B_l,
energies e_l per byte, the energy e_op per operation and the utilisation u of the units::

    throughput        P = min(u P_peak, min_l B_l I_l)                    operations/s
    ridge             I*_l = P_peak / B_l                                 operations/byte
    energy            e = e_op x + sum_l e_l / I_l + P_static t / ops     J per operation
    energy ridge      I^e_l = e_l / e_op                                  operations/byte
    efficiency        1 / e                                               operations/J

x is the share of operations that are executed, and t is the shortest time that the throughput roof allows, ops / P,
independent of the time of the work: static energy beyond it can be saved. The throughput has a kink at each ridge. The
energy is additive and has no kinks: at its ridge, a level needs as much energy as the arithmetic.

Unknown values are left out: a minimum without a level is still an upper bound, and a sum without a part is still a
lower bound. Roofs list the values that they leave out. The roof is None if no value is known.

No work can be above a roof: ``measured / roof <= 1``. Points that violate this have a fault, without tolerance: a
count, a time or a bandwidth is wrong.

The equations are ours, after Choi, Bedard, Fowler, Vuduc, "A roofline model of energy", IPDPS 2013, for several levels
as described by Verhelst, Benini, Verma, IEEE JSSC 60(6):1888 (2025).
"""

import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from simcore.accelerators.roofline.machine import Level, Machine, Point

COMPUTE, ARITHMETIC, STATIC = "compute", "arithmetic", "static power"
NOT_COUNTED = "its traffic was not counted"
BOUND_TIME = "computed for the time at the throughput roof, which is itself a bound"


@dataclass(frozen=True)
class Throughput:
    """The throughput roof over a point.

    Parameters
    ----------
    ops_per_s
        Throughput; None if neither the peak nor a level is known.
    bound_by
        ``compute``, or the level that binds; None without a roof.
    limits_ops_per_s
        Limit of ``compute``, and of each level.
    without
        Missing limits, with reasons.
    """

    ops_per_s: float | None
    bound_by: str | None
    limits_ops_per_s: Mapping[str, float]
    without: Mapping[str, str]


@dataclass(frozen=True)
class Energy:
    """The energy roof over a point.

    Parameters
    ----------
    parts_j_per_op
        Energy of the arithmetic, of each level and of static power, J per operation; their sum is `j_per_op`.
    without
        Missing or incomplete parts, with reasons.
    """

    parts_j_per_op: Mapping[str, float]
    without: Mapping[str, str]

    @property
    def j_per_op(self) -> float | None:
        """Smallest energy per operation, J; None if no part is known."""
        return math.fsum(self.parts_j_per_op.values()) if self.parts_j_per_op else None

    @property
    def ops_per_j(self) -> float | None:
        """Largest number of operations per energy, 1/J; None if no part is known, or all are 0."""
        return 1.0 / self.j_per_op if self.j_per_op else None

    @property
    def dominated_by(self) -> str | None:
        """The largest part; None if no part is known."""
        parts = self.parts_j_per_op
        return max(parts, key=lambda part: parts[part], default=None)


@dataclass(frozen=True)
class Placed:
    """A point compared with the roofs of a machine.

    Parameters
    ----------
    point
        The point.
    intensities_ops_per_byte
        Intensity by level; infinite if a level does not transfer data.
    throughput, energy
        The roofs.
    ops_per_s, ops_per_j
        Reached throughput and efficiency; None if they are not known.
    faults
        One sentence for each roof that the point exceeds; there must be none.
    """

    point: Point
    intensities_ops_per_byte: Mapping[str, float]
    throughput: Throughput
    energy: Energy
    ops_per_s: float | None
    ops_per_j: float | None
    faults: tuple[str, ...]

    @property
    def of_throughput_roof(self) -> float | None:
        """Measured throughput divided by its roof, at most 1; None if one of them is not known."""
        return _ratio(self.ops_per_s, self.throughput.ops_per_s)

    @property
    def of_energy_roof(self) -> float | None:
        """Measured efficiency divided by its roof, at most 1; None if one of them is not known."""
        return _ratio(self.ops_per_j, self.energy.ops_per_j)

    @property
    def regime(self) -> str:
        """The limit that binds the work, and the part that needs the most energy, in words."""
        bound, dominant = self.throughput.bound_by, self.energy.dominated_by
        words = "the throughput roof is unknown"
        if bound is not None:
            words = "compute bound" if bound == COMPUTE else f"bound by {bound}"
            words += " among the known roofs" if self.throughput.without else ""
        if dominant is not None:
            words += f", energy dominated by {dominant}"
            words += " among the known parts" if self.energy.without else ""
        return words


def intensity(point: Point, level: str) -> float | None:
    """Operations per byte that a level transfers, infinite without transfers; None if they were not counted."""
    moved = point.traffic_bytes.get(level)
    if moved is None:
        return None
    return point.ops / moved if moved else math.inf


def ridges(machine: Machine) -> dict[str, float | None]:
    """Intensity of each level, operations/byte, above which the level does not bind; None if it is not known."""
    return {level.name: _ratio(machine.peak_ops_per_s, level.bandwidth_bytes_per_s) for level in machine.levels}


def energy_ridges(machine: Machine) -> dict[str, float | None]:
    """Intensity of each level, operations/byte, at which its energy equals the arithmetic; None if it is not known."""
    return {level.name: _energy_ridge(level, machine.op_energy_j) for level in machine.levels}


def _energy_ridge(level: Level, op_energy_j: float | None) -> float | None:
    return (
        level.energy_ops_per_byte if level.energy_j_per_byte is None else _ratio(level.energy_j_per_byte, op_energy_j)
    )


def _counted_levels(
    machine: Machine, point: Point, quantity: str, without: dict[str, str]
) -> Iterator[tuple[str, float, float]]:
    """Levels with a known quantity and counted traffic: name, quantity, operations per byte.

    The other levels are added to `without`, each with its reason.
    """
    for level in machine.levels:
        value, per_byte = getattr(level, quantity), intensity(point, level.name)
        if value is None:
            without[level.name] = level.reasons[quantity]
        elif per_byte is None:
            without[level.name] = point.reasons.get(level.name, NOT_COUNTED)
        else:
            yield level.name, value, per_byte


def throughput_roof(machine: Machine, point: Point) -> Throughput:
    """The largest number of operations per second of some work on a machine, and the limit that binds it.

    Parameters
    ----------
    machine, point
        The machine, and the work, which may be unmeasured.
    """
    limits: dict[str, float] = {}
    without: dict[str, str] = {}
    if machine.peak_ops_per_s is None:
        without[COMPUTE] = machine.reasons["peak_ops_per_s"]
    else:
        limits[COMPUTE] = point.utilisation * machine.peak_ops_per_s
    for name, bandwidth, per_byte in _counted_levels(machine, point, "bandwidth_bytes_per_s", without):
        if math.isfinite(per_byte):
            limits[name] = bandwidth * per_byte
    bound_by = min(limits, key=lambda name: limits[name], default=None)
    return Throughput(None if bound_by is None else limits[bound_by], bound_by, limits, without)


def energy_roof(machine: Machine, point: Point) -> Energy:
    """The smallest energy per operation of some work on a machine, by part.

    Parameters
    ----------
    machine, point
        The machine, and the work, which may be unmeasured.
    """
    parts: dict[str, float] = {}
    without: dict[str, str] = {}
    if machine.op_energy_j is None:
        without[ARITHMETIC] = machine.reasons["op_energy_j"]
    else:
        parts[ARITHMETIC] = machine.op_energy_j * point.executed_share
    for name, energy, per_byte in _counted_levels(machine, point, "energy_j_per_byte", without):
        parts[name] = energy / per_byte
    if machine.static_w is None:
        without[STATIC] = machine.reasons["static_w"]
        return Energy(parts, without)
    throughput = throughput_roof(machine, point)
    if throughput.ops_per_s is None:
        without[STATIC] = "the throughput roof is unknown"
        return Energy(parts, without)
    parts[STATIC] = machine.static_w / throughput.ops_per_s
    if throughput.without and machine.static_w:
        without[STATIC] = BOUND_TIME
    return Energy(parts, without)


def as_executed(point: Point) -> Point:
    """The same work, without operations on zeros.

    Units are assumed to be busy with zeros, too, so that the share that they can reach decreases with the operations.
    """
    if point.executed_ops is None:
        return point
    share = point.executed_share
    return replace(point, ops=point.executed_ops, executed_ops=None, utilisation=point.utilisation * share)


def placed(machine: Machine, point: Point) -> Placed:
    """Compare a point with the roofs of a machine.

    Raises
    ------
    InputError
        If the point has traffic at a level that the machine does not have.
    """
    for name in point.traffic_bytes:
        machine.level(name)
    throughput, energy = throughput_roof(machine, point), energy_roof(machine, point)
    ops_per_s = None if point.time_s is None else point.ops / point.time_s
    ops_per_j = point.ops / point.energy_j if point.energy_j else None
    intensities = {name: per_byte for name in point.traffic_bytes if (per_byte := intensity(point, name)) is not None}
    faults = [
        f"{point.name} on {machine.name} is above its {roof} roof: {measured:.6g} exceeds {most:.6g} {unit}"
        for roof, measured, most, unit in (
            ("throughput", ops_per_s, throughput.ops_per_s, "operations/s"),
            ("energy", ops_per_j, energy.ops_per_j, "operations/J"),
        )
        if measured is not None and most is not None and measured > most
    ]
    return Placed(point, intensities, throughput, energy, ops_per_s, ops_per_j, tuple(faults))


def _ratio(part: float | None, whole: float | None) -> float | None:
    return part / whole if part is not None and whole else None
