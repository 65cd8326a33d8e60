"""Kernels that do not count references refuse to return objects whose references are counted."""

import numpy as np
import pytest

compilation = pytest.importorskip("simcore.jit.compilation")
borrowing, inlined, kernel = compilation.borrowing, compilation.inlined, compilation.kernel

VALUES = np.arange(3)


def itself(values):
    return values


def pair(values):
    return len(values), (values, 1)


def optional(values):
    if len(values) > 1:
        return values
    return None


def number(values):
    return values[1]


RETURNS_REFERENCES = (itself, pair, optional)


@pytest.mark.parametrize("function", RETURNS_REFERENCES)
def test_a_borrowing_kernel_that_returns_references_is_refused(function):
    with pytest.raises(TypeError, match=f"{function.__name__} returns arrays"):
        borrowing(function)(VALUES)


@pytest.mark.parametrize("decorator", [borrowing, inlined])
@pytest.mark.parametrize("function", RETURNS_REFERENCES)
def test_a_kernel_that_calls_a_borrowing_kernel_that_returns_references_is_refused(function, decorator):
    called = decorator(function)

    @kernel
    def caller(values):
        called(values)
        return len(values)

    with pytest.raises(TypeError, match=f"{function.__name__} returns arrays"):
        caller(VALUES)


def test_a_borrowing_kernel_that_returns_a_list_is_refused():
    called = borrowing(itself)

    @kernel
    def caller(values):
        return len(called([len(values)]))

    with pytest.raises(TypeError, match="itself returns arrays"):
        caller(VALUES)


def test_a_borrowing_kernel_that_calls_a_kernel_that_returns_references_is_refused():
    called = kernel(itself)

    @borrowing
    def caller(values):
        return len(called(values))

    with pytest.raises(TypeError, match="itself returns arrays"):
        caller(VALUES)


def test_a_borrowing_kernel_returns_numbers():
    called = borrowing(number)

    @kernel
    def caller(values):
        return called(values)

    assert (called(VALUES), caller(VALUES)) == (1, 1)


def test_a_kernel_returns_arrays():
    assert kernel(itself)(VALUES).tolist() == VALUES.tolist()
