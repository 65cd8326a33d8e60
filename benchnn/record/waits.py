"""A description of how long the threads of a rank waited for each other."""

from collections.abc import Sequence
from itertools import accumulate

from simcore.display.numbers import Numbers

LONGEST = 62
"""Exponent of the power of two, in nanoseconds, beyond which waits are not plausible."""


def waits_text(counts: Sequence[int], numbers: Numbers) -> str | None:
    """Describe the waits, such as ``20,000 times: half below 512 ns, 99 % below 65.5 us, all below 8.39 ms``.

    Parameters
    ----------
    counts
        Entry k counts waits of 2^k to 2^(k+1) ns.
    numbers
        Format of numbers.

    Returns
    -------
    str or None
        None without waits.
    """
    sums = list(accumulate(counts))
    if not sums or sums[-1] == 0:
        return None
    texts = []
    for share, name in ((0.5, "half"), (0.99, "99 %"), (1.0, "all")):
        bucket = next(k for k, total in enumerate(sums) if total >= share * sums[-1])
        texts.append(f"{name} below {numbers.prefixed(2.0 ** min(bucket + 1, LONGEST) * 1e-9, 's', 3)}")
    return f"{numbers.count(sums[-1])} times: {', '.join(texts)}"
