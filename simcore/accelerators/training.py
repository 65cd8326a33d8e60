"""Training on a systolic array, as counted by SATA: operations and accesses of three passes, in relative energy.

A step of training runs the layers forward, propagates gradients backward and updates the weights. With T time steps
and, for each layer, weights w, outputs o = m E, inputs x = c H W, and b spikes packed in one element, it needs:

===========  ===================  =============================  ===========================
             forward              backward                       weight update
===========  ===================  =============================  ===========================
neurons      lif = o T            surrogate gradients pgu = o T
products     (1 - s_s) w E T      (1 - s_du) w H W T             (1 - s_s) w E T
DRAM         w + (o + x/b) T      T (o + x/b)                    2 w
SRAM         2 w + 2 (o + x/b) T  7 T o + 2 T x/b + w            2 (1 + T) w + T (x/b + o)
scratchpads  2 (w + T x/b)        w + T o                        2 (1 + 2 T) w + T (x/b + o)
===========  ===================  =============================  ===========================

Here s_s, 1 minus the density of the inputs of the layer, and s_du are the sparsities of spikes and of the gradients of
membrane potentials, and accesses are of elements. An operation is made of parts: lif = add + compare + 2 mux + 3
register + shift; pgu = multiply + 2 add + mux + 2 shift; a product is accumulate + AND forward and in the update,
multiply + accumulate backward. Energies of the forward pass are scaled by its bits over those of the sheet, 16. The
unit of the sheet's energies is not published, so results are ratios: numbers of 16-bit multiply-accumulate operations
(multiply + accumulate) that need as much.

With a stride, w H W also counts the zeros between gradients. Sparsity of weights does not save operations, and inputs
that are values (direct coding) are counted like spikes, as in the source. Time and area are not modelled.

``as_published`` repeats two errors of the release: the products of a linear layer, counted without sparsity, replace
the products of all layers before it, and a linear layer at the end is left out.

Sources: Yin, Moitra, Bhattacharjee, Kim, Panda, "SATA: Sparsity-aware training accelerator for spiking neural
networks", IEEE TCAD 42(6):1926, 2023, doi 10.1109/TCAD.2022.3213211; counts and recipes as in its code,
github.com/Intelligent-Computing-Lab-Yale/SATA at 7bcc804, training_energy_cal.
"""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from simcore.accelerators.figures import Figures, Unpublished, figure
from simcore.accelerators.workloads.workload import LINEAR, Layer, Workload
from simcore.errors import integer, number, require, truth

MODEL = "systolic, training"
FORWARD, BACKWARD, UPDATE = "forward", "backward", "update"
PASSES = (FORWARD, BACKWARD, UPDATE)
COMPUTATION, MEMORIES = "computation", ("dram", "sram", "scratchpad")
PARTS = (COMPUTATION, *MEMORIES)
RECIPES: Mapping[str, Mapping[str, int]] = {
    "lif": {"add": 1, "compare": 1, "mux": 2, "register": 3, "shift": 1},
    "surrogate_gradients": {"multiply": 1, "add": 2, "mux": 1, "shift": 2},
    "forward_products": {"accumulate": 1, "and": 1},
    "backward_products": {"multiply": 1, "accumulate": 1},
    "update_products": {"accumulate": 1, "and": 1},
}
"""Operations with the number of each part that they need."""
OPERATIONS = {
    FORWARD: ("lif", "forward_products"),
    BACKWARD: ("surrogate_gradients", "backward_products"),
    UPDATE: ("update_products",),
}
PRODUCTS = ("forward_products", "backward_products", "update_products")


@dataclass(frozen=True)
class TrainingOptions:
    """Options for training a workload.

    Parameters
    ----------
    steps
        Number of time steps, T.
    gradient_sparsity
        Share of the gradients of membrane potentials that are 0, s_du.
    forward_bits
        Width of the values of the forward pass; the other passes use the width of the sheet.
    packed_spikes
        Number of spikes in one element of memory, b.
    as_published
        Whether the errors of the release are repeated.

    Raises
    ------
    InputError
        If a value is out of range.
    """

    steps: int
    gradient_sparsity: float
    forward_bits: int
    packed_spikes: int
    as_published: bool = False

    def __post_init__(self) -> None:
        for name in ("steps", "forward_bits", "packed_spikes"):
            integer(getattr(self, name), name, 1)
        sparsity = number(self.gradient_sparsity, "gradient_sparsity")
        require(0.0 <= sparsity <= 1.0, "gradient_sparsity", sparsity, "must be in [0, 1]")
        truth(self.as_published, "as_published")


@dataclass(frozen=True)
class TrainingAnswer:
    """Energy of training with one sample, as a number of 16-bit multiply-accumulate operations with the same energy.

    Parameters
    ----------
    accelerator
        Name of the sheet.
    energy
        Energy by pass (`PASSES`) and part (`PARTS`); empty if it is not known.
    counts
        Operations (keys of `RECIPES`) and accesses of elements (such as ``forward_dram``).
    reasons
        Key of an unknown value -> reason.
    """

    accelerator: str
    energy: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    counts: Mapping[str, float] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    model: str = MODEL

    @property
    def total(self) -> float | None:
        """Sum over passes and parts; None if it is not known."""
        return math.fsum(value for parts in self.energy.values() for value in parts.values()) if self.energy else None

    def of_pass(self, name: str) -> float | None:
        """Sum over the parts of a pass; None if it is not known."""
        return math.fsum(self.energy[name].values()) if self.energy else None

    def memory(self, name: str) -> float | None:
        """Sum over the memories of a pass; None if it is not known."""
        return math.fsum(self.energy[name][part] for part in MEMORIES) if self.energy else None

    def plain(self) -> dict[str, object]:
        """The answer as dictionaries, texts and numbers, for JSON; energies have the suffix ``_macs``."""
        return {
            "accelerator": self.accelerator,
            "model": self.model,
            "energy_macs": self.total,
            "energy_parts_macs": {name: dict(parts) for name, parts in self.energy.items()},
            "counts": dict(self.counts),
            "reasons": dict(self.reasons),
        }


def systolic_training(workload: Workload, accelerator: Figures, options: TrainingOptions) -> TrainingAnswer:
    """Operations, accesses and relative energy of training a workload with one sample.

    Parameters
    ----------
    workload
        Workload with layers.
    accelerator
        A sheet of the kind ``systolic array, training``.
    options
        Steps, sparsity of gradients and widths.

    Raises
    ------
    InputError
        If the densities of the workload are not known.
    """
    reasons = {
        "latency_s": "the model does not count cycles",
        "area_m2": "the source does not state the areas of these parts",
    }
    if not workload.layers:
        why = workload.why_no_layers or "the workload has no layers"
        return TrainingAnswer(accelerator.name, reasons={"energy": why, **reasons})
    counts = _counts(workload.layers, options)
    try:
        energy = _energy(counts, accelerator, options)
    except Unpublished as missing:
        return TrainingAnswer(accelerator.name, counts=counts, reasons={"energy": str(missing), **reasons})
    return TrainingAnswer(accelerator.name, energy, counts, reasons)


def _counts(layers: tuple[Layer, ...], options: TrainingOptions) -> dict[str, float]:
    """Operations and accesses of all layers."""
    if options.as_published and layers[-1].kind == LINEAR:
        layers = layers[:-1]
    memories = [f"{name}_{memory}" for name in PASSES for memory in MEMORIES]
    counts = dict.fromkeys((*RECIPES, *memories), 0.0)
    for layer in layers:
        replaces = options.as_published and layer.kind == LINEAR
        for key, amount in {**_operations(layer, options), **_accesses(layer, options)}.items():
            counts[key] = amount if replaces and key in PRODUCTS else counts[key] + amount
    return counts


def _operations(layer: Layer, options: TrainingOptions) -> dict[str, float]:
    """Operations of a layer, by the keys of `RECIPES`."""
    neurons = layer.outputs * options.steps
    # Sums of the densities of inputs and gradients over the steps.
    if options.as_published and layer.kind == LINEAR:
        spikes = gradients = float(options.steps)
    else:
        gradients = (1.0 - options.gradient_sparsity) * options.steps
        spikes = math.fsum(layer.densities(options.steps))
    height, width = layer.input_size
    forward = layer.weights * layer.positions * spikes
    backward = layer.weights * height * width * gradients
    return dict(zip(RECIPES, (neurons, neurons, forward, backward, forward), strict=True))


def _accesses(layer: Layer, options: TrainingOptions) -> dict[str, float]:
    """Accesses of elements by a layer, by pass and memory."""
    steps, weights = options.steps, layer.weights
    outputs = steps * layer.outputs
    inputs = steps * layer.inputs / options.packed_spikes
    update = 2 * (1 + steps) * weights + inputs + outputs
    return {
        "forward_dram": weights + outputs + inputs,
        "forward_sram": 2 * (weights + outputs + inputs),
        "forward_scratchpad": 2 * (weights + inputs),
        "backward_dram": outputs + inputs,
        "backward_sram": 7 * outputs + 2 * inputs + weights,
        "backward_scratchpad": weights + outputs,
        "update_dram": 2 * weights,
        "update_sram": update,
        "update_scratchpad": update + 2 * steps * weights,
    }


def _energy(counts: Mapping[str, float], accelerator: Figures, options: TrainingOptions) -> dict[str, dict[str, float]]:
    """Energy by pass and part, relative to a multiply-accumulate operation."""
    unit = figure(accelerator, "multiply_relative") + figure(accelerator, "accumulate_relative")
    bits = figure(accelerator, "operand_bits")
    energy = {}
    for name in PASSES:
        scale = (options.forward_bits / bits if name == FORWARD else 1.0) / unit
        computation = math.fsum(
            counts[operation] * times * figure(accelerator, f"{part}_relative")
            for operation in OPERATIONS[name]
            for part, times in RECIPES[operation].items()
        )
        energy[name] = {COMPUTATION: computation * scale}
        for memory in MEMORIES:
            energy[name][memory] = counts[f"{name}_{memory}"] * figure(accelerator, f"{memory}_relative") * scale
    return energy
