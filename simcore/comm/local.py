"""The communicator of a single process."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from simcore.comm.communicator import Exchange, ExchangeRequest

T = TypeVar("T")


class LocalCommunicator:
    """Communicator with a single rank."""

    name = "local"
    rank = 0
    size = 1
    agreed_error: Exception | None = None

    def from_root(self, make: Callable[[], T]) -> T:
        return make()

    def agree(self, problem: Exception | None) -> None:
        if problem is not None:
            raise problem

    def gather(self, value: T) -> list[T]:
        return [value]

    def collect(self, value: T) -> list[T] | None:
        return [value]

    def scatter(self, make: Callable[[int], T]) -> T:
        return make(0)

    def all_to_all(self, parts: Sequence[npt.NDArray[np.uint32]]) -> list[npt.NDArray[np.uint32]]:
        return list(parts)

    def prepare(self) -> None:
        pass

    def exchange(self, request: ExchangeRequest) -> Exchange | None:
        return None

    def abort(self, code: int) -> None:
        pass
