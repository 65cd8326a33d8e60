"""Which ranks of a layout are played in dry runs."""

import numpy as np
import numpy.typing as npt


def ranks_to_play(expected_events: npt.NDArray[np.float64]) -> list[int]:
    """The ranks with the fewest, the median and the most expected synaptic events; fewer where there are fewer ranks.

    Parameters
    ----------
    expected_events
        float64 (ranks,). Of ranks that are equal the first comes first.
    """
    order = np.argsort(expected_events, kind="stable")
    chosen = [order[0], order[(len(order) - 1) // 2], order[-1]]
    return list(dict.fromkeys(int(rank) for rank in chosen))
