"""Machines with the levels of their memory, and the points that are compared with their roofs."""

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from simcore.errors import InputError, number, require, shown

NO_REASON = "give a number, or state in reasons why it is null"
LARGEST = 1e30
"""Largest number; the smallest above 0 is its inverse, so that quotients and products remain finite."""


@dataclass(frozen=True)
class Level:
    """A level of a memory.

    Parameters
    ----------
    name
        Unique name within a machine.
    bandwidth_bytes_per_s
        Largest number of bytes that the level transfers per second; None if it is not known.
    energy_j_per_byte
        Energy of transferring a byte, J; None if it is not known.
    energy_ops_per_byte
        The same energy in operations, if only this ratio is known; otherwise None.
    reasons
        Key of a value that is None -> reason; required for the first two values.

    Raises
    ------
    InputError
        If a value is not allowed, or a value that is None has no reason.
    """

    name: str
    bandwidth_bytes_per_s: float | None = None
    energy_j_per_byte: float | None = None
    energy_ops_per_byte: float | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        line_of_text(self.name, "name of a level")
        where = f"level {self.name}"
        require_reasons(self.reasons, where)
        known_or_reason(self, "bandwidth_bytes_per_s", where)
        known_or_reason(self, "energy_j_per_byte", where, amount)
        if self.energy_ops_per_byte is not None:
            ratio = amount(self.energy_ops_per_byte, f"{where}: energy_ops_per_byte")
            object.__setattr__(self, "energy_ops_per_byte", ratio)
            either = "omit it, because energy_j_per_byte is given"
            require(self.energy_j_per_byte is None, f"{where}: energy_ops_per_byte", ratio, either)


@dataclass(frozen=True)
class Machine:
    """A machine that does the work.

    Parameters
    ----------
    name, title
        A word, and a line of text.
    operation
        Name of one operation, such as ``multiply-accumulate``.
    peak_ops_per_s
        Largest number of operations per second without waiting for memory; None if it is not known.
    levels
        Levels of its memory, from the arithmetic outwards.
    op_energy_j
        Energy of an operation without transfers, J; None if it is not known.
    static_w
        Power that does not depend on the work, W; None if it is not known.
    basis
        Origin of the numbers.
    reasons
        Key of a value that is None -> reason; required for ``peak_ops_per_s``, ``op_energy_j`` and ``static_w``.

    Raises
    ------
    InputError
        If a value is not allowed, a value that is None has no reason, or two levels have the same name.
    """

    name: str
    title: str
    operation: str
    peak_ops_per_s: float | None
    levels: tuple[Level, ...]
    op_energy_j: float | None = None
    static_w: float | None = None
    basis: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for key in ("name", "title", "operation"):
            line_of_text(getattr(self, key), f"{key} of a machine")
        where = f"machine {self.name}"
        require_reasons(self.reasons, where)
        known_or_reason(self, "peak_ops_per_s", where)
        known_or_reason(self, "op_energy_j", where, amount)
        known_or_reason(self, "static_w", where, amount)
        listed = isinstance(self.levels, Sequence) and all(isinstance(level, Level) for level in self.levels)
        require(listed, f"{where}: levels", self.levels, "must be a list of Level")
        object.__setattr__(self, "levels", tuple(self.levels))
        require(isinstance(self.basis, str), f"{where}: basis", self.basis, "must be a string")
        names = [level.name for level in self.levels]
        for name in names:
            require(names.count(name) == 1, f"{where}: name of a level", name, "use a different name for each level")

    def level(self, name: str) -> Level:
        """The level with a name.

        Parameters
        ----------
        name
            Name of the level.

        Returns
        -------
        Level
            The level.

        Raises
        ------
        InputError
            If the level does not exist.
        """
        for level in self.levels:
            if level.name == name:
                return level
        known = ", ".join(level.name for level in self.levels) or "no levels"
        raise InputError(f"level = {name!r} is unknown: {self.name} has {known}", "level", name)


@dataclass(frozen=True)
class Point:
    """Work that a machine does.

    Parameters
    ----------
    name
        Name of the work.
    ops
        Number of operations, including operations on zeros that could be skipped (effective operations).
    traffic_bytes
        Name of a level -> bytes that it transfers for the work. Missing levels were not counted.
    time_s
        Time of the work, s; None if it is not known. `basis` states whether it was measured or modelled.
    energy_parts_j
        Energy of the work by part, J, likewise; empty if it is not known.
    utilisation
        Largest share of the peak that the work can reach, in (0, 1], because it may not fill the units of the machine.
    executed_ops
        Number of operations without operations on zeros, at most `ops`; None if it is not known.
    basis
        Origin of the numbers.
    reasons
        Reasons for unknown values; required for ``time_s`` and ``energy_j``, optional for levels that were not counted.

    Raises
    ------
    InputError
        If a value is not allowed, or an unknown value has no reason.
    """

    name: str
    ops: float
    traffic_bytes: Mapping[str, float]
    time_s: float | None = None
    energy_parts_j: Mapping[str, float] = field(default_factory=dict)
    utilisation: float = 1.0
    executed_ops: float | None = None
    basis: str = ""
    reasons: Mapping[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        line_of_text(self.name, "name of a point")
        where = f"point {self.name}"
        require_reasons(self.reasons, where)
        object.__setattr__(self, "ops", above_zero(self.ops, f"{where}: ops"))
        known_or_reason(self, "time_s", where)
        for key in ("traffic_bytes", "energy_parts_j"):
            entries = getattr(self, key)
            named = isinstance(entries, Mapping) and all(isinstance(name, str) for name in entries)
            require(named, f"{where}: {key}", entries, "must be a table of names and numbers")
            amounts = {name: amount(value, f"{where}: {key}.{name}") for name, value in entries.items()}
            object.__setattr__(self, key, amounts)
        require(isinstance(self.basis, str), f"{where}: basis", self.basis, "must be a string")
        given = bool(self.energy_parts_j) or "energy_j" in self.reasons
        require(given, f"{where}: energy_parts_j", self.energy_parts_j, NO_REASON)
        share = above_zero(self.utilisation, f"{where}: utilisation")
        require(share <= 1.0, f"{where}: utilisation", share, "must be in (0, 1]")
        object.__setattr__(self, "utilisation", share)
        if self.executed_ops is not None:
            executed = above_zero(self.executed_ops, f"{where}: executed_ops")
            require(executed <= self.ops, f"{where}: executed_ops", executed, f"must be at most ops = {self.ops:g}")
            object.__setattr__(self, "executed_ops", executed)
            reached = self.utilisation * self.executed_share
            allowed = f"must be at least {1 / LARGEST:g} times ops / executed_ops = {1 / self.executed_share:g}"
            require(reached >= 1 / LARGEST, f"{where}: utilisation", self.utilisation, allowed)

    @property
    def energy_j(self) -> float | None:
        """Energy of the work, J: the sum of its parts; None if it is not known."""
        return math.fsum(self.energy_parts_j.values()) if self.energy_parts_j else None

    @property
    def executed_share(self) -> float:
        """Share of operations without operations on zeros; 1 if it is not known."""
        return 1.0 if self.executed_ops is None else self.executed_ops / self.ops


def line_of_text(value: object, where: str) -> None:
    """Require one line of text."""
    plain = isinstance(value, str) and bool(value.strip()) and value.isprintable()
    require(plain, where, value, "must be one line of text")


def amount(value: object, where: str) -> float:
    """0, or a number in [1 / `LARGEST`, `LARGEST`]."""
    found = number(value, where)
    allowed = f"must be 0 or in [{1 / LARGEST:g}, {LARGEST:g}]"
    require(found == 0.0 or 1 / LARGEST <= found <= LARGEST, where, value, allowed)
    return found


def above_zero(value: object, where: str) -> float:
    """A number in [1 / `LARGEST`, `LARGEST`]."""
    found = amount(value, where)
    require(found > 0.0, where, value, "must be > 0")
    return found


def require_reasons(reasons: object, where: str) -> None:
    """Require a table of strings."""
    if not isinstance(reasons, Mapping):
        raise InputError(f"{where}: reasons = {shown(reasons)} is not allowed: must be a table of strings")
    for key, text in reasons.items():
        line_of_text(text, f"{where}: reasons.{key}")


def known_or_reason(
    holder: Level | Machine | Point, key: str, where: str, check: Callable[[object, str], float] = above_zero
) -> None:
    """Replace a value by the result of `check`; None is allowed if a reason is given."""
    value = getattr(holder, key)
    require(value is not None or key in holder.reasons, f"{where}: {key}", None, NO_REASON)
    if value is not None:
        object.__setattr__(holder, key, check(value, f"{where}: {key}"))
