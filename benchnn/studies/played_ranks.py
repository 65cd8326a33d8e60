"""Choose the ranks of a layout that are played in dry runs."""

import numpy as np
import numpy.typing as npt


def ranks_to_play(expected_events: npt.NDArray[np.float64]) -> list[int]:
    """Return the ranks with the fewest, the median and the most expected synaptic events; all of up to three ranks.

    Parameters
    ----------
    expected_events
        float64 (ranks,). The first of equal ranks is chosen.
    """
    order = np.argsort(expected_events, kind="stable")
    chosen = [order[0], order[(len(order) - 1) // 2], order[-1]]
    return list(dict.fromkeys(int(rank) for rank in chosen))
