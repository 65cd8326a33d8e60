"""Travel time of messages over the links of a chip without contention: a lower bound."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from simcore.neuromorphic.costs.figures import left_out
from simcore.neuromorphic.mapping.axons import Axons
from simcore.neuromorphic.noc.routes import messages
from simcore.neuromorphic.noc.system import System
from simcore.neuromorphic.noc.topology import EAST_WEST, NORTH_SOUTH, OTHER
from simcore.neuromorphic.sheets.sheet import Chip

FloatArray = npt.NDArray[np.float64]
HOP_KEYS = ("hop_ew_s", "hop_ns_s")


@dataclass(frozen=True)
class Latency:
    """Time of messages on links, s; None if the sheet lacks the time of a hop, which `reason` then names.

    Parameters
    ----------
    mean_s
        Mean over all messages between cores, weighted by the rate of the source neuron; messages to its own core are
        excluded.
    largest_s
        Time between the most distant pair of a firing neuron and a core with its targets.
    mean_hops
        Mean number of links that a message passes, weighted as above, with or without multicast.
    reason
        Why the times are None, or None.
    """

    mean_s: float | None
    largest_s: float | None
    mean_hops: float | None
    reason: str | None


def latency(chip: Chip, system: System, axons: Axons, core_of: npt.NDArray[np.int64], rates_hz: FloatArray) -> Latency:
    """Latencies of all messages, from each neuron to each core with its targets, without contention.

    Parameters
    ----------
    chip, system
        The sheet, and its routers and links.
    axons
        Destinations of all neurons.
    core_of
        Core of each neuron, int64 (neurons,).
    rates_hz
        Expected rate of each neuron, 1/s, float64 (neurons,).
    """
    hop_s, reason = _hop_times(chip, system)
    until = np.concatenate(([0.0], np.cumsum(hop_s)))
    arrivals = hops = travel_s = 0.0
    farthest_s = 0.0
    for sent in messages(system, axons, core_of):
        first, end = system.runs(sent.origins, sent.targets)
        sources = axons.sources[sent.low : sent.high][sent.source]
        leaves = axons.cores[axons.starts[sent.low] : axons.starts[sent.high]] != core_of[sources]
        rates = np.where(leaves, rates_hz[sources], 0.0)
        each_s = (until[end] - until[first]).sum(axis=0)
        arrivals += float(rates.sum())
        hops += float(np.dot(rates, (end - first).sum(axis=0)))
        travel_s += float(np.dot(rates, each_s))
        farthest_s = max(farthest_s, float(each_s[rates > 0.0].max(initial=0.0)))
    if not arrivals:
        return Latency(None, None, None, "no messages are expected")
    if hops and reason is not None:
        return Latency(None, None, hops / arrivals, reason)
    return Latency(travel_s / arrivals, farthest_s, hops / arrivals, None)


def _hop_times(chip: Chip, system: System) -> tuple[FloatArray, str | None]:
    """Time of each link, s, and why it is not known, or None; links without a direction are treated as in `energy`."""
    east_west, north_south = (chip.value(key) for key in HOP_KEYS)
    kinds = system.link_kind
    used = [bool(np.any(kinds == kind)) for kind in (EAST_WEST, NORTH_SOUTH)]
    absent = [key for key, value, needed in zip(HOP_KEYS, (east_west, north_south), used, strict=True)
              if needed and value is None]  # fmt: skip
    if np.any(kinds == OTHER) and (east_west is None or east_west != north_south):
        absent = [key for key in HOP_KEYS if chip.value(key) is None]
        differ = "some hops are neither east-west nor north-south, and the times of the two directions differ"
        why = left_out(chip, absent) if absent else differ
        return np.zeros(len(kinds)), why
    if absent:
        return np.zeros(len(kinds)), left_out(chip, absent)
    return np.where(kinds == NORTH_SOUTH, north_south or 0.0, east_west or 0.0), None
