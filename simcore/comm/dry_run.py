"""Communicator of a dry run: this process plays one rank of many and receives artificial spikes of the others."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from simcore.comm.communicator import BETWEEN_GROUPS, EVERYONE, Exchange, ExchangeRequest
from simcore.comm.local import LocalCommunicator

T = TypeVar("T")


class DryRunCommunicator(LocalCommunicator):
    """Rank `rank` of `size`, played in one process.

    Sums over ranks are the part of this rank.

    Parameters
    ----------
    rank, size
        Number of the played rank, and number of ranks.
    spikes_per_step
        Mean number of spikes of each population in a step, in the order of the network, which the other ranks send.
    seed
        Seed of the artificial spikes, which are not part of any guarantee.
    needed
        Number of neurons of this rank that each rank needs, int64 (size,). By default each rank needs as many as this
        rank needs of its neurons.

    Attributes
    ----------
    origins
        Number of ranks whose spikes this rank receives, available after the exchange is created; with a separate
        exchange between groups of ranks, the number within its group.
    origins_between_groups
        Number of ranks of other groups whose spikes it receives in that exchange.
    """

    name = "dry_run"

    def __init__(
        self,
        rank: int,
        size: int,
        spikes_per_step: Sequence[float],
        seed: int = 0,
        needed: npt.NDArray[np.int64] | None = None,
    ) -> None:
        self.rank, self.size = rank, size
        self._spikes_per_step = tuple(spikes_per_step)
        self._seed = seed
        self._needed = needed
        self.origins = 0
        self.origins_between_groups = 0

    def scatter(self, make: Callable[[int], T]) -> T:
        return make(self.rank)

    def all_to_all(self, parts: Sequence[npt.NDArray[np.uint32]]) -> list[npt.NDArray[np.uint32]]:
        """Return the neurons of this rank that each rank needs; only their number is meaningful."""
        numbers = [len(part) for part in parts] if self._needed is None else self._needed.tolist()
        return [np.arange(number, dtype=np.uint32) for number in numbers]

    def prepare(self) -> None:
        if self.size > 1:
            from simcore.comm.dry_run_exchange import prepare

            prepare()

    def exchange(self, request: ExchangeRequest) -> Exchange | None:
        partners = self.size if request.partners == EVERYONE else len(request.group)
        others = self.size - partners if request.partners == BETWEEN_GROUPS else partners - 1
        origins = others if request.routing is None else len(request.routing.origins)
        if request.partners == BETWEEN_GROUPS:
            self.origins_between_groups = origins
        else:
            self.origins = origins
        if others == 0:
            return None
        from simcore.comm.dry_run_exchange import DryRunExchange

        return DryRunExchange(self._spikes_per_step, self._seed, request)


def spikes_per_step(rates_hz: Mapping[str, float], sizes: Mapping[str, int], resolution_ms: float) -> list[float]:
    """Return the mean number of spikes of each population in a step."""
    return [rates_hz[name] * size * resolution_ms * 1e-3 for name, size in sizes.items()]
