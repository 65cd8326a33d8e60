"""Bytes that a rank uses, by the parts of `memory.estimated_bytes`."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy.typing as npt

from simcore.backends.cpu.build import ThreadPart
from simcore.backends.cpu.calendar import calendar_bytes
from simcore.backends.cpu.plastic_rank import RankPlasticity
from simcore.backends.cpu.register import Register
from simcore.comm.communicator import Exchange
from simcore.memory import touched_bytes


def parts_in_use(
    threads: Sequence[ThreadPart],
    registers: Iterable[Register],
    calendars: Iterable[Any],
    fresh: npt.NDArray[Any],
    exchanges: Iterable[Exchange],
    plasticity: RankPlasticity | None,
) -> dict[str, int]:
    """Bytes by part; reserved memory counts as far as it was used.

    Parameters
    ----------
    threads
        Data of each thread.
    registers, calendars
        Of each thread.
    fresh
        Buffers of the latest spikes.
    exchanges
        Exchanges with other ranks.
    plasticity
        None without plastic synapses.
    """
    own = [thread.memory_bytes() for thread in threads]
    parts = {name: sum(each[name] for each in own) for name in ("synapses", "index", "neurons", "inputs")}
    parts["inputs"] += sum(calendar_bytes(calendar) for calendar in calendars)
    parts["spikes"] = touched_bytes(fresh) + sum(register.used_bytes for register in registers)
    parts["exchange"] = sum(exchange.used_bytes for exchange in exchanges)
    plastic = [] if plasticity is None else [thread.memory_bytes() for thread in plasticity.threads]
    for name in ("synapses", "index"):
        parts[name] += sum(each[name] for each in plastic)
    parts["plasticity"] = sum(each["state"] for each in plastic)
    return parts
