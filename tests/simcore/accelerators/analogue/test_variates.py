import hashlib

import numpy as np
import pytest

from simcore.accelerators.analogue.variates import Purpose, integers, normals, quantiles, uniforms


def test_the_stream_is_pinned():
    assert integers(1, Purpose.DEVICE, 2, 0, 5).tolist() == [
        12027569856383143372,
        9122433365935816224,
        15254898682908597851,
        13422985466854457983,
        9372736843849730477,
    ]
    assert (
        hashlib.sha256(quantiles().tobytes()).hexdigest()
        == "c4753d171cdb04dcdc3455d40bb7c7ef6310b21ada66f06ae6ec3bb5015d36c1"
    )


def test_any_part_of_a_stream_is_the_same():
    whole = integers(7, Purpose.READ, 3, 0, 50)
    for first in range(9):
        assert np.array_equal(integers(7, Purpose.READ, 3, first, 20), whole[first : first + 20])


def test_streams_of_other_seeds_purposes_and_arrays_are_others():
    streams = [(1, Purpose.DEVICE, 0), (2, Purpose.DEVICE, 0), (1, Purpose.STUCK, 0), (1, Purpose.DEVICE, 1)]
    assert len({tuple(integers(*stream, 0, 8).tolist()) for stream in streams}) == 4


def test_numbers_have_their_distribution():
    uniform, normal = uniforms(1, Purpose.STUCK, 0, 100_000), normals(1, Purpose.DEVICE, 0, 100_000)
    assert uniform.min() >= 0.0 and uniform.max() < 1.0 and uniform.mean() == pytest.approx(0.5, abs=0.004)
    assert normal.mean() == pytest.approx(0.0, abs=0.013) and normal.std() == pytest.approx(1.0, rel=0.01)
    assert (normal > 1.959964).mean() == pytest.approx(0.025, abs=0.002)


def test_the_table_of_quantiles_is_symmetric_and_of_unit_spread():
    table = quantiles()
    assert np.array_equal(table, -table[::-1]) and (np.diff(table) > 0.0).all()
    assert table.std() == pytest.approx(1.0, abs=1e-4)
