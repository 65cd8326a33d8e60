"""Errors name the field and the value, have one base, and cross ranks."""

import pickle

import numpy as np
import pytest

from simcore.errors import (
    BenchnnError,
    InputError,
    ResourceError,
    UnavailableError,
    WriteError,
    integer,
    number,
    require,
)

PARENTS = {InputError: ValueError, ResourceError: ValueError, UnavailableError: RuntimeError, WriteError: RuntimeError}


@pytest.mark.parametrize("kind", PARENTS)
def test_every_error_has_the_common_base_and_its_built_in_parent(kind):
    error = kind("no room")
    assert isinstance(error, BenchnnError) and isinstance(error, PARENTS[kind])
    assert (str(error), error.field, error.value) == ("no room", None, None)


def test_a_full_machine_is_a_matter_of_input():
    assert issubclass(ResourceError, InputError)


@pytest.mark.parametrize(
    ("check", "field", "value"),
    [
        (lambda: require(False, "seed", -1, "must be >= 0"), "seed", -1),
        (lambda: integer(2.0, "threads", 1), "threads", 2.0),
        (lambda: number("fast", "rate_hz"), "rate_hz", "fast"),
    ],
)
def test_checks_state_field_and_value(check, field, value):
    with pytest.raises(InputError, match=f"^{field} = {value!r} is not allowed: ") as caught:
        check()
    assert (caught.value.field, caught.value.value) == (field, value)


@pytest.mark.parametrize("kind", PARENTS)
@pytest.mark.parametrize("value", [None, 3, "three", np.float32(0.5), np.int64(7)])
def test_an_error_that_crosses_ranks_keeps_its_parts(kind, value):
    sent = kind("weight = 3 is wrong", "weight", value)
    received = pickle.loads(pickle.dumps(sent))  # noqa: S301 - it is ours
    assert type(received) is kind
    assert (str(received), received.field, received.value) == (str(sent), "weight", value)


def test_a_value_that_cannot_be_pickled_crosses_ranks_as_text():
    value = lambda: None  # noqa: E731
    received = pickle.loads(pickle.dumps(InputError("rule is wrong", "rule", value)))  # noqa: S301 - it is ours
    assert received.value == repr(value)
