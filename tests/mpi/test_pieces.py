"""Objects that are larger than one call of MPI can count arrive whole, in several messages."""

from pathlib import Path

import pytest
from launch import on_ranks

from simcore.comm import mpi_pieces

PROGRAM = Path(__file__).with_name("pieces.py")


@pytest.mark.parametrize("ranks", [2, 3])
def test_large_objects_arrive_whole_in_small_messages(ranks):
    finished = on_ranks(ranks, PROGRAM, 64, 1 << 30)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.splitlines() == [f"{[[]] * ranks} {many}" for many in (True, False)]


def test_a_message_has_less_bytes_than_mpi_can_count():
    assert mpi_pieces.PIECE_BYTES < 2**31
