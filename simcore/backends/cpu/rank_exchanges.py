"""The exchanges in which a rank takes part: one with all others, or one within its group and one between groups."""

from collections.abc import Iterator
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.backends.backend import Plan, population_bounds, words_per_spike
from simcore.backends.cpu.arrays import NOBODY, ONE_INTERVAL, Calls, Groups, Others
from simcore.backends.cpu.intervals import Intervals
from simcore.backends.cpu.routing import routing_between, routing_within
from simcore.comm.communicator import (
    BETWEEN_GROUPS,
    EVERYONE,
    WITHIN_GROUP,
    Exchange,
    ExchangeCounts,
    ExchangeRequest,
    Routing,
)


class RankExchanges:
    """Makes the exchanges, and hands them to the step loop; all ranks make theirs together.

    Parameters
    ----------
    plan, intervals
        Who owns which neuron, and how often spikes are exchanged.
    routing
        For the directed exchange; None for the collective one.
    """

    def __init__(self, plan: Plan, intervals: Intervals, routing: Routing | None) -> None:
        self._plan, self._two = plan, intervals.differ
        group = plan.placement.ranks_with(plan.rank)
        self._exchanges: dict[str, Exchange | None] = {}
        if not intervals.differ:
            self._make(EVERYONE, intervals.within, routing, group)
        else:
            self._make(WITHIN_GROUP, intervals.within, routing and routing_within(routing, group), group)
            self._make(BETWEEN_GROUPS, intervals.between, routing and routing_between(routing, group), group)
        # Untouched memory costs nothing.
        room = intervals.between * max(1, plan.placement.size_of_rank(plan.rank)) if intervals.differ else 0
        self._sent = np.empty(room, dtype=plan.spike_word)
        others = plan.comm.size - 1
        self.destinations = others if routing is None else len(routing.destinations)
        inside = len(group) - 1
        self.destinations_within_group = inside if routing is None else int(np.isin(routing.destinations, group).sum())

    def _make(self, partners: str, interval: int, routing: Routing | None, group: range) -> None:
        plan = self._plan
        room = interval * max(1, plan.placement.size_of_rank(plan.rank))
        bounds, own = population_bounds(plan.network), plan.placement.ranges_of_rank(plan.rank)
        request = ExchangeRequest(interval, room, routing, bounds, own, words_per_spike(plan), partners, group)
        self._exchanges[partners] = plan.comm.exchange(request)

    def __iter__(self) -> Iterator[Exchange]:
        return (exchange for exchange in self._exchanges.values() if exchange is not None)

    def others(self) -> Others:
        """The exchange of each interval, with all ranks or with those of the group, as the step loop takes it."""
        return self._others(WITHIN_GROUP if self._two else EVERYONE)

    def groups(self, begin: int) -> Any:
        """The exchange between groups, `Groups`, or ONE_INTERVAL; at the step `begin` everything was exchanged."""
        if not self._two:
            return ONE_INTERVAL
        return Groups(self._others(BETWEEN_GROUPS), self._sent, begin)

    def _others(self, partners: str) -> Others:
        exchange, word = self._exchanges[partners], self._plan.spike_word
        if exchange is None:
            none = np.zeros(0, dtype=np.int64)
            return Others(NOBODY, np.zeros(0, dtype=word), none, none)
        calls = Calls(exchange.test, exchange.state.ctypes.data, exchange.start)
        ends = exchange.received_ends
        return Others(calls, self._whole(exchange.received).view(word), ends, np.zeros_like(ends))

    def _whole(self, words: npt.NDArray[np.uint32]) -> npt.NDArray[np.uint32]:
        """As many of the words as whole spikes have."""
        each = words_per_spike(self._plan)
        return words[: len(words) // each * each]

    def adapt(self) -> None:
        """Between calls of the step loop, on all ranks: make blocks as large as the latest spikes need."""
        for exchange in self:
            exchange.adapt()

    def grow(self) -> int:
        """Make room for the exchanges under way; return the largest number of words that they can receive."""
        for exchange in self:
            exchange.grow()
        return sum(len(exchange.received) for exchange in self)

    def close(self) -> None:
        """Release what the exchanges hold; all ranks call this together."""
        for exchange in self:
            exchange.close()

    def counts(self) -> dict[str, ExchangeCounts]:
        """What was exchanged so far, by EVERYONE, WITHIN_GROUP or BETWEEN_GROUPS."""
        return {partners: exchange.counts() for partners, exchange in self._exchanges.items() if exchange is not None}
