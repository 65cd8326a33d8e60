"""Measure the compiled Poisson drive as a whole, and its parts on a block in the L1 cache.

    python benchmarks/poisson_drive.py --rates 1000,12800 --repeats 30

The script prints nanoseconds for each neuron and step: smallest, median and largest. To compare two revisions, run it
alternately in a checkout of each. NUMBA_CPU_NAME and NUMBA_CPU_FEATURES compile for another processor.
"""

import argparse
import statistics
import time

import numba
import numpy as np
from numba import types

from simcore.drives.poisson import cpu
from simcore.drives.poisson.model import Poisson
from simcore.jit.intrinsics import call_kernel
from simcore.jit.vectors import processor, vector_bits

STEPS = 4000
WORD = np.uint32(1)


@numba.njit
def drive(address, row, n_steps):
    """Apply the drive in consecutive steps."""
    for step in range(16, 16 + n_steps):
        call_kernel(address, step, row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7])


_draw, _count, _pack, _add, BLOCK = cpu._draw, cpu._count, cpu._pack, cpu.add_counts, cpu.BLOCK


@numba.njit
def draw(words, n_steps):
    """Draw the words of eight steps repeatedly."""
    for block in range(n_steps // 8):
        _draw(words, WORD, WORD, WORD, block, WORD, BLOCK)


@numba.njit
def count(halves, totals, t, n_steps):
    """Counts of two steps."""
    for _ in range(n_steps // 2):
        _count(halves, totals, WORD, t[0], t[1], t[2], t[3], t[4], t[5], t[6], t[7])


@numba.njit
def pack(totals, counts, n_steps):
    """Bytes of two steps."""
    for _ in range(n_steps // 2):
        _pack(totals, counts)


@numba.njit
def add(inputs, pairs, n_steps):
    """Inputs of one step."""
    for step in range(n_steps):
        _add(inputs, pairs, step & 1, 1400)


def nanoseconds(function, *arguments, neurons, repeats):
    """CPU time per neuron and step, ns: smallest, median, largest."""
    function(*arguments, STEPS)
    times = []
    for _ in range(repeats):
        start = time.thread_time()
        function(*arguments, STEPS)
        times.append((time.thread_time() - start) / STEPS / neurons * 1e9)
    return f"{min(times):7.3f} {statistics.median(times):7.3f} {max(times):7.3f}"


def main() -> None:
    """Print a table for each rate."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rates", default="1000,12800,200000", help="1/s")
    parser.add_argument("--neurons", type=int, default=4096)
    parser.add_argument("--repeats", type=int, default=30)
    options = parser.parse_args()
    print(f"compiled for {processor()[0]}, vectors of {vector_bits()} bits")
    for rate_hz in map(float, options.rates.split(",")):
        prepared = Poisson("x", rate_hz, 1.0).prepare(1400, 0.1)
        thresholds = cpu.kernel_thresholds(prepared.thresholds)
        inputs, scratch = np.zeros(options.neurons, np.int32), np.zeros(1024 + 16 * options.neurons, np.uint8)
        arrays = (inputs, prepared.header, thresholds, scratch)
        row = np.array([options.neurons, 0, 2, 7, *(array.ctypes.data for array in arrays)], dtype=np.int64)
        upper = thresholds[cpu.TABLE_HEADER :][: cpu.GROUP].astype(np.int16)
        words, totals = np.zeros(4 * BLOCK, np.uint32), np.zeros(2 * BLOCK, np.int16)
        counts, block = np.zeros(2 * BLOCK, np.uint8), {"neurons": BLOCK, "repeats": options.repeats}
        whole = cpu.DELIVER.address(types.float32, types.int32)
        print(f"{rate_hz:g} 1/s")
        print("  drive", nanoseconds(drive, whole, row, neurons=options.neurons, repeats=options.repeats))
        print("  draw ", nanoseconds(draw, words, **block))
        print("  count", nanoseconds(count, words[:BLOCK].view(np.int16), totals, upper, **block))
        print("  pack ", nanoseconds(pack, totals, counts, **block))
        print("  add  ", nanoseconds(add, inputs[:BLOCK], counts.view(np.uint16), **block))


if __name__ == "__main__":
    main()
