"""Objects that are larger than one call of MPI can count arrive whole, in several messages."""

from pathlib import Path

import pytest
from launch import on_ranks

from simcore.comm import mpi_pieces

PROGRAM = Path(__file__).with_name("pieces.py")


@pytest.mark.parametrize("ranks", [2, 3])
@pytest.mark.parametrize(("piece_bytes", "many"), [(64, True), (1 << 30, False)])
def test_large_objects_arrive_whole_in_small_messages(ranks, piece_bytes, many):
    finished = on_ranks(ranks, PROGRAM, piece_bytes)
    assert finished.returncode == 0, finished.stderr
    assert finished.stdout.strip() == f"{[[]] * ranks} {many}"


def test_a_message_has_less_bytes_than_mpi_can_count():
    assert mpi_pieces.PIECE_BYTES < 2**31
