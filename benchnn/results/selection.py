"""Conditions on the keys of records, such as ``layout.ranks>=2``, which are parsed here and never become SQL."""

import json
import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Any

from benchnn.record.keys import flat, look_up, value_of, value_text
from simcore.errors import InputError

Record = Mapping[str, Any]

OPERATORS: dict[str, Callable[[Any, Any], bool]] = {
    "!=": operator.ne,
    "<=": operator.le,
    ">=": operator.ge,
    "=": operator.eq,
    "<": operator.lt,
    ">": operator.gt,
    "~": operator.contains,
}
CONDITION = re.compile(r"([^=!<>~]*)(!=|<=|>=|=|<|>|~)(.*)", re.DOTALL)
NUMBER = re.compile(r"[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?", re.ASCII)
LONGEST_NUMBER = 100


@dataclass(frozen=True)
class Condition:
    """One condition: a dotted key, an operator and a value as text.

    The value in the record determines the type of the text: a number, ``true`` or ``false``, or text. A list is
    compared as JSON, and contains (``~``) an entry.
    """

    key: str
    operator: str
    value: str

    def __str__(self) -> str:
        return f"{self.key}{self.operator}{json.dumps(self.value)}"

    def holds(self, record: Record) -> bool:
        """Whether a record satisfies the condition; null and a missing key equal only ``null``."""
        known = value_of(record, self.key)
        if self.operator == "~":
            if isinstance(known, list):
                return any(self.value in value_text(entry) for entry in known)
            return isinstance(known, str) and self.value in known
        try:
            known, wanted = self._comparable(known)
        except ValueError:
            return self.operator == "!="
        return OPERATORS[self.operator](known, wanted)

    def fits(self, known: Any) -> bool:
        """Whether the condition applies to such a value."""
        if self.operator == "~":
            return isinstance(known, str | list)
        try:
            self._comparable(known)
        except ValueError:
            return False
        return True

    def _comparable(self, known: Any) -> tuple[Any, Any]:
        """The value of a record, and the text converted to its type; ValueError if this is impossible."""
        ordered = self.operator not in ("=", "!=")
        if known is None or isinstance(known, bool):
            if ordered or self.value not in ("null", "true", "false"):
                raise ValueError(self.value)
            return known, {"null": None, "true": True, "false": False}[self.value]
        if isinstance(known, int | float):
            return known, as_number(self.value)
        if isinstance(known, str):
            return known, self.value
        if ordered:
            raise ValueError(self.value)
        return value_text(known), self.value


def as_number(text: str) -> int | float:
    """Convert a decimal number; ValueError for anything else, including infinities."""
    if len(text) > LONGEST_NUMBER or not NUMBER.fullmatch(text):
        raise ValueError(text)
    return int(text) if re.fullmatch(r"[+-]?\d+", text) else float(text)


def parse_condition(text: str) -> Condition:
    """Parse ``KEY OP VALUE``; a value in double quotes is a JSON string.

    Raises
    ------
    InputError
        If the text is not a condition.
    """
    parts = CONDITION.fullmatch(text)
    key, sign, value = ("", "", "") if parts is None else map(str.strip, parts.groups())
    if not key:
        raise InputError(
            f"condition = {text!r} is not allowed: must be KEY OP VALUE with one of {' '.join(OPERATORS)}, in quotes "
            "because the shell interprets < and >"
        )
    if value.startswith("="):
        raise InputError(
            f"condition = {text!r} is not allowed: use = to compare, and enclose a value that begins with = in double "
            "quotes"
        )
    if value.startswith('"'):
        try:
            value = json.loads(value)
        except ValueError:
            raise InputError(f"condition = {text!r} is not allowed: quotes must enclose the whole value") from None
    return Condition(key, sign, value)


def select(records: Sequence[Record], conditions: Iterable[Condition]) -> list[Record]:
    """Return the records that satisfy all conditions.

    Parameters
    ----------
    records
        All records; a key that none of them has is refused.
    conditions
        Any number.

    Raises
    ------
    InputError
        If a key is unknown, or its values cannot be compared in this way.
    """
    selected = list(records)
    for condition in conditions:
        require_key(records, condition.key)
        values = (value_of(record, condition.key) for record in records)
        known = next((value for value in values if value is not None), None)
        values = (value_of(record, condition.key) for record in records)
        asks_null = condition.operator in ("=", "!=") and condition.value == "null"
        if known is not None and not asks_null and not any(condition.fits(value) for value in values):
            raise InputError(
                f"condition = {str(condition)!r} is not allowed: {condition.key} is {_kind(known)}, such as "
                f"{value_text(known)}"
            )
        selected = [record for record in selected if condition.holds(record)]
    return selected


def require_key(records: Sequence[Record], key: str) -> None:
    """Refuse a key that none of the records has, and a key that names a group of keys.

    Raises
    ------
    InputError
        If the key is not in any record, or names a group.
    """
    group = None
    known = False
    for record in records:
        for value in look_up(record, key):
            known = True
            if not isinstance(value, Mapping):
                return
            group = group or value
    if group:
        members = [f"{key}.{name}" for name in group]
        listed = ", ".join(members[:5]) + (", ..." if len(members) > 5 else "")
        raise InputError(f"key = {key!r} is not allowed: must be a single key of this group: {listed}")
    if records and not known:
        raise InputError(f"key = {key!r} is unknown: no record has it{_like(records, key)}")


def _like(records: Iterable[Record], key: str) -> str:
    """Suggest keys that are similar, or have the same last part."""
    keys = list(dict.fromkeys(name for record in records for name, _ in flat(record)))
    last = key.rpartition(".")[2]
    suggested = [name for name in keys if last in name.split(".") and not name.startswith("reasons.")]
    suggested = list(dict.fromkeys([*get_close_matches(key, keys, n=3), *suggested]))[:4]
    return f"; did you mean {', '.join(suggested)}?" if suggested else ""


def _kind(value: Any) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    return "a text" if isinstance(value, str) else "a list"


def sort_records(records: Sequence[Record], key: str, reverse: bool) -> list[Record]:
    """Sort records by the values of a key: numbers, then texts; records without a value are last in both directions."""
    known = [record for record in records if value_of(record, key) is not None]
    unknown = [record for record in records if value_of(record, key) is None]
    return [*sorted(known, key=lambda record: _rank(value_of(record, key)), reverse=reverse), *unknown]


def _rank(value: Any) -> tuple[int, Any]:
    return (0, value) if isinstance(value, int | float) else (1, value_text(value))
