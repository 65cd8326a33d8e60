"""Records as text: strict JSON, in which null stands for unknown values."""

import json
import math
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from benchnn.record.machine import Unknown


def to_json(record: Any) -> str:
    """Format ``result.json`` or another record: ASCII, strict JSON, keys in the order of the fields."""
    return json.dumps(_plain(record), indent=2, allow_nan=False) + "\n"


def _plain(value: Any) -> Any:
    """Convert a value for JSON: unknown values to null, infinities and other objects to text."""
    if value is None or isinstance(value, Unknown):
        return None
    if is_dataclass(value) and not isinstance(value, type):
        return {entry.name: _plain(getattr(value, entry.name)) for entry in fields(value)}
    if isinstance(value, Mapping):
        return {str(name): _plain(entry) for name, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    if isinstance(value, bool | int | float | str) and (not isinstance(value, float) or math.isfinite(value)):
        return value
    return str(value)
