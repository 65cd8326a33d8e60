"""Evaluation of samples batch by batch, each on its own copy of the network, all from the same initial state."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from benchnn.inference.coding import DIRECT, coded
from benchnn.inference.copies import Copies, copies_of
from benchnn.inference.layers import Layers
from benchnn.inference.samples import Samples
from simcore.backends import Snapshot
from simcore.memory import require_memory
from simcore.simulator import Simulator

IntArray = npt.NDArray[np.int64]
FloatArray = npt.NDArray[np.float64]
SYNAPSES, NEURONS, MOST = 8_000_000, 1_000_000, 512
"""Default limits of a batch: synapses and neurons of all copies, and number of copies."""
MOST_VALUES = 2**23
"""Default limit of the potentials of a batch."""
VALUE_BYTES = 24.0
"""Memory for a recorded potential while a batch is evaluated."""


@dataclass(frozen=True, eq=False)
class Recorded:
    """Stamps and ids of spikes, and membrane potentials by population, (neurons, steps), since the last restart."""

    stamps: IntArray
    ids: IntArray
    potentials: dict[str, FloatArray]


@dataclass(frozen=True)
class Settings:
    """Options for running samples.

    Parameters
    ----------
    coding
        See `benchnn.inference.coding`.
    steps
        Number of steps of input.
    potentials
        Whether the membrane potentials of the output are needed.
    seed, threads, backend, precision, weight_bits
        See `simcore.simulator.Simulator`.
    batch
        Number of samples per batch; None for a number that keeps a batch small.
    changes
        Whether the changes of all membrane potentials are needed.
    """

    coding: str
    steps: int
    potentials: bool
    seed: int = 1
    threads: int | None = None
    backend: str = "cpu"
    precision: str = "float32"
    weight_bits: int = 16
    batch: int | None = None
    changes: bool = False


@dataclass(frozen=True, eq=False)
class BatchSpikes:
    """The spikes of the samples of a batch, in order of (sample, step, neuron).

    The first step of a layer is the first step in which input can have reached it.

    Parameters
    ----------
    first, samples
        Index of the first sample in the data set, and number of samples.
    sample, step, neuron
        Index of the sample in the batch, step of the layer from 1, and global id of the neuron in the network of one
        copy, int64 (spikes,).
    potentials
        Membrane potentials of the output, float64 (samples, steps, classes); None if they are not needed.
    changes
        Number of neurons of each population whose membrane potential changes in a step, int64 (samples, populations,
        steps); 0 in the first step, and for populations without a potential. None if they are not needed.
    """

    first: int
    samples: int
    sample: IntArray
    step: IntArray
    neuron: IntArray
    potentials: FloatArray | None
    changes: IntArray | None = None


def batch_size(layers: Layers, settings: Settings, samples: int) -> int:
    """Number of samples that run at a time."""
    values = layers.network.n_neurons * total_steps(layers, settings) if settings.changes else 0
    if settings.batch is not None:
        size = min(settings.batch, samples)
        require_memory({"potentials": VALUE_BYTES * values * size}, "the membrane potentials of a batch")
        return size
    synapses = sum(
        len(edges.sources)
        for projection, edges in zip(layers.network.projections, layers.edges, strict=True)
        if settings.coding != DIRECT or projection.source != layers.source
    )
    most = min(MOST, SYNAPSES // max(synapses, 1), NEURONS // layers.network.n_neurons)
    if values:
        most = min(most, MOST_VALUES // values)
    return max(1, min(most, samples))


def total_steps(layers: Layers, settings: Settings) -> int:
    """Steps of a sample: the steps of its input, and the delay of the output."""
    return settings.steps + int(layers.late[layers.network.index(layers.output)])


def run_batches(layers: Layers, samples: Samples, settings: Settings, numbers: range) -> Iterator[BatchSpikes]:
    """Run samples and yield their spikes, batch by batch.

    Every layer starts from its initial state in the step in which input can first reach it, as if the preceding layers
    had no delay: effects of biases and leaks before that step are undone.

    Parameters
    ----------
    layers
        The network.
    samples
        The whole data set.
    settings
        Options.
    numbers
        Indices of the samples of this rank.
    """
    size = batch_size(layers, settings, len(numbers))
    copies = copies_of(layers, size, settings.coding, settings.potentials, settings.changes)
    products = {name: product.matrix(layers.inputs) for name, product in copies.products.items()}
    with Simulator(
        copies.network,
        seed=settings.seed,
        threads=settings.threads,
        backend=settings.backend,
        precision=settings.precision,
        weight_bits=settings.weight_bits,
        accept_quantisation=True,
    ) as simulator:
        snapshot = simulator.snapshot()
        assert snapshot is not None  # noqa: S101 - a simulator of one rank
        # The inputs change the digest.
        rested = replace(snapshot, network_digest=None)
        starts = _starts(layers, copies)
        for begin in range(0, len(numbers), size):
            part = numbers[begin : begin + size]
            chosen = samples.chosen(slice(part.start, part.stop))
            _feed(simulator, layers, copies, products, chosen, part.start, settings)
            simulator.restore(rested)
            recorded = []
            for step, populations in starts.items():
                recorded.append(_advanced(simulator, step))
                _restart(simulator, rested, populations)
            recorded.append(_advanced(simulator, total_steps(layers, settings)))
            yield _collected(recorded, layers, copies, len(part), part.start, settings)


def _starts(layers: Layers, copies: Copies) -> dict[int, list[int]]:
    """Steps after which populations restart, ascending, with those populations whose state changes before."""
    starts: dict[int, list[int]] = {}
    for index, population in enumerate(copies.network.populations):
        late = int(layers.late[layers.network.index(population.name)])
        moves = bool(population.initial) or ("I_e" in population.params and any(population.range_of("I_e")))
        if late > 0 and moves and population.source is None:
            starts.setdefault(late, []).append(index)
    return dict(sorted(starts.items()))


def _advanced(simulator: Simulator, step: int) -> Recorded:
    """Run until a step, and return the recordings since the last restart."""
    simulator.run((step - simulator.step) * simulator.network.resolution_ms)
    traces: dict[str, list[FloatArray]] = {}
    for (name, _, _), values in simulator.traces().items():
        traces.setdefault(name, []).append(values)
    stamps, ids = simulator.take_spikes()
    return Recorded(stamps, ids, {name: np.stack(values) for name, values in traces.items()})


def _restart(simulator: Simulator, rested: Snapshot, populations: list[int]) -> None:
    """Restore the initial state of populations, and discard the spikes that they have sent."""
    now = simulator.snapshot()
    assert now is not None  # noqa: S101 - a simulator of one rank
    firsts = np.array([*simulator.network.first_ids.values()])
    kept = ~np.isin(np.searchsorted(firsts, now.ids, side="right") - 1, populations)
    state, counters = list(now.state), list(now.counters)
    for index in populations:
        state[index], counters[index] = rested.state[index], rested.counters[index]
    simulator.restore(
        replace(now, state=state, counters=counters, stamps=now.stamps[kept], ids=now.ids[kept], network_digest=None)
    )


def _feed(
    simulator: Simulator,
    layers: Layers,
    copies: Copies,
    products: dict[str, npt.NDArray[np.float32]],
    chosen: Samples,
    first: int,
    settings: Settings,
) -> None:
    """Give each copy its sample; copies beyond the last sample get no input."""
    if settings.coding != DIRECT:
        spikes = coded(chosen, first, settings.coding, settings.steps, settings.seed)
        times_ms = np.round(spikes.step * layers.network.resolution_ms, 9)
        ids = spikes.sample * layers.inputs + spikes.neuron
        simulator.set_parameters(layers.source, {"times_ms": times_ms, "ids": ids})
        return
    for name, product in copies.products.items():
        currents = np.tile(product.bias, (copies.copies, 1))
        currents[: len(chosen)] += chosen.values @ products[name]
        simulator.set_parameters(name, {"I_e": currents.reshape(-1)})


def _collected(
    recorded: list[Recorded], layers: Layers, copies: Copies, samples: int, first: int, settings: Settings
) -> BatchSpikes:
    stamps, ids = (np.concatenate([getattr(part, column) for part in recorded]) for column in ("stamps", "ids"))
    names = [population.name for population in copies.network.populations]
    firsts = np.array([copies.network.first_ids[name] for name in names])
    sizes = np.array([layers.network.population(name).size for name in names])
    own_firsts = np.array([layers.network.first_ids[name] for name in names])
    late = np.array([max(0, int(layers.late[layers.network.index(name)])) for name in names])
    population = np.searchsorted(firsts, ids, side="right") - 1
    copy, local = np.divmod(ids - firsts[population], sizes[population])
    neuron, step = own_firsts[population] + local, stamps - late[population]
    order = np.lexsort((neuron, step, copy))
    seen = (copy < samples) & (step >= 1) & (step <= settings.steps)
    order = order[seen[order]]
    potentials = changes = None
    if settings.potentials:
        values = _potentials(recorded, layers, copies, layers.output, settings.steps)[:samples]
        potentials = np.ascontiguousarray(values.transpose(0, 2, 1))
    if settings.changes:
        changes = np.zeros((samples, len(layers.network.populations), settings.steps), dtype=np.int64)
        for name in recorded[0].potentials:
            values = _potentials(recorded, layers, copies, name, settings.steps)[:samples]
            differ = np.count_nonzero(values[:, :, 1:] != values[:, :, :-1], axis=1)
            changes[:, layers.network.index(name), 1:] = differ
    return BatchSpikes(first, samples, copy[order], step[order], neuron[order], potentials, changes)


def _potentials(recorded: list[Recorded], layers: Layers, copies: Copies, name: str, steps: int) -> FloatArray:
    """Membrane potentials of a population in the steps of its input, float64 (copies, neurons, steps)."""
    begin = max(0, int(layers.late[layers.network.index(name)]))
    values = np.concatenate([part.potentials[name] for part in recorded], axis=1)[:, begin : begin + steps]
    return values.reshape(copies.copies, layers.network.population(name).size, steps)


def require_samples_fit(samples: Samples, layers: Layers) -> None:
    """Refuse samples whose number of inputs differs from that of the network.

    Raises
    ------
    InputError
        If the numbers differ; the message names both.
    """
    from simcore.errors import require

    allowed = f"must be {layers.inputs}, the number of neurons of {layers.source}"
    require(samples.inputs == layers.inputs, "inputs of a sample", samples.inputs, allowed)
    require_memory({"samples": 2.0 * samples.values.nbytes}, "the samples")
