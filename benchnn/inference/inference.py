"""Plans and runs ``benchnn infer``: options, record and folder."""

import hashlib
import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any, TextIO

from benchnn.declared_types import from_text
from benchnn.inference.batches import Settings, batch_size, require_samples_fit
from benchnn.inference.chip import ChipOfInference, InferenceOnChip, adapted_network
from benchnn.inference.coding import CODINGS, DIRECT, EVENTS
from benchnn.inference.connection_layers import torch_view
from benchnn.inference.evaluation import Case, Evaluated, evaluate
from benchnn.inference.input_densities import InputView, input_view
from benchnn.inference.layers import Layers, find_layers
from benchnn.inference.neurobench import NeuroBenchOfInference, NeuroBenchView, neurobench_view
from benchnn.inference.readout import COUNT, OF_POTENTIALS, POTENTIAL, READOUTS
from benchnn.inference.record_keys import RECORD, SCHEMA_VERSION
from benchnn.inference.samples import Samples, read_samples
from benchnn.model_source import describe_network, find_model, parameter_values
from benchnn.results.pareto import undominated
from benchnn.running.progress import show
from benchnn.studies.study import numbers, refuse_study, study_folder, write_record
from simcore.accelerators.workloads.workload import Layer
from simcore.comm import Communicator
from simcore.cpus import node_share
from simcore.errors import choice, integer, number, require
from simcore.memory import peak_rss_bytes
from simcore.neuromorphic import load_chip
from simcore.neuromorphic.fitting import FitOptions
from simcore.neuromorphic.mapping.adaptation import ADAPT, may_adapt
from simcore.neuromorphic.sheets.sheet import Chip
from simcore.random import MAX_SEED
from simcore.registry.named import network_file

MOST_STEPS, MOST_BATCH = 100_000, 1_000_000
ADAPTED = "the weights and delays of an adapted network are not those of its NIR file"


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


@dataclass(frozen=True, eq=False)
class InferPlan:
    """Everything checked that can be checked before a sample is run."""

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
    """The NIR file that describes the network, if one does."""


def plan_inference(name: str, params: Mapping[str, str], options: InferOptions, command: list[str]) -> InferPlan:
    """Read the data and describe the network.

    Raises
    ------
    InputError
        If something is wrong with the user's input.
    UnavailableError
        If a package that a file needs is not installed.
    """
    choice(options.coding, "coding", CODINGS)
    if options.readout is not None:
        choice(options.readout, "readout", READOUTS)
    may_adapt(options.on_violation)
    folder = study_folder(options.out, f"infer-{Path(name).stem}", RECORD, "an inference", options.overwrite)
    lengths = numbers("steps", options.steps, 1, MOST_STEPS)
    entropies = [None, *_reals("exit_entropy", options.exit_entropy, 0.0, 1.0, above=True)]
    settings = Settings(
        options.coding,
        max(lengths),
        False,
        _integer("seed", options.seed, 0, MAX_SEED) or 0,
        _integer("threads", options.threads, 1, 1024),
        options.backend,
        options.precision,
        _integer("weight_bits", options.weight_bits, 8, 32) or 16,
        _integer("batch", options.batch, 1, MOST_BATCH),
        options.neurobench,
    )
    chips = [load_chip(name.strip()) for name in (options.chip or "").split(",") if name.strip()]
    fit = FitOptions(
        options.mapper,
        settings.seed,
        _integer("neurons_per_core", options.neurons_per_core, 1, 2**31),
        _integer("chip_weight_bits", options.chip_weight_bits, 1, 32),
        options.on_violation,
    )
    model = find_model(name)
    parameters = parameter_values(model, params, {})
    network = describe_network(model, parameters)
    path, most = Path(options.data), _integer("samples", options.samples, 1, 2**31)
    samples = read_samples(path, options.coding == EVENTS, most, network.resolution_ms)
    layers = find_layers(network, options.output, options.coding, settings.seed, settings.weight_bits)
    require_samples_fit(samples, layers)
    readout = options.readout or (COUNT if layers.answers_by_spikes else POTENTIAL)
    settings = replace(settings, potentials=readout in OF_POTENTIALS)
    if options.coding == EVENTS:
        allowed = f"a sample of {path} has {samples.values.shape[1]} steps"
        require(max(lengths) <= samples.values.shape[1], "steps", max(lengths), allowed)
    if samples.labels is not None:
        beyond = int(samples.labels.max(initial=0))
        require(beyond < layers.classes, "y", beyond, f"{layers.output} of the network has {layers.classes} neurons")
    return InferPlan(
        {"name": name, "parameters": parameters, "neurons": network.n_neurons, "digest": model.digest},
        layers,
        samples,
        settings,
        readout,
        [Case(steps, entropy) for steps in lengths for entropy in entropies],
        _reals("noise", options.noise, 0.0, math.inf) or [0.0],
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
        network_file(name),
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
        # Each rank simulates alone, and must not take the CPUs of others.
        plan = replace(plan, settings=replace(plan.settings, threads=node_share(comm).threads))
    rows = []
    settings = plan.settings
    weighted = input_view(plan.layers, plan.nir_file, settings.coding, settings.weight_bits)
    for noise in plan.noises:
        for name, layers, on_chip in _networks(plan):
            if comm.rank == 0:
                where = "" if on_chip is None else f" on {on_chip.chip.name}"
                show(stream, f"benchnn: {len(plan.samples):,} samples, noise {noise:g}, {name} network{where}\n")
            bench = _neurobench(plan, layers, plan.nir_file if name == "original" else None)
            inputs = weighted if name == "original" else InputView(why_none=ADAPTED)
            data = plan.samples
            found = evaluate(layers, data, settings, plan.readout, plan.cases, noise, comm, inputs, on_chip, bench)
            rows += [(name, one) for one in found]
    wall_s = max(comm.gather(time.perf_counter() - start))
    peak = max(comm.gather(peak_rss_bytes()))
    if comm.rank != 0:
        return None
    record = _record(plan, rows, weighted, wall_s, peak, comm.size)
    refuse_study(plan.folder, RECORD, "an inference", plan.overwrite)
    plan.folder.mkdir(parents=True, exist_ok=True)
    write_record(plan.folder / RECORD, record)
    return record


def _networks(plan: InferPlan) -> list[tuple[str, Layers, InferenceOnChip | None]]:
    """The network as it is, and as each chip holds it, if that is another one; a chip with the last of its networks."""
    networks: list[tuple[str, Layers, InferenceOnChip | None]] = []
    settings = plan.settings
    for chip in plan.chips:
        name, layers = "original", plan.layers
        if plan.fit.on_violation == ADAPT:
            adapted = adapted_network(plan.layers.network, chip, plan.fit)
            if adapted is not plan.layers.network:
                name = "adapted"
                layers = find_layers(adapted, plan.layers.output, settings.coding, settings.seed, settings.weight_bits)
        late = int(layers.late[layers.network.index(layers.output)])
        networks.append(
            (name, layers, InferenceOnChip(layers, chip, plan.fit, settings.coding, late, settings.threads))
        )
    if all(name != "original" for name, _, _ in networks):
        networks.insert(0, ("original", plan.layers, None))
    return networks


def _neurobench(plan: InferPlan, layers: Layers, nir_file: Path | None) -> NeuroBenchView | None:
    """The weights of an adapted network are not those of its file."""
    settings = plan.settings
    if not settings.changes:
        return None
    view = torch_view(layers, nir_file)
    return neurobench_view(layers, view, settings.coding, settings.precision, settings.weight_bits)


def _record(
    plan: InferPlan,
    rows: Sequence[tuple[str, Evaluated]],
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
        "rows": with_front([_row(name, one, names, weighted) for name, one in rows]),
        "wall_s": wall_s,
        "samples_per_s": runs * len(plan.samples) / wall_s,
        "peak_rss_bytes": peak_bytes,
    }


def _products(layers: Layers, coding: str) -> int:
    """Multiplications of a sample with the weights onto the first layers, where it is a current; else 0."""
    if coding != DIRECT:
        return 0
    projections = zip(layers.network.projections, layers.edges, strict=True)
    return sum(len(edges.sources) for projection, edges in projections if projection.source == layers.source)


def _geometry(layer: Layer) -> dict[str, Any]:
    """A layer of weights; the densities of its input are those of a row."""
    return {name: value for name, value in asdict(layer).items() if name != "input_density"}


def _row(network: str, one: Evaluated, names: Sequence[str], weighted: InputView) -> dict[str, Any]:
    reasons: dict[str, str] = {}
    if one.accuracy is None:
        reasons["accuracy"] = reasons["confusion"] = "the data have no labels"
    if one.case.exit_entropy is None:
        reasons["exit_entropy"] = "all steps are used"
    why_none = weighted.why_none or (None if network == "original" else ADAPTED)
    if why_none is not None:
        reasons["input_densities"] = why_none
    if one.neurobench is None:
        reasons["neurobench"] = "--neurobench was not given"
    else:
        reasons |= _reasons(one.neurobench)
    if one.chip is None:
        reasons["chip"] = "the network was on no chip"
    else:
        reasons |= {f"chip.{key}": why for key, why in one.chip.reasons.items()}
    return {
        "network": network,
        "steps": one.case.steps,
        "exit_entropy": one.case.exit_entropy,
        "noise": one.noise,
        "accuracy": None if one.accuracy is None else vars(one.accuracy),
        "mean_steps": one.mean_steps,
        "spikes": one.spikes,
        "synaptic_events": one.events,
        "densities": {name: one.densities[place].tolist() for place, name in enumerate(names)},
        "input_densities": None if why_none else _by_layer(one, weighted),
        "exits": one.exits.tolist(),
        "confusion": None if one.confusion is None else one.confusion.tolist(),
        "spike_digest": f"{one.digest:032x}",
        "answers_digest": hashlib.sha256(one.answers.astype("<i8").tobytes()).hexdigest(),
        "chip": None if one.chip is None else _costs(one.chip),
        "neurobench": None if one.neurobench is None else asdict(one.neurobench),
        "reasons": reasons,
    }


def _by_layer(one: Evaluated, weighted: InputView) -> dict[str, list[float | None]]:
    """Densities by step; null in steps before which all samples are answered."""
    return {
        layer.layer.name: [None if math.isnan(value) else value for value in values]
        for layer, values in zip(weighted.inputs, one.input_densities.tolist(), strict=True)
    }


def with_front(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The rows with `on_front`: whether no other is as accurate, as quick and as cheap, and better in one of these.

    On chips quick and cheap are latency and energy, else steps and synaptic events. Null where one is not known.
    """
    if any(row["chip"] is not None for row in rows):
        costs = [_values(row["accuracy"], row["chip"], ("latency_s", "energy_j")) for row in rows]
    else:
        costs = [_values(row["accuracy"], row, ("mean_steps", "synaptic_events")) for row in rows]
    best = undominated(values for values in costs if values is not None)
    return [
        {**row, "on_front": None if values is None else values in best} for row, values in zip(rows, costs, strict=True)
    ]


def _values(
    accuracy: Mapping[str, float] | None, costs: Mapping[str, Any] | None, keys: Sequence[str]
) -> tuple[float, ...] | None:
    if accuracy is None or costs is None or any(costs[key] is None for key in keys):
        return None
    return -accuracy["share"], *(float(costs[key]) for key in keys)


def _reasons(found: NeuroBenchOfInference) -> dict[str, str]:
    """Why metrics of NeuroBench are null."""
    absent = {
        "connection_sparsity": "there are no weights",
        "activation_sparsity": "no neuron fires",
        "membrane_updates": "every neuron is updated in each step",
    }
    parts = {"metrics": found.metrics, "ours": found.ours}
    return {
        f"neurobench.{part}.{name}": absent[name]
        for part, metrics in parts.items()
        for name, value in vars(metrics).items()
        if value is None
    }


def _costs(chip: ChipOfInference) -> dict[str, Any]:
    return {name: value for name, value in vars(chip).items() if name != "reasons"}


def _integer(field: str, text: str | None, low: int, high: int) -> int | None:
    if text is None:
        return None
    value = from_text(text, int, field)
    return integer(value, field, low, high)


def _reals(field: str, text: str | None, low: float, high: float, above: bool = False) -> list[float]:
    """Numbers, separated by commas; none where the option is not given."""
    if text is None:
        return []
    bounds = f"{'>' if above else '>='} {low:g}" + ("" if math.isinf(high) else f" and <= {high:g}")
    values = []
    for part in text.split(","):
        value = from_text(part.strip(), float, field)
        real = number(value, field)
        fits = low <= real <= high and not (above and real == low)
        require(fits, field, part, f"must be {bounds}; separate several by commas")
        values.append(real)
    return values
