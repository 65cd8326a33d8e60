"""Counter-based random streams and the integer-exact binomial sampler.

Random numbers do not depend on a state: every number is a pure function of a key (seed, purpose) and a counter of ids.
The functions use NumPy or plain Python; `simcore.jit.philox` compiles the same arithmetic.

References
----------
Salmon, Moraes, Dror, Shaw (2011), Parallel random numbers: as easy as 1, 2, 3, SC11 (Philox4x32-10).
"""

from enum import IntEnum, unique

import numpy as np
import numpy.typing as npt

UInt32Array = npt.NDArray[np.uint32]

PHILOX_M0 = 0xD2511F53
PHILOX_M1 = 0xCD9E8D57
PHILOX_W0 = 0x9E3779B9
PHILOX_W1 = 0xBB67AE85
PHILOX_ROUNDS = 10
MAX_SEED = 2**32 - 1
STREAM_VERSION = 2
"""Version of the random streams, which increases with any change of streams, counters or draws."""
NEGLIGIBLE_PMF = 2.0**-66
"""Probabilities below this share of the mode's are neglected in the binomial, as 53-bit numbers cannot resolve them."""


@unique
class Purpose(IntEnum):
    """Second word of every Philox key, so that streams of different purposes never overlap.

    All purposes are listed here, so that they are distinct; in kernels for GPUs they are named ``PURPOSE_...``.
    """

    CONNECTIVITY = 1
    IN_DEGREE = 2
    POISSON = 3
    PARAMETER = 4
    SPIKE_DIGEST = 5
    NETWORK_DIGEST = 6
    NOISE = 7
    RANDOM_MAPPER = 8
    GREEDY_MAPPER = 9
    POISSON_LOW = 10
    ANNEAL_MAPPER = 11
    WEIGHT_DIGEST = 12
    PRUNE = 20
    PERTURB = 21
    SURROGATE = 22
    PLACE_ANNEAL = 31
    PLACE_TREES = 32
    SCHEDULE = 33
    POSITION = 35
    SPATIAL = 36
    INFERENCE_INPUT = 41
    INFERENCE_NOISE = 42


def philox(
    counter: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike, npt.ArrayLike], key: tuple[int, int]
) -> tuple[UInt32Array, UInt32Array, UInt32Array, UInt32Array]:
    """Compute Philox4x32-10 of broadcastable counters.

    Parameters
    ----------
    counter
        Four arrays or integers, each taken modulo 2**32.
    key
        Two integers below 2**32.

    Returns
    -------
    Four uint32 arrays of the broadcast shape.
    """
    mask = np.uint64(0xFFFFFFFF)
    shift = np.uint64(32)
    c0, c1, c2, c3 = np.broadcast_arrays(*(np.asarray(word).astype(np.uint64) & mask for word in counter))
    k0, k1 = key
    for _ in range(PHILOX_ROUNDS):
        product0 = np.uint64(PHILOX_M0) * c0
        product1 = np.uint64(PHILOX_M1) * c2
        c0 = (product1 >> shift) ^ c1 ^ np.uint64(k0)
        c1 = product1 & mask
        c2 = (product0 >> shift) ^ c3 ^ np.uint64(k1)
        c3 = product0 & mask
        k0 = (k0 + PHILOX_W0) & 0xFFFFFFFF
        k1 = (k1 + PHILOX_W1) & 0xFFFFFFFF
    return c0.astype(np.uint32), c1.astype(np.uint32), c2.astype(np.uint32), c3.astype(np.uint32)


def digest_sum(words: tuple[npt.ArrayLike, npt.ArrayLike, npt.ArrayLike, npt.ArrayLike]) -> int:
    """Sum 128-bit numbers, given as four arrays of 32-bit words, lowest first, modulo 2**128."""
    total = 0
    for position, word in enumerate(words):
        total += int(np.asarray(word).astype(np.uint64).sum(dtype=np.uint64)) << (32 * position)
    return total % 2**128


def word_sums(words: npt.NDArray[np.uint64]) -> tuple[int, ...]:
    """Return sums of 128-bit numbers modulo 2**128 from the sums of their words, uint64 (n, 4), lowest first."""
    return tuple(sum(word << (32 * k) for k, word in enumerate(row)) % 2**128 for row in words.tolist())


def scaled_integer(word: npt.ArrayLike, n: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """Map 32-bit words to integers in [0, n): ``(word * n) >> 32``."""
    product = np.asarray(word).astype(np.uint64) * np.asarray(n).astype(np.uint64)
    return (product >> np.uint64(32)).astype(np.int64)


def unit_interval(high: int, low: int) -> float:
    """Return a uniform number in [0, 1) with 53 bits from two 32-bit words."""
    return ((high >> 5) * 67108864.0 + (low >> 6)) / 9007199254740992.0


def binomial(n: int, odds: float, u: float) -> int:
    """Sample Binomial(n, p) by inversion, with odds = p / (1 - p) and u uniform in [0, 1).

    Probabilities relative to the mode's follow from their recurrence in both directions, so that only float64
    ``+ - * /`` are used and the result is the same on every machine. Candidates are visited from the mode outwards, a
    valid order for inversion. The cost is proportional to about 17 standard deviations of the distribution.
    """
    if n == 0 or odds <= 0.0:
        return 0
    mode = int((n + 1) * (odds / (1.0 + odds)))
    mode = min(mode, n)
    total = 1.0
    weight = 1.0
    k = mode
    while k < n:
        weight = weight * (float(n - k) / float(k + 1) * odds)
        k += 1
        if weight < NEGLIGIBLE_PMF:
            break
        total = total + weight
    weight = 1.0
    k = mode
    while k > 0:
        weight = weight * (float(k) / (float(n - k + 1) * odds))
        k -= 1
        if weight < NEGLIGIBLE_PMF:
            break
        total = total + weight
    remainder = u * total - 1.0
    if remainder < 0.0:
        return mode
    above = 1.0
    below = 1.0
    up = mode
    down = mode
    while above > 0.0 or below > 0.0:
        if above > 0.0:
            above = above * (float(n - up) / float(up + 1) * odds)
            if above < NEGLIGIBLE_PMF:
                above = 0.0
            else:
                up += 1
                remainder = remainder - above
                if remainder < 0.0:
                    return up
        if below > 0.0:
            below = below * (float(down) / (float(n - down + 1) * odds))
            if below < NEGLIGIBLE_PMF:
                below = 0.0
            else:
                down -= 1
                remainder = remainder - below
                if remainder < 0.0:
                    return down
    return mode
