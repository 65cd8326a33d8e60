"""The compiled part of `schedule`: colours of messages, which differ for messages with a common segment."""

from typing import Any

import numpy as np

from simcore.jit.compilation import kernel


@kernel
def colour(order: Any, starts: Any, segments: Any, n_segments: Any, colours: Any) -> Any:
    """Give each message the first colour that is free in all its segments; return the number of colours.

    Parameters
    ----------
    order
        Order in which messages are coloured, int64 (messages).
    starts, segments
        Segments of the messages.
    colours
        Receives the colours, int64 (messages), zeros before.
    """
    room, used = 8, 0
    taken = np.zeros((n_segments, room), np.bool_)
    for message in order:
        begin, end = starts[message], starts[message + 1]
        if begin == end:
            used = max(used, 1)
            continue
        free = -1
        for candidate in range(used):
            clear = True
            for k in range(begin, end):
                if taken[segments[k], candidate]:
                    clear = False
                    break
            if clear:
                free = candidate
                break
        if free < 0:
            free = used
            used += 1
            if used > room:
                wider = np.zeros((n_segments, 2 * room), np.bool_)
                wider[:, :room] = taken
                taken = wider
                room *= 2
        for k in range(begin, end):
            taken[segments[k], free] = True
        colours[message] = free
    return used


@kernel
def _cross(one: Any, other: Any, starts: Any, segments: Any) -> Any:
    for k in range(starts[one], starts[one + 1]):
        for m in range(starts[other], starts[other + 1]):
            if segments[k] == segments[m]:
                return True
    return False


@kernel
def recolour(order: Any, starts: Any, segments: Any, most: Any, colours: Any) -> Any:
    """Search for a colouring with a given number of colours, in order of the messages; return whether one exists.

    Parameters
    ----------
    colours
        Receives the colours, int64 (messages), -1 before.
    """
    position = 0
    while 0 <= position < len(order):
        message = order[position]
        # A colour that nobody has stands for all of them: one is tried.
        highest = 0
        for k in range(position):
            highest = max(highest, colours[order[k]] + 1)
        candidate = colours[message] + 1
        colours[message] = -1
        found = False
        while candidate < most and candidate <= highest:
            clear = True
            for k in range(position):
                if colours[order[k]] == candidate and _cross(message, order[k], starts, segments):
                    clear = False
                    break
            if clear:
                found = True
                break
            candidate += 1
        if found:
            colours[message] = candidate
            position += 1
        else:
            position -= 1
    return position == len(order)
