"""Values by declared type."""

import math
from dataclasses import dataclass
from typing import Literal, Optional

import pytest

from benchnn.declared_types import declared, from_text, from_toml, in_words
from simcore.errors import InputError


@pytest.mark.parametrize(
    ("text", "wanted", "value"),
    [
        ("3", int, 3),
        ("3", float, 3.0),
        ("1e-3", float, 0.001),
        ("inf", float, math.inf),
        ("3", str, "3"),
        ("yes", bool, True),
        ("FALSE", bool, False),
        ("0", bool, False),
        ("none", float | None, None),
        ("2", float | None, 2.0),
        ("None", Optional[str], None),  # noqa: UP045 - the old way of writing it
        ("2", int | str, 2),
        ("two", str | int, "two"),
        ("b", Literal["a", "b"], "b"),
        ("8", Literal[8, 16], 8),
        ("none", Literal["a"] | None, None),
    ],
)
def test_text(text, wanted, value):
    converted = from_text(text, wanted, "x")
    assert converted == value and type(converted) is type(value)


@pytest.mark.parametrize(
    ("text", "wanted", "words"),
    [
        ("3.5", int, "a whole number"),
        ("", int, "a whole number"),
        ("nan", float, "a number"),
        ("1,5", float, "a number"),
        ("2", bool, "true or false"),
        ("c", Literal["a", "b"], "'a' or 'b'"),
        ("nothing", Literal[1, 2] | None, "1, 2 or none"),
        ("x", int | float | None, "a whole number, a number or none"),
        ("__import__('os')", float, "a number"),
    ],
)
def test_wrong_text(text, wanted, words):
    with pytest.raises(InputError) as caught:
        from_text(text, wanted, "x")
    assert str(caught.value) == f"x = {text!r} is not allowed: must be {words}"


@pytest.mark.parametrize(
    ("value", "wanted", "same"),
    [(3, float, 3.0), (3, int, 3), (True, bool, True), ("a", Literal["a"], "a"), ("none", int | None, None)],
)
def test_toml(value, wanted, same):
    converted = from_toml(value, wanted, "x")
    assert converted == same and type(converted) is type(same)


@pytest.mark.parametrize(
    ("value", "wanted"),
    [(3.0, int), (True, int), (True, float), (1, bool), ("3", int), (3, str), (True, Literal[1]), ([1], int)],
)
def test_wrong_toml(value, wanted):
    with pytest.raises(InputError, match=r"x = .* is not allowed: must be"):
        from_toml(value, wanted, "x")


@pytest.mark.parametrize("wanted", [list[int], dict, None, bytes])
def test_types_that_cannot_be_given(wanted):
    with pytest.raises(InputError, match="x cannot be set"):
        from_text("3", wanted, "x")


def test_parameters_of_a_function():
    def function(a, b: "float", c=3, d: str | None = None, *rest, e: Literal["x"] = "x", f=None, **more):
        pass

    found = declared(function)
    assert list(found) == ["a", "b", "c", "d", "e", "f"]
    assert [found[name].required for name in found] == [True, True, False, False, False, False]
    assert [found[name].type for name in "abcd"] == [None, float, int, str | None]
    assert found["f"].type is None


def test_fields_of_a_dataclass():
    @dataclass
    class Options:
        n: int
        name: str | None = None

    assert [(entry.name, entry.type) for entry in declared(Options).values()] == [("n", int), ("name", str | None)]


def test_words():
    assert in_words(float | None) == "a number or none"
    assert in_words(Literal["a", "b", "c"]) == "'a', 'b' or 'c'"
