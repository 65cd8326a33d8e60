"""The roofs of this machine, measured: how fast its memory, its caches and its vector units work on a run's threads.

- *Streams* from each level: the larger of a sum of 64-bit integers (8 bytes an element) and the triad of STREAM
  (24 bytes), over arrays that fill the level but not the one below it.
- *Scatter-add*: words of a uint16 target and an int16 weight are added into a buffer of 32-bit integers in the L2
  cache, as `deliver` does, but in one long contiguous segment. A synaptic event moves 8 bytes: 4 are read, 4 written.
- *Update's mix*: the simulator updates neurons of `iaf_psc_exp` with a Poisson drive, few enough for their data to fit
  into the L1 cache. The operations are those of `simcore.backends.cpu.work`; their rate is the peak of the machine.
- *Multiply and add*: float32 numbers in vector registers. Their rate is the peak of the vector units, which the mix
  cannot reach, because it contains integers.

A roof is the fastest of several repeats, as in STREAM: other programs can only lower it. The median and the slowest
repeat are also recorded.
"""

import statistics
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchnn.record.machine import Unknown, cache_bytes, cpu_model
from benchnn.studies.stream_bandwidth import pinned_team, triad
from simcore.accelerators.roofline.machine import Level, Machine
from simcore.backends.cpu.engine import CpuEngine
from simcore.backends.cpu.team import Team
from simcore.errors import InputError, integer
from simcore.jit.compilation import kernel
from simcore.network import Network, Poisson, Population
from simcore.simulator import MAX_THREADS, Simulator

REPEATS = 101
REPEAT_S = 0.003
"""Duration of a repeat: long compared with the start of threads, and short enough that few repeats are disturbed."""
TRIALS = 5
CHUNK_BYTES = 1 << 20
"""Size of chunks of arrays; a repeat continues where the last repeat ended."""
SCATTER, L2, L3, DRAM = "scatter-add in L2", "L2 cache", "L3 cache", "DRAM"
SCATTER_BYTES = 8
"""Bytes per event, which reads and writes a 32-bit integer."""
TARGETS = 1 << 15
"""Number of inputs: 128 KiB, more than an L1 cache, and less than an L2 cache."""
SCATTER_WORDS = 1 << 13
BEYOND_L3 = 4
"""Size of arrays in DRAM relative to the last cache, as STREAM requires."""
L1_BYTES_PER_NEURON = 64
"""Space in the L1 cache for the update of a neuron, including scratch memory of its block."""
MIX_RATE_HZ, MIX_WEIGHT_PA = 15000.0, 5.0
"""Similar to the drives of PD14, but too weak to make a neuron fire."""
MIX_MS = 200.0
CHAINED = 8
NO_ENERGY = "the energy was not measured"


@dataclass(frozen=True)
class Rate:
    """Amounts per second of all threads, one value per repeat."""

    values: tuple[float, ...]

    @property
    def best(self) -> float:
        """The fastest repeat."""
        return max(self.values)

    def text(self, unit: str, factor: float) -> str:
        """Best, median and slowest rate as text."""
        best, median, slowest = (
            f"{factor * value:.3g}" for value in (self.best, statistics.median(self.values), min(self.values))
        )
        return f"{best} {unit} (median {median}, slowest {slowest} of {len(self.values)})"


@dataclass(frozen=True)
class Roofs:
    """Measured rates.

    Parameters
    ----------
    threads
        Number of threads of all measurements.
    read, triad
        Bytes per second, by level.
    scatter
        Additions per second.
    mix, multiply_add
        Operations per second.
    """

    threads: int
    read: dict[str, Rate]
    triad: dict[str, Rate]
    scatter: Rate
    mix: Rate
    multiply_add: Rate

    def machine(self) -> Machine:
        """The machine with these roofs."""
        reasons = {"energy_j_per_byte": NO_ENERGY}
        scatter = Level(SCATTER, SCATTER_BYTES * self.scatter.best, reasons=reasons)
        streams = [Level(name, max(self.read[name].best, self.triad[name].best), reasons=reasons) for name in self.read]
        model = cpu_model()
        title = "unknown processor" if isinstance(model, Unknown) else model
        return Machine(
            "this_machine",
            f"{title}, {self.threads} {'thread' if self.threads == 1 else 'threads'}",
            "operation on a value of a neuron",
            self.mix.best,
            (scatter, *streams),
            basis=self.text(),
            reasons={"op_energy_j": NO_ENERGY, "static_w": NO_ENERGY},
        )

    def text(self) -> str:
        """All rates as text."""
        parts = [f"update's mix in L1 {self.mix.text('Gop/s', 1e-9)}"]
        parts.append(f"float32 multiply and add {self.multiply_add.text('Gop/s', 1e-9)}")
        parts.append(f"{SCATTER} {self.scatter.text('10^9 events/s', 1e-9)}")
        for name in self.read:
            parts.append(f"{name} read {self.read[name].text('GB/s', 1e-9)}")
            parts.append(f"{name} triad {self.triad[name].text('GB/s', 1e-9)}")
        return "measured: " + "; ".join(parts)


def joined(parts: Iterable[Roofs]) -> Roofs:
    """Combine the repeats of several measurements with the same number of threads."""
    all_parts = list(parts)

    def one(rates: Iterable[Rate]) -> Rate:
        return Rate(tuple(value for rate in rates for value in rate.values))

    first = all_parts[0]
    return Roofs(
        first.threads,
        {name: one(part.read[name] for part in all_parts) for name in first.read},
        {name: one(part.triad[name] for part in all_parts) for name in first.triad},
        one(part.scatter for part in all_parts),
        one(part.mix for part in all_parts),
        one(part.multiply_add for part in all_parts),
    )


def measured_machine(threads: int) -> Machine:
    """Measure the roofs of this machine, which takes some seconds and gigabytes of memory.

    Parameters
    ----------
    threads
        Number of threads that work simultaneously, each on its own core.

    Raises
    ------
    InputError
        If the number of threads is not possible, or the system does not report the sizes of the L1 and L2 caches.
    """
    return measured_roofs(threads).machine()


def measured_roofs(threads: int) -> Roofs:
    """Measure all roofs; see `measured_machine`."""
    threads = integer(threads, "threads", 1, MAX_THREADS)
    sizes = level_bytes()
    with pinned_team(threads) as team:
        read = {name: _read_rate(team, size) for name, size in _array_bytes(sizes, threads).items()}
        triads = {name: _triad_rate(team, size) for name, size in _array_bytes(sizes, threads).items()}
        scatter, peak = _scatter_rate(team), _multiply_add_rate(team)
    return Roofs(threads, read, triads, scatter, _mix_rate(threads), peak)


def level_bytes() -> dict[str, int]:
    """Bytes of the L2 cache, and of the L3 cache if there is one.

    Raises
    ------
    InputError
        If the system does not report the size of the L2 cache.
    """
    found = {name: size for level, name in ((2, L2), (3, L3)) if (size := cache_bytes(level)) is not None}
    if L2 not in found:
        raise InputError("cannot measure the caches: the system does not report the size of the L2 cache")
    return found


def _array_bytes(sizes: dict[str, int], threads: int) -> dict[str, int]:
    """Bytes of a thread's arrays for each level: half of the level, or at least twice the level before it."""
    found = {L2: sizes[L2] // 2}
    largest = sizes[L2] * threads
    if L3 in sizes:
        found[L3] = min(16 * sizes[L2], max(2 * sizes[L2], sizes[L3] // 2 // threads))
        largest = max(largest, sizes[L3])
    return {**found, DRAM: BEYOND_L3 * largest // threads}


def repeated(team: Team, work: Callable[[int, int], Any], amount: float) -> Rate:
    """The rate of ``work(thread, times)`` on all threads together; each repeat takes `REPEAT_S`.

    It is the sum over threads, each timed separately, like the phases of a run.

    Parameters
    ----------
    amount
        Amount of work of one thread for ``times = 1``.
    """

    def timed(thread: int, times: int) -> float:
        start = time.perf_counter()
        work(thread, times)
        return time.perf_counter() - start

    def seconds(times: int) -> list[float]:
        return team.run(lambda thread: timed(thread, times))

    seconds(1)  # Compiles the kernel, and touches the arrays.
    times = 1
    # A disturbance of one trial may not affect the next.
    while min(max(seconds(times)) for _ in range(TRIALS)) < REPEAT_S:
        times *= 2
    return Rate(tuple(sum(amount * times / own for own in seconds(times)) for _ in range(REPEATS)))


@kernel
def _add_up(a: Any) -> Any:
    total = np.int64(0)
    for i in range(len(a)):
        total += a[i]
    return total


@kernel
def _sum(chunks: Any, first: Any, times: Any) -> Any:
    total = np.int64(0)
    for k in range(first, first + times):
        total += _add_up(chunks[k % len(chunks)])
    return total


@kernel
def _triads(a: Any, b: Any, c: Any, first: Any, times: Any) -> None:
    for k in range(first, first + times):
        chunk = k % len(a)
        triad(a[chunk], b[chunk], c[chunk], 3.0)


@kernel
def _scatter(words: Any, inputs: Any, times: Any) -> None:
    for _ in range(times):
        for k in range(len(words)):
            inputs[np.uint64(words[k]) & np.uint64(0xFFFF)] += inputs.dtype.type(words[k] >> 16)


@kernel
def _multiply_add(values: Any, factor: Any, term: Any, times: Any) -> None:
    """`CHAINED` products and sums of each value; consecutive operations are independent of each other."""
    for _ in range(times):
        for i in range(len(values)):
            v = values[i]
            v = v * factor + term
            v = v * factor + term
            v = v * factor + term
            v = v * factor + term
            v = v * factor + term
            v = v * factor + term
            v = v * factor + term
            v = v * factor + term
            values[i] = v


def _read_rate(team: Team, array_bytes: int) -> Rate:
    shape = _shape(array_bytes, 8)
    parts = team.run(lambda _: np.ones(shape, dtype=np.int64))
    done = np.zeros(team.n, dtype=np.int64)

    def work(thread: int, times: int) -> None:
        _sum(parts[thread], done[thread], times)
        done[thread] += times

    return repeated(team, work, 8.0 * shape[1])


def _triad_rate(team: Team, array_bytes: int) -> Rate:
    shape = _shape(array_bytes, 24)
    parts = team.run(lambda _: [np.full(shape, value) for value in (0.0, 1.0, 2.0)])
    done = np.zeros(team.n, dtype=np.int64)

    def work(thread: int, times: int) -> None:
        _triads(*parts[thread], done[thread], times)
        done[thread] += times

    return repeated(team, work, 24.0 * shape[1])


def _shape(array_bytes: int, element_bytes: int) -> tuple[int, int]:
    """Number of chunks, and elements per chunk, of arrays of `array_bytes` bytes."""
    chunks = max(1, array_bytes // CHUNK_BYTES)
    return chunks, array_bytes // chunks // element_bytes


def _scatter_rate(team: Team) -> Rate:
    def arrays(thread: int) -> tuple[Any, Any]:
        random = np.random.default_rng(thread)
        targets, weights = random.integers(0, TARGETS, SCATTER_WORDS), random.integers(-300, 300, SCATTER_WORDS)
        return (weights << 16 | targets).astype(np.int32), np.zeros(TARGETS, dtype=np.int32)

    parts = team.run(arrays)
    return repeated(team, lambda thread, times: _scatter(*parts[thread], times), float(SCATTER_WORDS))


def _multiply_add_rate(team: Team) -> Rate:
    parts = team.run(lambda _: np.ones(1024, dtype=np.float32))
    factor, term = np.float32(0.5), np.float32(0.5)
    operations = 2.0 * CHAINED * len(parts[0])
    return repeated(team, lambda thread, times: _multiply_add(parts[thread], factor, term, times), operations)


def _mix_rate(threads: int) -> Rate:
    l1 = cache_bytes(1)
    if l1 is None:
        raise InputError(
            "cannot measure the update of neurons in the L1 cache: the system does not report the size of this cache"
        )
    size = l1 // L1_BYTES_PER_NEURON * threads
    population = Population("neurons", size, "iaf_psc_exp")
    network = Network([population], drives=[Poisson("neurons", MIX_RATE_HZ, MIX_WEIGHT_PA)])
    values = []
    with Simulator(network, threads=threads, delivery="just_in_time") as simulator:
        simulator.run(MIX_MS)
        assert isinstance(simulator.engine, CpuEngine)  # noqa: S101 - the simulator's default
        for _ in range(REPEATS):
            begin = simulator.step
            seconds = simulator.run(MIX_MS).phase_s["update"]
            none = np.zeros(0, dtype=np.int64)
            _, update = simulator.engine.work(none, none, begin, simulator.step)
            values.append(update.operations / statistics.mean(seconds))
    return Rate(tuple(values))
