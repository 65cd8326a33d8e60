"""Names of columns that kernels take as constants."""

from enum import IntEnum

import numpy as np
import pytest

from simcore.jit.columns import plain


class Column(IntEnum):
    """Three columns."""

    FIRST = 0
    SECOND = 1
    LAST = 7


NAMED = plain(Column)


def test_names_have_the_values_of_the_enumeration():
    assert NAMED._asdict() == {"FIRST": 0, "SECOND": 1, "LAST": 7}
    assert {type(value) for value in NAMED} == {int}


def test_kernels_read_and_write_columns_by_name():
    kernel = pytest.importorskip("simcore.jit.compilation").kernel

    @kernel
    def move(table):
        for row in range(len(table)):
            table[row, NAMED.LAST] = table[row, NAMED.SECOND]

    table = np.arange(16).reshape(2, 8)
    move(table)
    assert table[:, 7].tolist() == [1, 9]
