"""Strict JSON, as records are read: loads nothing that a listing of many records does not need."""

import json
from typing import Any

from simcore.errors import InputError


def parsed(text: str | bytes) -> Any:
    """Strict JSON: NaN and infinite numbers, which JSON does not have, are refused.

    Raises
    ------
    InputError
        If the text is not JSON; says where.
    """
    try:
        return json.loads(text, parse_constant=_refuse_number, parse_float=_finite, parse_int=_whole)
    except RecursionError:
        raise InputError("it is no record: objects are nested too deeply") from None
    except ValueError as error:
        raise InputError(f"it is no JSON: {error}") from None


def _refuse_number(text: str) -> Any:
    raise ValueError(f"{text[:40]} is no number")


def _whole(text: str) -> int:
    # Nothing that is counted or measured is larger, and floating-point numbers end there.
    return _refuse_number(text) if len(text) > 300 else int(text)


def _finite(text: str) -> float:
    number = float(text)
    return _refuse_number(text) if number in (float("inf"), float("-inf")) else number
