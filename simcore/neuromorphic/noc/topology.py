"""Description of a topology: its routers, its links, and the routes of messages."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

EAST_WEST, NORTH_SOUTH, OTHER = 0, 1, 2
"""Kinds of links."""
BETWEEN_CHIPS = -1
"""Chip of a router that does not belong to a chip."""

IntArray = npt.NDArray[np.int32]
Runs = tuple[IntArray, IntArray]
"""First link, and the link after the last one, of the runs of messages, int32 (runs of a message, messages)."""


@dataclass(frozen=True, eq=False)
class Links:
    """Links of one direction each, numbered so that the links of a straight run are consecutive.

    Parameters
    ----------
    origin, target
        Routers that each link connects, int32.
    kind
        `EAST_WEST`, `NORTH_SOUTH` or `OTHER`, int8.
    straight_on
        The link that continues in the same direction, int32; -1 if there is none.
    """

    origin: IntArray
    target: IntArray
    kind: npt.NDArray[np.int8]
    straight_on: IntArray


@dataclass(frozen=True, eq=False)
class Topology:
    """The routers of all chips, how they are connected, and how messages travel.

    Parameters
    ----------
    position
        Positions of the routers in figures, float64 (routers, 2). Routers with cores come first, chip by chip.
    chip_of_router
        Chip of each router, int32, or `BETWEEN_CHIPS`.
    links
        All links.
    runs
        Function that returns the straight runs of messages from their origins and targets, int32 (messages). A run may
        be empty. Runs of messages from one router begin at the same link or have no link in common, so that together
        they form a tree.
    assumptions
        Sentences on figures that no sheet states.
    """

    position: npt.NDArray[np.float64]
    chip_of_router: IntArray
    links: Links
    runs: Callable[[IntArray, IntArray], Runs]
    assumptions: tuple[str, ...] = ()


def stacked(runs: list[Runs]) -> Runs:
    """Combine runs of the same messages in one pair of arrays."""
    return np.stack([first for first, _ in runs]), np.stack([end for _, end in runs])


def joined(parts: list[Links]) -> Links:
    """Links numbered one part after the other."""
    firsts = np.cumsum([0, *(len(part.origin) for part in parts)])
    return Links(
        np.concatenate([part.origin for part in parts]),
        np.concatenate([part.target for part in parts]),
        np.concatenate([part.kind for part in parts]),
        np.concatenate(
            [
                np.where(part.straight_on < 0, -1, part.straight_on + first).astype(np.int32)
                for part, first in zip(parts, firsts, strict=False)
            ]
        ),
    )


def line_links(routers: IntArray, kind: int, closed: bool) -> Links:
    """Links along lines of routers in one direction.

    Parameters
    ----------
    routers
        Along each line, int32 (lines, routers of a line).
    kind
        Kind of the links.
    closed
        Whether a link connects the last router of a line to the first.
    """
    lines, length = routers.shape
    per_line = length if closed else length - 1
    numbers = np.arange(lines * per_line, dtype=np.int32).reshape(lines, per_line)
    straight_on = np.roll(numbers, -1, axis=1)
    if not closed:
        straight_on[:, -1:] = -1
    return Links(
        routers[:, :per_line].ravel(),
        np.roll(routers, -1, axis=1)[:, :per_line].ravel(),
        np.full(lines * per_line, kind, dtype=np.int8),
        straight_on.ravel(),
    )
