"""Values from text or TOML by the declared types of a function's parameters or a dataclass's fields."""

import inspect
import math
import types
import typing
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal

from simcore.errors import InputError

TRUE = ("true", "yes", "on", "1")
FALSE = ("false", "no", "off", "0")
SIMPLE = {bool: "true or false", int: "a whole number", float: "a number", str: "text", type(None): "none"}

Scalar = bool | int | float | str | None


class _UnsuitableError(Exception):
    """A value does not belong to this alternative."""


@dataclass(frozen=True)
class Declared:
    """A parameter or field.

    Parameters
    ----------
    name
        Name of the parameter.
    type
        The declared type; None if neither a declaration nor a default determines it.
    default
        The default value; `inspect.Parameter.empty` if a value is required.
    """

    name: str
    type: Any
    default: Any

    @property
    def required(self) -> bool:
        """True if there is no default."""
        return self.default is inspect.Parameter.empty


def declared(function: Callable[..., Any]) -> dict[str, Declared]:
    """Return the parameters of a function, or the fields of a dataclass, that can be passed by name, in order.

    Raises
    ------
    NameError, TypeError, ValueError
        If a declaration cannot be resolved, or the function has no signature.
    """
    hints = typing.get_type_hints(function.__init__ if inspect.isclass(function) else function)
    found = {}
    for name, parameter in inspect.signature(function).parameters.items():
        if parameter.kind not in (parameter.POSITIONAL_OR_KEYWORD, parameter.KEYWORD_ONLY):
            continue
        simple = parameter.default is not None and type(parameter.default) in SIMPLE
        wanted = hints.get(name, type(parameter.default) if simple else None)
        found[name] = Declared(name, wanted, parameter.default)
    return found


def from_text(text: str, wanted: Any, field: str) -> Scalar:
    """Convert text of the command line.

    Raises
    ------
    InputError
        If the text is not of the wanted type, or `wanted` is a type that text cannot express.
    """
    return _first(_text_as, text, wanted, field)


def from_toml(value: Any, wanted: Any, field: str) -> Scalar:
    """Check the type of a value of a TOML file; an integer is also accepted as a number.

    Raises
    ------
    InputError
        If the value does not have the wanted type.
    """
    return _first(_toml_as, value, wanted, field)


def in_words(wanted: Any) -> str:
    """Describe the values of a declared type, such as ``a number or none``."""
    words = [SIMPLE[kind] if kind in SIMPLE else repr(kind.value) for kind in _alternatives(wanted)]
    return " or ".join([", ".join(words[:-1]), words[-1]] if len(words) > 1 else words)


@dataclass(frozen=True)
class _Choice:
    """A value of a `Literal`."""

    value: Any


def _alternatives(wanted: Any) -> list[Any]:
    """Return the simple types and choices that a type allows; text, which accepts anything, is last.

    Raises
    ------
    TypeError
        If the type is something else.
    """
    origin = typing.get_origin(wanted)
    if origin is Literal:
        return [_Choice(value) for value in typing.get_args(wanted)]
    if origin in (typing.Union, types.UnionType):
        parts = [kind for part in typing.get_args(wanted) for kind in _alternatives(part)]
        return sorted(parts, key=lambda kind: kind is str)
    if isinstance(wanted, type) and wanted in SIMPLE:
        return [wanted]
    raise TypeError(wanted)


def _first(convert: Callable[[Any, Any], Scalar], value: Any, wanted: Any, field: str) -> Scalar:
    try:
        alternatives = _alternatives(wanted)
    except TypeError:
        kind = "has no type" if wanted is None else f"has the type {getattr(wanted, '__name__', wanted)}"
        raise InputError(f"{field} cannot be set: it {kind}; declare it as a number, bool, text or Literal") from None
    for kind in alternatives:
        try:
            return convert(value, kind)
        except (_UnsuitableError, ValueError, OverflowError):
            pass
    raise InputError(f"{field} = {value!r} is not allowed: must be {in_words(wanted)}")


def _text_as(text: str, kind: Any) -> Scalar:
    if isinstance(kind, _Choice):
        if text not in (str(kind.value), "none" if kind.value is None else str(kind.value)):
            raise _UnsuitableError
        return typing.cast(Scalar, kind.value)
    if kind is bool:
        if text.lower() not in TRUE + FALSE:
            raise _UnsuitableError
        return text.lower() in TRUE
    if kind is type(None):
        if text.lower() != "none":
            raise _UnsuitableError
        return None
    return _number_or_text(kind(text))


def _toml_as(value: Any, kind: Any) -> Scalar:
    if isinstance(kind, _Choice):
        if value != kind.value or type(value) is not type(kind.value):
            raise _UnsuitableError
        return typing.cast(Scalar, value)
    if kind is type(None):
        # TOML has no null, but a parameter must be able to be None.
        if value != "none":
            raise _UnsuitableError
        return None
    if kind is float and type(value) is int:
        return float(value)
    if type(value) is not kind:
        raise _UnsuitableError
    return _number_or_text(value)


def _number_or_text(value: Any) -> Scalar:
    if isinstance(value, float) and math.isnan(value):
        raise _UnsuitableError
    return typing.cast(Scalar, value)
