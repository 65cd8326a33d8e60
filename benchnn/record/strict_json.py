"""A strict reader of JSON for records, without imports that a listing of many records does not need."""

import json
from typing import Any

from simcore.errors import InputError


def parsed(text: str | bytes) -> Any:
    """Parse strict JSON, which does not have NaN and infinite numbers.

    Raises
    ------
    InputError
        If the text is not valid JSON; the message contains the place.
    """
    try:
        return json.loads(text, parse_constant=_refuse_number, parse_float=_finite, parse_int=_whole)
    except RecursionError:
        raise InputError("not a record: objects are nested too deeply") from None
    except ValueError as error:
        raise InputError(f"not valid JSON: {error}") from None


def _refuse_number(text: str) -> Any:
    raise ValueError(f"{text[:40]} is not a number in JSON")


def _whole(text: str) -> int:
    # Counts and measurements are not larger, and floating-point numbers end here.
    return _refuse_number(text) if len(text) > 300 else int(text)


def _finite(text: str) -> float:
    number = float(text)
    return _refuse_number(text) if number in (float("inf"), float("-inf")) else number
