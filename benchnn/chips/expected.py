"""A lower bound on the messages of a mapping, as a record and as text."""

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt

from simcore.network import Network
from simcore.network.exchangeable import why_not_exchangeable
from simcore.neuromorphic.mapping.expectation import expectation_of


def bound_record(
    network: Network, rates_hz: npt.NDArray[np.float64], neurons_per_core: int
) -> tuple[float | None, dict[str, str]]:
    """Fewest messages between cores per second for mappings that ignore the drawn synapses, and why it is None.

    Parameters
    ----------
    network, rates_hz
        The network, and the expected rate of each neuron, 1/s, float64 (neurons,).
    neurons_per_core
        Number of neurons in the fullest core.
    """
    reason = why_not_exchangeable(network)
    if reason is not None:
        return None, {"messages_bound_per_s": reason}
    return expectation_of(network, rates_hz).messages_bound_per_s(neurons_per_core), {}


def bound_text(expected: Mapping[str, Any]) -> str:
    """The distance of the expected messages from the bound; empty if no messages are sent."""
    bound, messages = expected["messages_bound_per_s"], expected["messages_per_s"]
    if bound is None:
        return f"the bound on messages is unknown: {expected['reasons']['messages_bound_per_s']}\n"
    if not bound:
        return ""
    over = 100.0 * (messages / bound - 1.0)
    where = f"within {over:.1f} % of" if over >= 0.0 else f"{-over:.1f} % below"
    return (
        f"{where} the bound of {bound:,.0f} messages/s for mappings that ignore the drawn synapses, with at most "
        f"{expected['neurons_of_fullest_core']:,} neurons per core\n"
    )
