"""Measure the compiled update of neuron models, called through its address as in the step loop.

    python benchmarks/neuron_update.py --models iaf_psc_exp --repeats 20

To compare two revisions, run the script alternately in a checkout of each: their difference must exceed the difference
between two runs of the same revision. The digest of the final state must be the same.
"""

import argparse
import hashlib
import importlib
import statistics
import time

import numpy as np
from numba import types

from simcore.backends.cpu.state import SEGMENT_NEURONS
from simcore.jit.compilation import kernel
from simcore.jit.intrinsics import call_update
from simcore.neurons import neuron_models

REAL, ACCUMULATOR = (np.float32, types.float32), (np.int32, types.int32)
STEPS = 200
"""Number of steps of a repeat, small enough that currents do not decay to denormal numbers, which are slow."""


@kernel
def update(address, table, n_steps):
    """Advance all segments, one for each row of the table, and return the number of spikes."""
    count = 0
    for _ in range(n_steps):
        for s in range(len(table)):
            row = table[s]
            count += call_update(
                address, row[0], row[1], row[2], row[3], row[4], row[5], row[6], row[7], row[8], row[9]
            )  # fmt: skip
    return count


class Segment:
    """The arrays of some neurons."""

    def __init__(self, model, n, per_neuron, random):
        params = {p.name: np.asarray(p.default) for p in model.parameters}
        if "I_e" in params:
            params["I_e"] = np.asarray(10.0 if model.name == "izhikevich" else 1000.0)
        initial = {v.name: np.asarray(params.get(v.initial, v.initial), dtype=np.float64) for v in model.variables}
        state, counters = model.initial_state(params, initial, n)
        coefficients = model.coefficients(params, 0.1)
        if per_neuron:
            coefficients = np.repeat(coefficients, n, axis=1)
        self.initial = state.astype(REAL[0])
        self.initial[:1] += random.uniform(-5.0, 5.0, n).astype(REAL[0])
        self.arrivals = random.integers(0, 20, (2, n)).astype(ACCUMULATOR[0])
        self.state, self.counters, self.inputs = self.initial.copy(), counters.copy(), self.arrivals.copy()
        self.coefficients = coefficients.astype(REAL[0])
        self.lsb, self.spikes = np.full(2, 0.25, dtype=REAL[0]), np.zeros(n, dtype=np.uint32)

    def reset(self):
        self.state[:], self.counters[:], self.inputs[:] = self.initial, 0, self.arrivals

    def row(self):
        n, c = self.inputs.shape[1], self.coefficients
        places = [array.ctypes.data for array in (self.state, self.counters, self.inputs, c, self.lsb, self.spikes)]
        return [*places[:2], n, places[2], n, places[3], c.shape[1], places[4], n, places[5]]


def main() -> None:
    """Print CPU time per neuron and step, ns, which other programs disturb less than wall time."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", default=",".join(neuron_models.names()))
    parser.add_argument("--neurons", type=int, default=38_000)
    parser.add_argument("--repeats", type=int, default=20)
    options = parser.parse_args()
    print(f"{options.neurons} neurons: ns per neuron and step, smallest, median, largest of {options.repeats}")
    for name in options.models.split(","):
        model = neuron_models.get(name)
        address = importlib.import_module(model.cpu_kernels).UPDATE.address(REAL[1], ACCUMULATOR[1])
        for per_neuron in (False, True) if model.parameters else (False,):
            random = np.random.default_rng(1)
            starts = range(0, options.neurons, SEGMENT_NEURONS)
            sizes = [min(SEGMENT_NEURONS, options.neurons - start) for start in starts]
            segments = [Segment(model, n, per_neuron, random) for n in sizes]
            table = np.array([segment.row() for segment in segments], dtype=np.int64)
            update(address, table, 1)
            times = []
            for _ in range(options.repeats):
                for segment in segments:
                    segment.reset()
                start = time.thread_time()
                spikes = update(address, table, STEPS)
                times.append((time.thread_time() - start) / STEPS / options.neurons * 1e9)
            sha = hashlib.sha256(b"".join(s.state.tobytes() + s.counters.tobytes() for s in segments))
            each = "per neuron" if per_neuron else "one for all"
            print(
                f"{name:16} {each:11} {min(times):7.3f} {statistics.median(times):7.3f} {max(times):7.3f}"
                f"   {spikes} spikes, state {sha.hexdigest()[:16]}"
            )


if __name__ == "__main__":
    main()
