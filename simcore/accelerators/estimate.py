"""Energy as estimated in papers: operations that zeros do not save, times the energy of one operation.

With K products of each of the E outputs of the m filters of a layer, densities d_t of its inputs and d_w of its
weights::

    energy = sum_l m_l E_l K_l d_w sum_t d_t  e,   e_accumulate = (P_adder + P_register) / f,
                                                   e_multiply = (P_multiplier + P_adder + P_register) / f

with powers P of components and the clock f at which they were taken. Layers whose inputs are values of more than one
bit (direct coding) multiply, all others accumulate. For workloads without layers, counted operations are used.

Included: arithmetic. Left out: memory, data movement, neurons, control, leakage and clock tree, and therefore most of
the energy of an accelerator; the model makes this gap visible. It has no latency and no area. Zeros of weights save
operations here, because the published estimate of a pruned network uses the sparsity of its weights. Options for
dataflow and neurons have no effect.

``as_published`` is the estimate of Table II of Bhattacharjee et al.: all operations are accumulations; convolutions
count outputs as if they had the size of their inputs (no stride); linear layers are those of one head for all networks,
with 512 channels of the last map, 1024 and 512 neurons (an error: the last convolution of VGG9 has 256). Operations
that a source counted take precedence: if they include multiplications (TDBN), an addition costs an adder and a
multiplication a multiplier, without registers. With an accumulation of 0.11752 pJ (28 nm, 8 bits, 250 MHz) all six rows
of the table follow within 0.5 %.

Sources: Bhattacharjee, Yin, Moitra, Panda, "Are SNNs truly energy-efficient? - A hardware perspective", arXiv
2309.03388; the rule as in github.com/Intelligent-Computing-Lab-Yale/SATA at 7bcc804,
inference-energy-cal/related-work-estimate.py.
"""

import math
from collections.abc import Mapping, Sequence

from simcore.accelerators.answer import Answer, ModelOptions
from simcore.accelerators.figures import Figures, Unpublished, figure, or_reason, whole
from simcore.accelerators.workloads.workload import CONVOLUTION, Layer, Workload

MODEL = "estimate"
ACCUMULATIONS, MULTIPLICATIONS = "accumulations", "multiplications"
HEAD_CHANNELS, HEAD_WIDTHS = 512, (1024, 512)
"""Head that the published estimate assumes for every network: channels of the last map, widths of linear layers."""
NOT_MODELLED = {
    "latency_s": "the estimate counts operations, without their times",
    "area_m2": "the estimate counts operations, without the units that perform them",
}


def estimate(workload: Workload, accelerator: Figures, options: ModelOptions) -> Answer:
    """Energy of the arithmetic of a workload.

    Parameters
    ----------
    workload
        Layers with densities, or counted operations.
    accelerator
        A sheet of the kind ``operations``.
    options
        Steps and accounting.

    Returns
    -------
    Answer
        Parts and counts: ``accumulations``, ``multiplications``. It has no latency and no area.

    Raises
    ------
    InputError
        If a density is not known.
    """
    reasons = dict(NOT_MODELLED)
    operations = or_reason(lambda: _counted(workload, options), "energy_j", reasons)
    if operations is None:
        return Answer(accelerator.name, MODEL, reasons=reasons)
    parts = or_reason(lambda: _energy_parts(operations, accelerator, options.as_published), "energy_j", reasons)
    return Answer(accelerator.name, MODEL, parts or {}, counts=operations, reasons=reasons)


def _counted(workload: Workload, options: ModelOptions) -> dict[str, float]:
    """Operations of all steps by kind, as counted by a source or from the layers.

    Raises
    ------
    Unpublished
        If neither is known, or the published rule does not count these layers.
    """
    counted = workload.counted if options.as_published or not workload.layers else None
    if counted is not None:
        if workload.steps not in (None, options.steps):
            raise Unpublished(f"the operations of {workload.name} are counted only for {workload.steps} steps")
        return {ACCUMULATIONS: counted.accumulations, MULTIPLICATIONS: counted.multiplications}
    if not workload.layers:
        raise Unpublished(workload.why_no_layers or "the workload has no layers")
    if not options.as_published:
        return _operations(workload.layers, options.steps)
    last = workload.layers[-1]
    convolutions = any(layer.kind == CONVOLUTION for layer in workload.layers)
    if not convolutions or (last.channels, last.filters) != HEAD_WIDTHS:
        first, second = HEAD_WIDTHS
        head = f"a linear layer of {first} inputs and {second} outputs"
        raise Unpublished(f"the published rule applies only to convolutional networks that end in {head}")
    return {ACCUMULATIONS: _published_accumulations(workload.layers, options.steps), MULTIPLICATIONS: 0.0}


def _operations(layers: Sequence[Layer], steps: int) -> dict[str, float]:
    """Operations of all steps whose input and weight are not 0."""
    counts = {ACCUMULATIONS: 0.0, MULTIPLICATIONS: 0.0}
    for layer in layers:
        kind = MULTIPLICATIONS if layer.input_bits > 1 else ACCUMULATIONS
        counts[kind] += layer.operations * layer.weight_density * math.fsum(layer.densities(steps))
    return counts


def _published_accumulations(layers: Sequence[Layer], steps: int) -> float:
    """Accumulations of all steps by the published rule, with one head for all networks."""
    convolutions = [layer for layer in layers if layer.kind == CONVOLUTION]
    total = 0.0
    for layer in convolutions:
        height, width = layer.input_size
        total += layer.weights * height * width * math.fsum(layer.densities(steps))
    height, width = (length // convolutions[-1].pooling for length in convolutions[-1].input_size)
    first, second = HEAD_WIDTHS
    head = HEAD_CHANNELS * height * width * first + first * second
    return total + head * math.fsum(layers[-1].densities(steps))


def _energy_parts(operations: Mapping[str, float], accelerator: Figures, as_published: bool) -> dict[str, float]:
    """Energy by kind of operation, J.

    Raises
    ------
    Unpublished
        If the sheet does not state a power that is needed.
    """
    multiplies = operations[MULTIPLICATIONS] > 0
    without_registers = as_published and multiplies
    bits = whole(accelerator, "accumulator_bits")
    clock = figure(accelerator, "power_clock_hz")
    adder = figure(accelerator, "adder_w", bits)
    register = 0.0 if without_registers else figure(accelerator, "register_w", bits)
    multiplier = figure(accelerator, "multiplier_w", bits) if multiplies else 0.0
    multiplication = multiplier if without_registers else multiplier + adder + register
    each = {ACCUMULATIONS: (adder + register) / clock, MULTIPLICATIONS: multiplication / clock}
    return {kind: number * each[kind] for kind, number in operations.items()}
