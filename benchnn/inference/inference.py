"""Planning and running of ``benchnn infer``: options, record and folder."""

import hashlib
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TextIO

import numpy as np

from benchnn.inference.batches import Settings, batch_size, require_samples_fit, run_batches
from benchnn.inference.chip import InferenceOnChip, adapted_network
from benchnn.inference.coding import CODINGS, DIRECT, EVENTS
from benchnn.inference.connection_layers import torch_view
from benchnn.inference.crossbar import InferenceOnCrossbars, require_possible_work
from benchnn.inference.crossbar_network import CrossbarNetwork, crossbar_network
from benchnn.inference.crossbar_options import CrossbarOptions, CrossbarPlan, plan_crossbars
from benchnn.inference.evaluation import Case, Evaluated, evaluate
from benchnn.inference.input_densities import InputView, input_view
from benchnn.inference.layers import Layers, find_layers
from benchnn.inference.neurobench import NeuroBenchView, neurobench_view
from benchnn.inference.option_values import integer_of, reals_of
from benchnn.inference.readout import COUNT, OF_POTENTIALS, POTENTIAL, READOUTS
from benchnn.inference.record_keys import RECORD, SCHEMA_VERSION
from benchnn.inference.rows import ADAPTED, row_of, with_front
from benchnn.inference.samples import Samples, read_samples
from benchnn.model_source import describe_network, find_model, parameter_values
from benchnn.running.progress import show
from benchnn.studies.study import numbers, refuse_study, study_folder, write_record
from simcore.accelerators.workloads.workload import Layer
from simcore.comm import Communicator
from simcore.cpus import node_share
from simcore.errors import choice, require
from simcore.memory import peak_rss_bytes
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.fitting import FitOptions
from simcore.neuromorphic.mapping.adaptation import ADAPT, may_adapt
from simcore.neuromorphic.sheets.sheet import Chip
from simcore.random import MAX_SEED
from simcore.registry.named import nir_file

MOST_STEPS, MOST_BATCH = 100_000, 1_000_000


@dataclass(frozen=True)
class InferOptions:
    """Options of ``benchnn infer``, as text; None where not given."""

    data: str
    steps: str
    coding: str = DIRECT
    readout: str | None = None
    exit_entropy: str | None = None
    noise: str | None = None
    samples: str | None = None
    output: str | None = None
    batch: str | None = None
    seed: str = "1"
    threads: str | None = None
    precision: str = "float32"
    weight_bits: str = "16"
    backend: str = "cpu"
    chip: str | None = None
    mapper: str = "in_order"
    neurons_per_core: str | None = None
    chip_weight_bits: str | None = None
    on_violation: str = "error"
    out: str | None = None
    overwrite: bool = False
    neurobench: bool = False
    crossbar: CrossbarOptions | None = None


@dataclass(frozen=True, eq=False)
class Subject:
    """A network to evaluate: its name, its layers, and its chip or crossbars, if any."""

    name: str
    layers: Layers
    on_chip: InferenceOnChip | None = None
    on_crossbars: InferenceOnCrossbars | None = None

    @property
    def where(self) -> str:
        """The chip or the crossbars, for a line of progress."""
        if self.on_chip is not None:
            return f" on {self.on_chip.chip.name}"
        return "" if self.on_crossbars is None else f" ({self.on_crossbars.plan.summary})"


@dataclass(frozen=True, eq=False)
class InferPlan:
    """Checked inputs of an inference, before any sample is run."""

    model: Mapping[str, Any]
    layers: Layers
    samples: Samples
    settings: Settings
    readout: str
    cases: Sequence[Case]
    noises: Sequence[float]
    chips: Sequence[Chip]
    fit: FitOptions
    data: Mapping[str, Any]
    folder: Path
    overwrite: bool
    command: list[str]
    nir_file: Path | None = None
    """The NIR file of the network, or None."""
    crossbars: Sequence[CrossbarPlan] = ()
    crossbar_network: CrossbarNetwork | None = None
    """The network on crossbars, or None without crossbars."""


def plan_inference(name: str, params: Mapping[str, str], options: InferOptions, command: list[str]) -> InferPlan:
    """Read the data and describe the network.

    Raises
    ------
    InputError
        If an input is wrong.
    UnavailableError
        If a package that a file needs is not installed.
    """
    choice(options.coding, "coding", CODINGS)
    if options.readout is not None:
        choice(options.readout, "readout", READOUTS)
    may_adapt(options.on_violation)
    folder = study_folder(options.out, f"infer-{Path(name).stem}", RECORD, "an inference", options.overwrite)
    lengths = numbers("steps", options.steps, 1, MOST_STEPS)
    entropies = [None, *reals_of("exit_entropy", options.exit_entropy, 0.0, 1.0, above=True)]
    settings = Settings(
        options.coding,
        max(lengths),
        False,
        integer_of("seed", options.seed, 0, MAX_SEED) or 0,
        integer_of("threads", options.threads, 1, 1024),
        options.backend,
        options.precision,
        integer_of("weight_bits", options.weight_bits, 8, 32) or 16,
        integer_of("batch", options.batch, 1, MOST_BATCH),
        options.neurobench,
    )
    chips = [load_chip(name.strip()) for name in (options.chip or "").split(",") if name.strip()]
    fit = FitOptions(
        options.mapper,
        settings.seed,
        integer_of("neurons_per_core", options.neurons_per_core, 1, 2**31),
        integer_of("chip_weight_bits", options.chip_weight_bits, 1, 32),
        options.on_violation,
    )
    model = find_model(name)
    parameters = parameter_values(model, params, {})
    network = describe_network(model, parameters)
    path, most = Path(options.data), integer_of("samples", options.samples, 1, 2**31)
    samples = read_samples(path, options.coding == EVENTS, most, network.resolution_ms)
    layers = find_layers(network, options.output, options.coding, settings.seed, settings.weight_bits)
    require_samples_fit(samples, layers)
    readout = options.readout or (COUNT if layers.answers_by_spikes else POTENTIAL)
    settings = replace(settings, potentials=readout in OF_POTENTIALS)
    if options.coding == EVENTS:
        allowed = f"must be at most {samples.values.shape[1]}, the number of steps of a sample in {path}"
        require(max(lengths) <= samples.values.shape[1], "steps", max(lengths), allowed)
    crossbars = plan_crossbars(options.crossbar or CrossbarOptions(), settings.weight_bits, len(samples))
    on_crossbars = None
    if crossbars:
        both = bool(chips) or options.neurobench
        require(not both, "crossbar", crossbars[0].sheet, "it cannot be combined with --chip or --neurobench")
        on_crossbars = crossbar_network(
            layers, nir_file(name), options.coding, settings.precision, settings.weight_bits
        )
        require_possible_work(on_crossbars, crossbars)
    if samples.labels is not None:
        beyond = int(samples.labels.max(initial=0))
        allowed = f"must be below {layers.classes}, the number of neurons of {layers.output}"
        require(beyond < layers.classes, "y", beyond, allowed)
    return InferPlan(
        {"name": name, "parameters": parameters, "neurons": network.n_neurons, "digest": model.digest},
        layers,
        samples,
        settings,
        readout,
        [Case(steps, entropy) for steps in lengths for entropy in entropies],
        reals_of("noise", options.noise, 0.0, math.inf) or [0.0],
        chips,
        fit,
        {
            "file": str(path),
            "sha256": hashlib.sha256(path.read_bytes()).hexdigest(),
            "samples": len(samples),
            "inputs": samples.inputs,
            "labelled": samples.labels is not None,
        },
        folder,
        options.overwrite,
        command,
        nir_file(name),
        crossbars,
        on_crossbars,
    )


def run_inference(plan: InferPlan, comm: Communicator, stream: TextIO) -> dict[str, Any] | None:
    """Run all cases, and write the record on rank 0; all ranks call this together.

    Returns
    -------
    dict or None
        The record; None on ranks other than 0.
    """
    start = time.perf_counter()
    if plan.settings.threads is None:
        # Each rank simulates independently, and must not use the CPUs of other ranks.
        plan = replace(plan, settings=replace(plan.settings, threads=node_share(comm).threads))
    rows: list[tuple[Subject, Evaluated]] = []
    settings = plan.settings
    weighted = input_view(plan.layers, plan.nir_file, settings.coding, settings.weight_bits)
    subjects = _subjects(plan)
    for noise in plan.noises:
        for subject in subjects:
            if comm.rank == 0:
                case = f"noise {noise:g}, {subject.name} network{subject.where}"
                show(stream, f"benchnn: {len(plan.samples):,} samples, {case}\n")
            rows += [(subject, one) for one in _evaluated(plan, subject, noise, weighted, comm)]
    wall_s = max(comm.gather(time.perf_counter() - start))
    peak = max(comm.gather(peak_rss_bytes()))
    if comm.rank != 0:
        return None
    record = _record(plan, rows, weighted, wall_s, peak, comm.size)
    refuse_study(plan.folder, RECORD, "an inference", plan.overwrite)
    plan.folder.mkdir(parents=True, exist_ok=True)
    write_record(plan.folder / RECORD, record)
    return record


def _evaluated(
    plan: InferPlan, subject: Subject, noise: float, weighted: InputView, comm: Communicator
) -> list[Evaluated]:
    """All cases of a network."""
    bench = _neurobench(plan, subject.layers, plan.nir_file if subject.name == "original" else None)
    inputs = InputView(why_none=ADAPTED) if subject.name == "adapted" else weighted
    return evaluate(
        subject.layers,
        plan.samples,
        plan.settings,
        plan.readout,
        plan.cases,
        noise,
        comm,
        inputs,
        subject.on_chip,
        bench,
        run_batches if subject.on_crossbars is None else subject.on_crossbars.run,
    )


def _subjects(plan: InferPlan) -> list[Subject]:
    """The original network, and the networks of each chip or crossbar that differ from it.

    The chip is attached to the last of its networks.
    """
    subjects: list[Subject] = []
    settings = plan.settings
    for chip in plan.chips:
        name, layers = "original", plan.layers
        if plan.fit.on_violation == ADAPT:
            adapted = adapted_network(plan.layers.network, chip, plan.fit)
            if adapted is not plan.layers.network:
                name = "adapted"
                layers = find_layers(adapted, plan.layers.output, settings.coding, settings.seed, settings.weight_bits)
        late = int(layers.late[layers.network.index(layers.output)])
        on_chip = InferenceOnChip(layers, chip, plan.fit, settings.coding, late, settings.threads)
        subjects.append(Subject(name, layers, on_chip))
    if all(subject.name != "original" for subject in subjects):
        subjects.insert(0, Subject("original", plan.layers))
    if plan.crossbar_network is not None:
        own = [InferenceOnCrossbars(plan.crossbar_network, one) for one in plan.crossbars]
        subjects += [Subject("crossbar", plan.layers, on_crossbars=one) for one in own]
    return subjects


def _neurobench(plan: InferPlan, layers: Layers, nir_file: Path | None) -> NeuroBenchView | None:
    """The NeuroBench view of a network; the weights of an adapted network differ from those of its file."""
    settings = plan.settings
    if not settings.changes:
        return None
    view = torch_view(layers, nir_file)
    return neurobench_view(layers, view, settings.coding, settings.precision, settings.weight_bits)


def _record(
    plan: InferPlan,
    rows: Sequence[tuple[Subject, Evaluated]],
    weighted: InputView,
    wall_s: float,
    peak_bytes: int,
    ranks: int,
) -> dict[str, Any]:
    layers, settings = plan.layers, plan.settings
    names = [population.name for population in layers.network.populations]
    runs = len(rows) / len(plan.cases)
    return {
        "schema_version": SCHEMA_VERSION,
        "command": plan.command,
        "model": dict(plan.model),
        "data": dict(plan.data),
        "coding": settings.coding,
        "readout": plan.readout,
        "seed": settings.seed,
        "precision": settings.precision,
        "weight_bits": settings.weight_bits,
        "batch": batch_size(layers, settings, max(1, -(-len(plan.samples) // ranks))),
        "ranks": ranks,
        "output": layers.output,
        "layers": [
            {"name": name, "neurons": layers.network.population(name).size, "late_steps": int(late)}
            for name, late in zip(names, layers.late, strict=True)
        ],
        "direct_products": _products(layers, settings.coding),
        "weighted_layers": None if weighted.why_none else [_geometry(one.layer) for one in weighted.inputs],
        "reasons": {"weighted_layers": weighted.why_none} if weighted.why_none else {},
        "chips": [chip.name for chip in plan.chips],
        "rows": with_front([_row(subject, one, names, weighted, rows) for subject, one in rows]),
        "wall_s": wall_s,
        "samples_per_s": runs * len(plan.samples) / wall_s,
        "peak_rss_bytes": peak_bytes,
    }


def _products(layers: Layers, coding: str) -> int:
    """Number of products of a sample with the weights onto the first layers if samples are currents; otherwise 0."""
    if coding != DIRECT:
        return 0
    projections = zip(layers.network.projections, layers.edges, strict=True)
    return sum(len(edges.sources) for projection, edges in projections if projection.source == layers.source)


def _geometry(layer: Layer) -> dict[str, Any]:
    """The shape of a layer of weights; the densities of its input are in the rows."""
    return {name: value for name, value in asdict(layer).items() if name != "input_density"}


def _row(
    subject: Subject,
    one: Evaluated,
    names: Sequence[str],
    weighted: InputView,
    rows: Sequence[tuple[Subject, Evaluated]],
) -> dict[str, Any]:
    """The row of a case; on crossbars, with the number of answers that equal those of the simulator."""
    crossbar = None
    if subject.on_crossbars is not None:
        same = (other for own, other in rows if own.name == "original")
        original = next(other for other in same if (other.case, other.noise) == (one.case, one.noise))
        equal = float(np.mean(original.answers == one.answers))
        crossbar = {**subject.on_crossbars.described(), "answers_as_original": equal}
    return row_of(subject.name, one, names, weighted, crossbar)
