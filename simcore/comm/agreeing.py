"""Refusals that only some ranks have a reason for, such as those whose node has too little memory."""

from collections.abc import Iterator
from contextlib import contextmanager

from simcore.comm.communicator import Communicator
from simcore.errors import InputError


@contextmanager
def agreed(comm: Communicator) -> Iterator[None]:
    """Raise an InputError of the block on every rank; all ranks enter it together.

    What ranks call together within the block must fail on all of them or on none.
    """
    try:
        yield
    except InputError as error:
        comm.agree(error)
        raise
    comm.agree(None)
