"""Philox4x32-10 for kernels, with the arithmetic of `simcore.random.philox` in a vectorisable form."""

from typing import Any

import numpy as np

from simcore.jit.compilation import inlined, kernel
from simcore.random import PHILOX_M0, PHILOX_M1, PHILOX_W0, PHILOX_W1, Purpose

M0 = np.uint64(PHILOX_M0)
M1 = np.uint64(PHILOX_M1)
W0 = np.uint64(PHILOX_W0)
W1 = np.uint64(PHILOX_W1)
LOW_WORD = np.uint64(0xFFFFFFFF)
SHIFT = np.uint64(32)
SPIKE_DIGEST = np.uint32(Purpose.SPIKE_DIGEST)


@inlined
def _round(c0: Any, c1: Any, c2: Any, c3: Any, k0: Any, k1: Any) -> Any:
    """Compute a round on words in 64-bit lanes with arbitrary upper halves, half the work of packing them each time."""
    p0 = M0 * (c0 & LOW_WORD)
    p1 = M1 * (c2 & LOW_WORD)
    return (p1 >> SHIFT) ^ c1 ^ k0, p1, (p0 >> SHIFT) ^ c3 ^ k1, p0


@inlined
def philox_block(d0: Any, d1: Any, d2: Any, d3: Any, seed: Any, purpose: Any) -> Any:
    """Return four uint32 words of the counter (d0, d1, d2, d3) with the key (seed, purpose), all uint32.

    The rounds are written out, because a loop around them would prevent LLVM from vectorising the caller's loop.
    """
    c0, c1, c2, c3 = np.uint64(d0), np.uint64(d1), np.uint64(d2), np.uint64(d3)
    k0, k1 = np.uint64(seed), np.uint64(purpose)
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + W0, k1 + W1
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + W0, k1 + W1
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + W0, k1 + W1
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + W0, k1 + W1
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + W0, k1 + W1
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + W0, k1 + W1
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + W0, k1 + W1
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + W0, k1 + W1
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    k0, k1 = k0 + W0, k1 + W1
    c0, c1, c2, c3 = _round(c0, c1, c2, c3, k0, k1)
    return np.uint32(c0), np.uint32(c1), np.uint32(c2), np.uint32(c3)


@kernel
def spike_digest_words(stamps: Any, ids: Any, sums: Any) -> None:
    """Add the four words of each spike's Philox(stamp, id) to `sums` (uint64[4])."""
    s0, s1, s2, s3 = np.uint64(0), np.uint64(0), np.uint64(0), np.uint64(0)
    zero = np.uint32(0)
    for k in range(len(stamps)):
        low, high = np.uint32(stamps[k]), np.uint32(stamps[k] >> 32)
        w0, w1, w2, w3 = philox_block(low, high, np.uint32(ids[k]), zero, zero, SPIKE_DIGEST)
        s0 += np.uint64(w0)
        s1 += np.uint64(w1)
        s2 += np.uint64(w2)
        s3 += np.uint64(w3)
    sums[0] += s0
    sums[1] += s1
    sums[2] += s2
    sums[3] += s3
