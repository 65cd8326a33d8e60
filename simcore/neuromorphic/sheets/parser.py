"""Reads the sheets of chips, those that come with the simulator and those of a user, and refuses what is wrong.

A sheet is a TOML file; docs/chips.md says how to write one. Nothing that it does not state is assumed.
"""

import hashlib
import tomllib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

from simcore.errors import InputError, require, suggestion
from simcore.neuromorphic.sheets.quantities import (
    EVIDENCE,
    KINDS,
    PACKINGS,
    QUANTITIES,
    SCOPES,
    TABLE_OVER,
    WORDS,
    Quantity,
    WordQuestion,
)
from simcore.neuromorphic.sheets.sheet import Chip, Fact, Packing, Word
from simcore.neuromorphic.sheets.units import UNITS, units_of
from simcore.registry import PlugIn, Registry

FOLDER = Path(__file__).parent
TEXTS = ("title", "kind", "neurons")
GROUPS = tuple(dict.fromkeys(quantity.group for quantity in QUANTITIES.values()))
FACT_KEYS = ("value", "table", "over", "unit", "source", "evidence", "scope", "voltage_v", "includes", "note")
TICKS = ("tick_s", "tick_min_s")
LARGEST_EXPONENT = 100
LARGEST_COUNT = 1 << 53
"""Up to which a float holds every whole number."""


def chip_names() -> list[str]:
    """Names of the sheets that come with the simulator."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


def _fault(name: str, implementation: object) -> str | None:
    """Why a plug-in is not a sheet of that name, or None."""
    if not isinstance(implementation, Path):
        return "is not the pathlib.Path of a sheet"
    return None if implementation.name == f"{name}.toml" else f"is the path of {implementation.name}, not {name}.toml"


chip_plug_ins: Registry[Path] = Registry("chip", {}, group="simcore.chips", fault=_fault, reserved=chip_names())
"""Name -> sheet, of the chips that plug-ins add."""


def load_chip(name_or_path: str | Path) -> Chip:
    """Read a sheet.

    Parameters
    ----------
    name_or_path
        One of `chip_names`, the name of a plug-in, or the path of a file of one's own, which ends in ``.toml``.

    Raises
    ------
    InputError
        If there is no such chip, or its sheet is wrong; names the file, the key, the value and what is allowed.
    """
    require(isinstance(name_or_path, str | Path), "chip", name_or_path, "use a name, or the path of a sheet")
    return _read(_sheet(name_or_path))


def chip_plug_in(name_or_path: str | Path) -> PlugIn | None:
    """The plug-in that a sheet is of; None for one that comes with the simulator, and for a file.

    Raises
    ------
    InputError
        If there is no such chip.
    """
    require(isinstance(name_or_path, str | Path), "chip", name_or_path, "use a name, or the path of a sheet")
    if _is_path(name_or_path) or name_or_path in chip_names():
        return None
    _sheet(name_or_path)
    return chip_plug_ins.plug_in(str(name_or_path))


def _sheet(name_or_path: str | Path) -> Path:
    """Where a sheet lies; a name that is not known is refused."""
    if _is_path(name_or_path):
        return Path(name_or_path)
    text, names = str(name_or_path), chip_names()
    if text in names:
        return FOLDER / f"{text}.toml"
    if text in chip_plug_ins:
        return chip_plug_ins.get(text)
    names += chip_plug_ins.known()
    near = suggestion(text, names) or f"; known are {', '.join(names)}"
    raise InputError(f"chip = {text!r} is not known: use a known name, or the path of a sheet, FILE.toml{near}")


def _is_path(name_or_path: str | Path) -> bool:
    return isinstance(name_or_path, Path) or name_or_path.endswith(".toml") or "/" in name_or_path


def _read(path: Path) -> Chip:
    require(path.is_file(), "chip", str(path), "there is no such file")
    try:
        content = path.read_bytes()
        raw = tomllib.loads(content.decode("utf-8").replace("\r\n", "\n"), parse_float=Decimal)
    except OSError as error:
        raise InputError(f"chip = {str(path)!r} cannot be read: {error.strerror}") from error
    except ArithmeticError as error:
        raise InputError(f"chip = {str(path)!r} holds a number with an exponent that is out of range") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"chip = {str(path)!r} is not a TOML file: {' '.join(str(error).split())}") from error
    return replace(_chip(path, raw), sha256=hashlib.sha256(content).hexdigest())


def _chip(path: Path, raw: Mapping[str, Any]) -> Chip:
    file = path.name
    tables = (*GROUPS, "packing", "sources", "unpublished")
    _known(raw, (*TEXTS, *tables), file, "use")
    for key in tables:
        require(isinstance(raw.get(key, {}), dict), f"{file}: {key}", raw.get(key), f"must be a table, [{key}]")
    texts = {key: _text(raw.get(key), f"{file}: {key}") for key in TEXTS}
    require(texts["title"].isprintable(), f"{file}: title", texts["title"], "must be one line of text")
    require(texts["kind"] in KINDS, f"{file}: kind", texts["kind"], f"use {_or(KINDS)}")
    sources = _texts(raw.get("sources", {}), f"{file}: sources")
    stated = {key: (group, content) for group in GROUPS for key, content in raw.get(group, {}).items()}
    for key, (group, _) in stated.items():
        _require_place(key, group, file)
    unpublished = _texts(raw.get("unpublished", {}), f"{file}: unpublished")
    _known(unpublished, (*QUANTITIES, *WORDS), f"{file}: unpublished", "use keys of quantities, such as")
    for key in unpublished:
        require(key not in stated, f"{file}: unpublished.{key}", unpublished[key], f"the sheet gives {key}")
    facts = tuple(
        _fact(quantity, stated[key][1], f"{file}: {quantity.group}.{key}", sources)
        for key, quantity in QUANTITIES.items()
        if key in stated
    )
    _require_outermost(facts, file)
    if "synapse_read_s" in stated:
        rule = raw.get("packing", {}).get("rule")
        require(rule == "loihi", f"{file}: packing.rule", rule, "synapse_read_s needs a rule of words, loihi")
    return Chip(
        path.stem,
        facts=facts,
        words=tuple(
            _word(question, stated[key][1], f"{file}: {question.group}.{key}", sources)
            for key, question in WORDS.items()
            if key in stated
        ),
        sources=tuple(sources.items()),
        packing=_packing(raw["packing"], file, sources) if "packing" in raw else None,
        unpublished=tuple(unpublished.items()),
        **texts,
    )


def _require_place(key: str, group: str, file: str) -> None:
    """A quantity is known, and in the table to which it belongs."""
    known: dict[str, Quantity | WordQuestion] = {**QUANTITIES, **WORDS}
    if key not in known:
        near = suggestion(key, known) or f"; [{group}] may hold {_listed(known, group)}"
        raise InputError(f"{file}: {group}.{key} is not known{near}")
    require(known[key].group == group, f"{file}: key", f"{group}.{key}", f"it belongs to [{known[key].group}]")


def _packing(raw: Mapping[str, Any], file: str, sources: Mapping[str, str]) -> Packing:
    rule = _text(raw.get("rule"), f"{file}: packing.rule")
    require(rule in PACKINGS, f"{file}: packing.rule", rule, f"use {_or(PACKINGS)}")
    parameters = {quantity.key: quantity for quantity in PACKINGS[rule]}
    _known(raw, ("rule", *parameters), f"{file}: packing", f"{rule} has")
    missing = [key for key in parameters if key not in raw]
    if missing:
        raise InputError(f"{file}: packing lacks {', '.join(missing)}, which the rule {rule} needs")
    facts = (_fact(quantity, raw[key], f"{file}: packing.{key}", sources) for key, quantity in parameters.items())
    return Packing(rule, tuple(facts))


def _word(question: WordQuestion, raw: Any, where: str, sources: Mapping[str, str]) -> Word:
    require(isinstance(raw, dict), where, raw, "write a table: { value = ..., source = ... }")
    _known(raw, ("value", "source", "note"), where, "use")
    value = raw.get("value")
    # In TOML true is no 1, in Python it is.
    allowed = [answer for answer in question.allowed if type(answer) is type(value) and answer == value]
    if not question.allowed:
        value = _text(value, f"{where}.value")
    elif not allowed:
        raise InputError(f"{where}.value = {value!r} is not allowed: use {_or(question.allowed)}")
    note = _text(raw["note"], f"{where}.note") if "note" in raw else None
    return Word(question.key, value, _sources(raw.get("source"), f"{where}.source", sources), note)


def _fact(quantity: Quantity, raw: Any, where: str, sources: Mapping[str, str]) -> Fact:
    require(isinstance(raw, dict), where, _plain(raw), "write a table: { value = ..., unit = ..., source = ... }")
    _known(raw, FACT_KEYS, where, "use")
    units = units_of(quantity.unit)
    unit = raw.get("unit")
    require(isinstance(unit, str) and unit in units, f"{where}.unit", _plain(unit), f"use {_or(units)}")
    cited = _sources(raw.get("source"), f"{where}.source", sources)
    evidence = raw.get("evidence")
    require(evidence in EVIDENCE, f"{where}.evidence", _plain(evidence), f"use {_or(EVIDENCE)}")
    note = _text(raw["note"], f"{where}.note") if "note" in raw else None
    return Fact(
        quantity,
        sources=cited,
        evidence=evidence,
        scope=_scope(quantity, raw, where),
        voltage_v=_voltage(quantity, raw, where),
        includes=_includes(quantity, raw.get("includes", []), f"{where}.includes"),
        note=note,
        **_numbers(quantity, raw, unit, where),
    )


def _numbers(quantity: Quantity, raw: Mapping[str, Any], unit: str, where: str) -> dict[str, Any]:
    """The number, list or table of a quantity, in SI and as it is written."""
    curve = quantity.form == "curve"
    given = [key for key in ("value", "table") if key in raw]
    require(given == ["value"] or (curve and given == ["table"]), where, given, f"give {_form(quantity)}")
    require(("over" in raw) == (given == ["table"]), f"{where}.over", raw.get("over"), "a table has one, a value none")
    symbol = "" if unit == "1" else f" {unit}"
    if given == ["table"]:
        over = raw["over"]
        require(over in TABLE_OVER, f"{where}.over", _plain(over), f"use {_or(TABLE_OVER)}")
        rows = _rows(quantity, raw["table"], unit, f"{where}.table")
        written = ", ".join(f"{_digits(number)}{symbol} at {count}" for count, number in raw["table"])
        return {"table": rows, "over": over, "written": f"{written} {over}"}
    value = raw["value"]
    if quantity.form == "list":
        require(
            isinstance(value, list) and len(value) > 0, f"{where}.value", _plain(value), "must be a list of numbers"
        )
        numbers = tuple(_si(quantity, number, unit, f"{where}.value", zero=True) for number in value)
        return {"values": numbers, "written": f"{', '.join(map(_digits, value))}{symbol}"}
    return {"value": _si(quantity, value, unit, f"{where}.value"), "written": f"{_digits(value)}{symbol}"}


def _rows(quantity: Quantity, table: Any, unit: str, where: str) -> tuple[tuple[int, float], ...]:
    pairs = isinstance(table, list) and table and all(isinstance(row, list) and len(row) == 2 for row in table)
    require(bool(pairs), where, _plain(table), "must be rows of a count and a number, such as [[1, 113], [32, 465]]")
    counts = [row[0] for row in table]
    rising = all(type(count) is int for count in counts) and all(
        low < high for low, high in zip([0, *counts], counts, strict=False)
    )
    require(rising, where, _plain(counts), "counts must be whole numbers >= 1 that grow")
    return tuple((row[0], _si(quantity, row[1], unit, where)) for row in table)


def _si(quantity: Quantity, number: Any, unit: str, where: str, zero: bool = False) -> float:
    """A number of the sheet in SI. Counts and bits are whole, they and ticks not 0; others may be, none is negative."""
    counted = quantity.unit in ("1", "bit")
    allowed = "use a finite number" if not counted else "use a whole number"
    plain = isinstance(number, int | Decimal) and not isinstance(number, bool)
    require(plain, where, _plain(number), allowed)
    exact = Decimal(number)
    require(exact.is_finite() and abs(exact.adjusted()) <= LARGEST_EXPONENT, where, _plain(number), allowed)
    require(exact >= 0, where, _plain(number), f"{allowed}, not a negative one")
    may_be_zero = zero or (quantity.unit in ("s", "J", "W") and quantity.key not in TICKS)
    require(may_be_zero or exact > 0, where, _plain(number), "what is not known or not there is left out, not 0")
    converted = exact * UNITS[unit].factor
    require(not counted or converted == converted.to_integral_value(), where, _plain(number), allowed)
    require(not counted or converted <= LARGEST_COUNT, where, _plain(number), f"{allowed} up to {LARGEST_COUNT:,}")
    return float(converted)


def _scope(quantity: Quantity, raw: Mapping[str, Any], where: str) -> str | None:
    scope = raw.get("scope")
    if quantity.unit != "J":
        require(scope is None, f"{where}.scope", _plain(scope), "only energies have a scope")
        return None
    allowed = SCOPES if quantity.scope is None else (quantity.scope,)
    require(scope in allowed, f"{where}.scope", _plain(scope), f"an energy is {_or(allowed)}")
    return str(scope)


def _voltage(quantity: Quantity, raw: Mapping[str, Any], where: str) -> float | None:
    if "voltage_v" not in raw:
        told = quantity.unit != "J" or "note" in raw
        require(told, f"{where}.voltage_v", None, "an energy has a voltage, V, or a note that says why not")
        return None
    voltage = raw["voltage_v"]
    plain = isinstance(voltage, int | Decimal) and not isinstance(voltage, bool) and Decimal(voltage).is_finite()
    require(plain and 0 < voltage < 1000, f"{where}.voltage_v", _plain(voltage), "use a voltage, V")
    return float(voltage)


def _includes(quantity: Quantity, raw: Any, where: str) -> tuple[str, ...]:
    contains = quantity.unit in ("J", "W")
    others = [key for key, other in QUANTITIES.items() if contains and other.unit == "J" and other != quantity]
    plain = isinstance(raw, list) and all(key in others for key in raw)
    require(plain, where, _plain(raw), "an energy or a power may list keys of other energies, nothing else may")
    return tuple(raw)


def _require_outermost(facts: Sequence[Fact], file: str) -> None:
    """No energy contains itself by way of others: it would never be added."""
    contents = {fact.quantity.key: fact.includes for fact in facts}
    for key in contents:
        reached, ahead = set(), [key]
        while ahead:
            inner = [part for part in contents.get(ahead.pop(), ()) if part not in reached]
            reached.update(inner)
            ahead += inner
        require(key not in reached, f"{file}: {key}.includes", list(contents[key]), "an energy cannot contain itself")


def _sources(raw: Any, where: str, sources: Mapping[str, str]) -> tuple[str, ...]:
    cited = [raw] if isinstance(raw, str) else raw
    plain = isinstance(cited, list) and cited and all(isinstance(key, str) for key in cited)
    require(bool(plain), where, _plain(raw), "every number has a source, a key of [sources] or a list of them")
    for key in cited:
        require(key in sources, where, key, f"[sources] has {', '.join(sources) or 'nothing'}")
    return tuple(cited)


def _known(raw: Iterable[str], known: Sequence[str], where: str, allowed: str) -> None:
    for key in raw:
        near = suggestion(key, known) or f": {allowed} {', '.join(known[:30])}"
        if key not in known:
            raise InputError(f"{where}: the key {key!r} is not known{near}")


def _text(value: Any, where: str) -> str:
    require(isinstance(value, str) and bool(value.strip()), where, _plain(value), "must be a text")
    return str(value)


def _texts(raw: Mapping[str, Any], where: str) -> dict[str, str]:
    return {key: _text(value, f"{where}.{key}") for key, value in raw.items()}


def _plain(value: Any) -> Any:
    """A value of a TOML file as one would write it, for a message."""
    if isinstance(value, list):
        return [_plain(entry) for entry in value]
    return float(value) if isinstance(value, Decimal) else value


def _digits(number: int | Decimal) -> str:
    return f"{number:,}" if isinstance(number, int) else str(number)


def _or(words: Iterable[object]) -> str:
    return " or ".join(", ".join(str(word) for word in words).rsplit(", ", 1))


def _listed(known: Mapping[str, Quantity | WordQuestion], group: str) -> str:
    return ", ".join(key for key, quantity in known.items() if quantity.group == group)


def _form(quantity: Quantity) -> str:
    return {"curve": "either value or table", "list": "value, a list"}.get(quantity.form, "value, one number")
