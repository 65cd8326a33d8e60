"""Evaluation of a data set with a network, for several numbers of steps and thresholds of an early exit."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
import numpy.typing as npt

from benchnn.inference.accuracy import Accuracy, accuracy, confusion
from benchnn.inference.batches import BatchSpikes, Settings, run_batches
from benchnn.inference.chip import ChipOfInference, InferenceOnChip
from benchnn.inference.coding import LATENCY, with_noise
from benchnn.inference.counting import Counts, count, fan_out, together
from benchnn.inference.input_densities import InputView, nonzero_inputs
from benchnn.inference.layers import Layers
from benchnn.inference.neurobench import NeuroBenchOfInference, NeuroBenchView
from benchnn.inference.readout import exit_steps, scores
from benchnn.inference.samples import Samples
from simcore.comm import Communicator

IntArray = npt.NDArray[np.int64]
Run = Callable[[Layers, Samples, Settings, range], Iterator[BatchSpikes]]
"""Function that runs some of the samples, such as `benchnn.inference.batches.run_batches`."""


@dataclass(frozen=True)
class Case:
    """A case to evaluate: input of `steps` steps, with an early exit below `exit_entropy` unless it is None."""

    steps: int
    exit_entropy: float | None


@dataclass(frozen=True, eq=False)
class Evaluated:
    """The results of one case.

    Parameters
    ----------
    case
        The case.
    noise
        Standard deviation of the noise on the samples.
    accuracy
        Accuracy; None without labels.
    mean_steps
        Mean number of steps until the answer.
    spikes, events
        Mean numbers of spikes and synaptic events until the answer.
    densities
        Mean number of spikes per neuron by population and step, over all samples, (populations, steps).
    input_densities
        Share of the elements of the input of each layer of weights that are not 0, by step, over the samples that are
        not answered before it, float64 (layers of weights, steps); NaN if all samples are answered.
    exits
        Number of samples that are answered after each step, int64 (steps,).
    confusion
        Confusion matrix, int64 (classes, classes); None without labels.
    answers
        Answers for the samples of all ranks, int64 (samples,).
    digest
        Digest of all spikes in the steps of the case.
    chip
        Costs on the chip; None without a chip.
    neurobench
        Metrics of NeuroBench; None if they were not requested.
    """

    case: Case
    noise: float
    accuracy: Accuracy | None
    mean_steps: float
    spikes: float
    events: float
    densities: npt.NDArray[np.float64]
    input_densities: npt.NDArray[np.float64]
    exits: IntArray
    confusion: IntArray | None
    answers: IntArray
    digest: int
    chip: ChipOfInference | None
    neurobench: NeuroBenchOfInference | None = None


def evaluate(
    layers: Layers,
    samples: Samples,
    settings: Settings,
    readout: str,
    cases: Sequence[Case],
    noise: float,
    comm: Communicator,
    inputs: InputView,
    on_chip: InferenceOnChip | None = None,
    neurobench: NeuroBenchView | None = None,
    run: Run = run_batches,
) -> list[Evaluated]:
    """Run all samples and evaluate every case; all ranks call this together, and each runs some of the samples.

    Parameters
    ----------
    layers, samples
        The network and the data.
    settings
        Options for running samples, with the steps of the cases.
    readout
        See `benchnn.inference.readout`.
    cases
        Cases to evaluate.
    noise
        Standard deviation of the noise on the samples.
    comm
        Communicator.
    inputs
        Inputs of the layers of weights.
    on_chip
        The chip with a copy of the network, or None.
    neurobench
        Data for the metrics of NeuroBench, or None; with metrics, `settings` must request changes of potentials.
    run
        Function that runs the samples of this rank.
    """
    noisy = with_noise(samples, 0, noise, settings.seed)
    found: dict[Case, Evaluated] = {}
    # A latency code extends over all steps; the first steps of other codes do not depend on later steps.
    lengths = sorted({case.steps for case in cases})
    for steps in lengths if settings.coding == LATENCY else lengths[-1:]:
        own = [case for case in cases if settings.coding != LATENCY or case.steps == steps]
        of_length = replace(settings, steps=steps)
        found |= _evaluated(layers, noisy, of_length, readout, own, noise, comm, inputs, on_chip, neurobench, run)
    return [found[case] for case in cases]


def _evaluated(
    layers: Layers,
    samples: Samples,
    settings: Settings,
    readout: str,
    cases: Sequence[Case],
    noise: float,
    comm: Communicator,
    inputs: InputView,
    on_chip: InferenceOnChip | None,
    neurobench: NeuroBenchView | None,
    run: Run,
) -> dict[Case, Evaluated]:
    numbers = range(len(samples) * comm.rank // comm.size, len(samples) * (comm.rank + 1) // comm.size)
    synapses, sizes = fan_out(layers), np.array([population.size for population in layers.network.populations])
    meters = {case: None if on_chip is None else on_chip.meter() for case in cases}
    bench_meters = {case: None if neurobench is None else neurobench.meter(samples) for case in cases}
    counted: dict[Case, list[Counts]] = {case: [] for case in cases}
    nonzero = {case: np.zeros((len(inputs.inputs), case.steps), dtype=np.int64) for case in cases}
    exits: dict[Case, list[IntArray]] = {case: [] for case in cases}
    answers: dict[Case, list[IntArray]] = {case: [] for case in cases}
    for batch in run(layers, samples, settings, numbers) if len(numbers) else ():
        arriving = nonzero_inputs(inputs, layers, samples, batch, settings.steps)
        for case in cases:
            counts = count(batch, layers, case.steps, synapses)
            potentials = None if batch.potentials is None else batch.potentials[:, : case.steps]
            scored = scores(counts.output, potentials, readout)
            last = exit_steps(scored, case.exit_entropy)
            answers[case].append(scored[np.arange(batch.samples), last - 1].argmax(axis=-1))
            exits[case].append(last)
            nonzero[case] += (arriving[:, :, : case.steps] * _until(last, case.steps)).sum(axis=1)
            # The answers of individual neurons are no longer needed.
            counted[case].append(replace(counts, output=counts.output[:0]))
            meter = meters[case]
            if meter is not None:
                meter.observe(batch, last)
            bench_meter = bench_meters[case]
            if bench_meter is not None:
                bench_meter.observe(batch, last)
    evaluated = {}
    for case in cases:
        counts = together([*counted[case], _nothing(layers, case.steps)])
        last, answer = (np.concatenate([np.zeros(0, dtype=np.int64), *parts[case]]) for parts in (exits, answers))
        gathered = comm.gather((counts, last, answer, nonzero[case]))
        counts = together([part[0] for part in gathered])
        last, answer = (np.concatenate([part[place] for part in gathered]) for place in (1, 2))
        until = _until(last, case.steps)
        meter, bench_meter = meters[case], bench_meters[case]
        right = None if samples.labels is None else int(np.count_nonzero(samples.labels == answer))
        evaluated[case] = Evaluated(
            case,
            noise,
            None if right is None else accuracy(right, len(samples)),
            float(last.mean()),
            float((counts.spikes * until).sum() / len(samples)),
            float((counts.events * until).sum() / len(samples)),
            counts.layer_spikes / (sizes[:, None] * len(samples)),
            _shares(np.sum([part[3] for part in gathered], axis=0), inputs, until.sum(axis=0)),
            np.bincount(last, minlength=case.steps + 1)[1:],
            None if samples.labels is None else confusion(samples.labels, answer, layers.classes),
            answer,
            counts.digest,
            None if meter is None else meter.result(comm),
            None if bench_meter is None else bench_meter.result(comm),
        )
    return evaluated


def _until(last: IntArray, steps: int) -> npt.NDArray[np.bool_]:
    """Whether a sample is not answered before a step, bool (samples, steps)."""
    until: npt.NDArray[np.bool_] = np.arange(1, steps + 1) <= last[:, None]
    return until


def _shares(nonzero: IntArray, inputs: InputView, samples: IntArray) -> npt.NDArray[np.float64]:
    """Shares of the elements of `samples` samples in each step; NaN if there are none."""
    elements = np.array([one.elements for one in inputs.inputs], dtype=np.int64)[:, None] * samples
    shares = np.full(nonzero.shape, np.nan)
    np.divide(nonzero, elements, out=shares, where=elements > 0)
    return shares


def _nothing(layers: Layers, steps: int) -> Counts:
    """Empty counts, for a rank without samples."""
    none = np.zeros((0, steps), dtype=np.int64)
    by_layer = np.zeros((len(layers.network.populations), steps), dtype=np.int64)
    return Counts(none, none, by_layer, np.zeros((0, steps, layers.classes), dtype=np.bool_), 0)
