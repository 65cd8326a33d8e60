"""Reading and checking of one fact or word of a sheet: a number with its unit, source and evidence."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from simcore.errors import InputError, require, shown
from simcore.neuromorphic.sheets.catalogue import SCOPES, Catalogue, Quantity, WordQuestion
from simcore.neuromorphic.sheets.sheet import Fact, Word
from simcore.neuromorphic.sheets.toml_values import either, plain, require_known, text_of
from simcore.neuromorphic.sheets.units import UNITS, units_of

FACT_KEYS = ("value", "table", "over", "unit", "source", "evidence", "scope", "voltage_v", "includes", "note")
TICKS = ("tick_s", "tick_min_s")
LARGEST_EXPONENT = 100
LARGEST_COUNT = 1 << 53
"""Largest integer up to which a float represents all integers."""


def read_word(question: WordQuestion, raw: Any, where: str, sources: Mapping[str, str]) -> Word:
    """Read a property that is stated in a word.

    Parameters
    ----------
    question
        The property.
    raw
        Contents of the sheet.
    where
        File, table and key, for messages.
    sources
        Sources of the sheet.
    """
    require(isinstance(raw, dict), where, raw, "write a table: { value = ..., source = ... }")
    require_known(raw, ("value", "source", "note"), where, "use")
    value = raw.get("value")
    # In TOML true and 1 differ, in Python they are equal.
    allowed = [answer for answer in question.allowed if type(answer) is type(value) and answer == value]
    if not question.allowed:
        value = text_of(value, f"{where}.value")
    elif not allowed:
        raise InputError(f"{where}.value = {shown(value)} is not allowed: use {either(question.allowed)}")
    note = text_of(raw["note"], f"{where}.note") if "note" in raw else None
    return Word(question.key, value, read_sources(raw.get("source"), f"{where}.source", sources), note)


def read_fact(quantity: Quantity, raw: Any, where: str, sources: Mapping[str, str], catalogue: Catalogue) -> Fact:
    """Read a quantity in SI units; for the parameters see `read_word`."""
    require(isinstance(raw, dict), where, plain(raw), "write a table: { value = ..., unit = ..., source = ... }")
    require_known(raw, (*FACT_KEYS, "node") if catalogue.units_with_node else FACT_KEYS, where, "use")
    units = units_of(quantity.unit)
    unit = raw.get("unit")
    require(isinstance(unit, str) and unit in units, f"{where}.unit", plain(unit), f"use {either(units)}")
    cited = read_sources(raw.get("source"), f"{where}.source", sources)
    evidence = raw.get("evidence")
    require(evidence in catalogue.evidence, f"{where}.evidence", plain(evidence), f"use {either(catalogue.evidence)}")
    note = text_of(raw["note"], f"{where}.note") if "note" in raw else None
    return Fact(
        quantity,
        sources=cited,
        evidence=evidence,
        scope=_scope(quantity, raw, where),
        voltage_v=_voltage(quantity, raw, where, catalogue),
        includes=_includes(quantity, raw.get("includes", []), f"{where}.includes", catalogue),
        note=note,
        node=_node(quantity, raw, where, catalogue),
        **_numbers(quantity, raw, unit, where, catalogue),
    )


def _numbers(quantity: Quantity, raw: Mapping[str, Any], unit: str, where: str, catalogue: Catalogue) -> dict[str, Any]:
    """The number, list or table of a quantity, in SI and as it is written."""
    forms = {"curve": (["value"], ["table"]), "table": (["table"],)}.get(quantity.form, (["value"],))
    given = [key for key in ("value", "table") if key in raw]
    require(given in forms, where, given, f"give {_form(quantity)}")
    allowed = "give it with a table, and only with a table"
    require(("over" in raw) == (given == ["table"]), f"{where}.over", raw.get("over"), allowed)
    symbol = "" if unit == "1" else f" {unit}"
    if given == ["table"]:
        over = raw["over"]
        require(over in catalogue.over, f"{where}.over", plain(over), f"use {either(catalogue.over)}")
        rows = _rows(quantity, raw["table"], unit, f"{where}.table")
        written = ", ".join(f"{_digits(number)}{symbol} at {count}" for count, number in raw["table"])
        return {"table": rows, "over": over, "written": f"{written} {over}"}
    value = raw["value"]
    if quantity.form == "list":
        require(isinstance(value, list) and len(value) > 0, f"{where}.value", plain(value), "must be a list of numbers")
        numbers = tuple(_si(quantity, number, unit, f"{where}.value", zero=True) for number in value)
        return {"values": numbers, "written": f"{', '.join(map(_digits, value))}{symbol}"}
    return {"value": _si(quantity, value, unit, f"{where}.value"), "written": f"{_digits(value)}{symbol}"}


def _rows(quantity: Quantity, table: Any, unit: str, where: str) -> tuple[tuple[int, float], ...]:
    pairs = isinstance(table, list) and table and all(isinstance(row, list) and len(row) == 2 for row in table)
    require(bool(pairs), where, plain(table), "must be rows of a count and a number, such as [[1, 113], [32, 465]]")
    counts = [row[0] for row in table]
    rising = all(type(count) is int for count in counts) and all(
        low < high for low, high in zip([0, *counts], counts, strict=False)
    )
    require(rising, where, plain(counts), "counts must be ascending integers >= 1")
    return tuple((row[0], _si(quantity, row[1], unit, where)) for row in table)


def _si(quantity: Quantity, number: Any, unit: str, where: str, zero: bool = False) -> float:
    """A number of the sheet in SI units, not negative. Counts and bits are integers above 0, and ticks are above 0."""
    counted = quantity.unit in ("1", "bit")
    allowed = "use a finite number" if not counted else "use an integer"
    single = isinstance(number, int | Decimal) and not isinstance(number, bool)
    require(single, where, plain(number), allowed)
    exact = Decimal(number)
    require(exact.is_finite() and abs(exact.adjusted()) <= LARGEST_EXPONENT, where, plain(number), allowed)
    require(exact >= 0, where, plain(number), f"{allowed} >= 0")
    may_be_zero = zero or (quantity.unit in ("s", "J", "W") and quantity.key not in TICKS)
    require(may_be_zero or exact > 0, where, plain(number), "omit values that are unknown or do not apply")
    converted = exact * UNITS[unit].factor
    require(not counted or converted == converted.to_integral_value(), where, plain(number), allowed)
    require(not counted or converted <= LARGEST_COUNT, where, plain(number), f"{allowed} up to {LARGEST_COUNT:,}")
    return float(converted)


def _scope(quantity: Quantity, raw: Mapping[str, Any], where: str) -> str | None:
    scope = raw.get("scope")
    if quantity.unit != "J":
        require(scope is None, f"{where}.scope", plain(scope), "only an energy has a scope")
        return None
    allowed = SCOPES if quantity.scope is None else (quantity.scope,)
    require(scope in allowed, f"{where}.scope", plain(scope), f"the scope of an energy is {either(allowed)}")
    return str(scope)


def _voltage(quantity: Quantity, raw: Mapping[str, Any], where: str, catalogue: Catalogue) -> float | None:
    if "voltage_v" not in raw:
        explained = quantity.unit != "J" or "note" in raw or not catalogue.energies_need_voltage
        require(explained, f"{where}.voltage_v", None, "an energy needs a voltage in V, or a note with the reason")
        return None
    voltage = raw["voltage_v"]
    single = isinstance(voltage, int | Decimal) and not isinstance(voltage, bool) and Decimal(voltage).is_finite()
    require(single and 0 < voltage < 1000, f"{where}.voltage_v", plain(voltage), "use a voltage in (0, 1000) V")
    return float(voltage)


def _node(quantity: Quantity, raw: Mapping[str, Any], where: str, catalogue: Catalogue) -> str | None:
    if "node" not in raw:
        free = quantity.unit not in catalogue.units_with_node
        require(free, f"{where}.node", None, 'energies, powers and areas need a technology node, such as "28 nm"')
        return None
    return text_of(raw["node"], f"{where}.node")


def _includes(quantity: Quantity, raw: Any, where: str, catalogue: Catalogue) -> tuple[str, ...]:
    contains = quantity.unit in ("J", "W")
    energies = [key for key, other in catalogue.quantities.items() if other.unit == "J" and other != quantity]
    allowed = isinstance(raw, list) and all(contains and key in energies for key in raw)
    require(allowed, where, plain(raw), "only energies and powers may list keys of other energies")
    return tuple(raw)


def read_sources(raw: Any, where: str, sources: Mapping[str, str]) -> tuple[str, ...]:
    """Read the keys of at least one source of the sheet; for the parameters see `read_word`."""
    cited = [raw] if isinstance(raw, str) else raw
    texts = isinstance(cited, list) and cited and all(isinstance(key, str) for key in cited)
    require(bool(texts), where, plain(raw), "give a key of [sources], or a list of keys")
    for key in cited:
        require(key in sources, where, key, f"use a key of [sources]: {', '.join(sources) or 'this table is empty'}")
    return tuple(cited)


def _digits(number: int | Decimal) -> str:
    return f"{number:,}" if isinstance(number, int) else str(number)


def _form(quantity: Quantity) -> str:
    forms = {"curve": "either value or table", "list": "value, a list", "table": "table, rows of a count and a number"}
    return forms.get(quantity.form, "value, one number")
