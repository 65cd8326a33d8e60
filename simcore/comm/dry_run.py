"""The communicator of a dry run: this process plays one rank of many, the spikes of the others are invented."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from simcore.comm.communicator import Exchange, ExchangeRequest
from simcore.comm.local import LocalCommunicator

T = TypeVar("T")


class DryRunCommunicator(LocalCommunicator):
    """Rank `rank` of `size`, alone.

    Sums over ranks are this rank's part, and who needs this rank's spikes is taken to be who is needed by it.

    Parameters
    ----------
    rank, size
        The rank that is played, and how many there are.
    spikes_per_step
        Mean number of spikes of each population in a step, in the order of the network: what the other ranks send.
    seed
        Of the invented spikes, which are no part of any guarantee.
    """

    name = "dry_run"

    def __init__(self, rank: int, size: int, spikes_per_step: Sequence[float], seed: int = 0) -> None:
        self.rank, self.size = rank, size
        self._spikes_per_step = tuple(spikes_per_step)
        self._seed = seed

    def scatter(self, make: Callable[[int], T]) -> T:
        return make(self.rank)

    def all_to_all(self, parts: Sequence[npt.NDArray[np.uint32]]) -> list[npt.NDArray[np.uint32]]:
        """By symmetry: each rank asks for as many of this rank's neurons as this rank asks for of it."""
        return [np.arange(len(part), dtype=np.uint32) for part in parts]

    def prepare(self) -> None:
        if self.size > 1:
            from simcore.comm.dry_run_exchange import prepare

            prepare()

    def exchange(self, request: ExchangeRequest) -> Exchange | None:
        if self.size == 1:
            return None
        from simcore.comm.dry_run_exchange import DryRunExchange

        return DryRunExchange(self._spikes_per_step, self._seed, request)


def spikes_per_step(rates_hz: Mapping[str, float], sizes: Mapping[str, int], resolution_ms: float) -> list[float]:
    """Mean number of spikes of each population in a step."""
    return [rates_hz[name] * size * resolution_ms * 1e-3 for name, size in sizes.items()]
