"""Inference of a network on a systolic array for spikes (SATA): cycles, accesses, energy, latency and area.

Yin, Moitra, Bhattacharjee, Kim and Panda, "SATA: sparsity-aware training accelerator for spiking neural networks",
IEEE TCAD 42(6):1926 (2023); its released model, in the calibrations of 2023 and 2024.

Cycles are those of `cycles`, accesses those of `accesses`, powers those of `power`. With N cycles of all layers and
steps, N_PE elements, clock f, operations ``macs = sum_l m E K sum_t d_t`` (each product of an input that is not 0; d_t
is its density in step t) and ``lifs = sum_l m E T / n`` (each neuron, each step; n channels share a unit):

    latency         N / f
    spike_mac       (Pg macs + Pu N N_PE) / f_P + Pl N N_PE / f
    scratchpad      the same, with the powers of the scratchpads
    lif             the same, with lifs for macs
    dram_*, sram_*  accesses x energy of an access
    sram_leakage    power of the three buffers x latency

Pg is gated power (of an operation), Pu ungated power (of every cycle, of all elements), Pl leakage; f_P is the clock at
which the powers were taken: the energy of an operation does not depend on the clock at which it is done. As published
f_P is f, sums of powers are rounded to 1e-6 mW, macs down, and E of operations is that of `geometry.operated_outputs`.
The LIF power there is that of a whole unit, divided by n: it counts each neuron.

A 0 in an input saves its accumulation and no cycle; a 0 in a weight saves nothing. Inputs of several bits are charged
as spikes. Left out: control, transfers on the chip, accesses that fill buffers, leakage of DRAM, waiting for memory.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import zip_longest
from math import floor, fsum

from simcore.accelerators.answer import OUTPUT_STATIONARY, Answer, ModelOptions
from simcore.accelerators.figures import Unpublished, figure, or_reason
from simcore.accelerators.sheets.sheet import Accelerator
from simcore.accelerators.systolic.accesses import Memories, memories_of, packed_accesses, published_accesses
from simcore.accelerators.systolic.cycles import loading_cycles, step_cycles
from simcore.accelerators.systolic.geometry import geometry_of, operated_outputs
from simcore.accelerators.systolic.power import LIF, PARTS, area_of, element_of, power_of
from simcore.accelerators.systolic.run import Run, run_of
from simcore.accelerators.workloads.workload import Workload

MODEL = "systolic, inference"


@dataclass(frozen=True)
class LayerCounts:
    """Counts of a layer: all its groups, all steps.

    Parameters
    ----------
    name
        Of the layer.
    cycles_per_step, weight_cycles, cycles
        Cycles that a step adds; those that load weights, or fill and drain the array for all steps; all.
    macs, lifs
        Accumulations of inputs that are not 0, and updates of LIF units.
    accesses
        Of the buffers and of DRAM, by name; empty if the sheet does not state the buffers.
    """

    name: str
    cycles_per_step: int
    weight_cycles: int
    cycles: int
    macs: float
    lifs: float
    accesses: Mapping[str, float]


def systolic_inference(workload: Workload, accelerator: Accelerator, options: ModelOptions) -> Answer:
    """What an inference needs on a systolic array.

    Parameters
    ----------
    workload
        Layers and their densities.
    accelerator
        Of the kind ``systolic array``. One that states no components has cycles and a latency, but no energy.
    options
        All are used.

    Raises
    ------
    InputError
        If an option is not allowed, the density of a layer is not known, or a layer cannot be counted.
    """
    if not workload.layers:
        return _nothing(accelerator, workload.why_no_layers or "the workload has no layers")
    try:
        run = run_of(accelerator, options)
    except Unpublished as absent:
        return _nothing(accelerator, str(absent))
    reasons: dict[str, str] = {}
    memories = or_reason(lambda: memories_of(accelerator, run), "accesses", reasons)
    layers = tuple(_counted(workload, run, memories))
    counts = _sums(layers)
    if run.accounting is not None:
        # The release takes whole operations.
        counts["macs"] = float(floor(counts["macs"]))
    latency_s = or_reason(lambda: counts["cycles"] / figure(accelerator, "clock_hz"), "latency_s", reasons)
    parts: dict[str, float] | None = None
    if memories is None:
        reasons["energy_j"] = reasons["accesses"]
    elif latency_s is None:
        reasons["energy_j"] = reasons["latency_s"]
    else:
        held, time_s = memories, latency_s
        parts = or_reason(lambda: _energies(accelerator, run, held, counts, time_s), "energy_j", reasons)
    area_m2 = or_reason(
        lambda: area_of(accelerator, element_of(accelerator, run.lif_sharing, run.membrane_bits)) * run.array.elements,
        "area_m2",
        reasons,
    )
    return Answer(
        accelerator.name, MODEL, parts or {}, latency_s, area_m2, counts, reasons, _bounds(workload, parts, area_m2)
    )


def layer_counts(workload: Workload, accelerator: Accelerator, options: ModelOptions) -> tuple[LayerCounts, ...]:
    """Cycles, operations and accesses of each layer; parameters and `InputError` as of `systolic_inference`.

    Raises
    ------
    Unpublished
        If the sheet states no array, or not the word that the options leave open.
    """
    run = run_of(accelerator, options)
    return tuple(_counted(workload, run, or_reason(lambda: memories_of(accelerator, run), "accesses", {})))


def _counted(workload: Workload, run: Run, memories: Memories | None) -> Iterator[LayerCounts]:
    """Counts of each layer, whose outputs are as wide as the inputs of the layer after it."""
    for layer, following in zip_longest(workload.layers, workload.layers[1:]):
        geometry = geometry_of(layer, run.accounting is not None)
        step = layer.groups * step_cycles(geometry, run.array)
        loading = layer.groups * loading_cycles(geometry, run.array)
        loading *= run.steps if run.dataflow == OUTPUT_STATIONARY else 1
        operated = operated_outputs(layer, run.accounting is not None) * layer.filters
        accesses: dict[str, float] = {}
        if memories is not None and run.accounting is not None:
            accesses = published_accesses(layer, geometry, run, memories)
        elif memories is not None:
            output_bits = memories.output if following is None else following.input_bits
            accesses = packed_accesses(layer, geometry, run, memories, output_bits)
        yield LayerCounts(
            layer.name,
            step,
            loading,
            run.steps * step + loading,
            operated * layer.products * fsum(layer.densities(run.steps)),
            operated * run.steps / run.lif_sharing,
            {key: layer.groups * number for key, number in accesses.items()},
        )


def _sums(layers: Sequence[LayerCounts]) -> dict[str, float]:
    """Counts of all layers, by name."""
    sums = {
        key: fsum(getattr(layer, key) for layer in layers)
        for key in ("cycles_per_step", "weight_cycles", "cycles", "macs", "lifs")
    }
    return sums | {key: fsum(layer.accesses[key] for layer in layers) for key in layers[0].accesses}


def _energies(
    accelerator: Accelerator, run: Run, memories: Memories, counts: Mapping[str, float], latency_s: float
) -> dict[str, float]:
    """Energy by part, J.

    Raises
    ------
    Unpublished
        If the sheet does not state a power or an energy.
    """
    published = run.accounting is not None
    power_clock = figure(accelerator, "clock_hz" if published else "power_clock_hz")
    element = element_of(accelerator, run.lif_sharing, run.membrane_bits)
    parts = {}
    for part in PARTS:
        power = power_of(accelerator, element, part, published)
        # A shared unit is a part of one in `power`, so each neuron counts there.
        operations = counts["lifs"] * run.lif_sharing if part == LIF else counts["macs"]
        dynamic = power.gated_w * operations + power.ungated_w * counts["cycles"] * run.array.elements
        parts[part] = dynamic / power_clock + power.leakage_w * run.array.elements * latency_s
    return (
        parts
        | _access_energies(accelerator, memories, counts)
        | {"sram_leakage": latency_s * fsum(figure(accelerator, "sram_leakage_w", bits) for bits in memories.buffers)}
    )


def _access_energies(accelerator: Accelerator, memories: Memories, counts: Mapping[str, float]) -> dict[str, float]:
    """Energy of the accesses by what they move, J."""
    of_dram = figure(accelerator, "dram_access_j")
    parts: dict[str, float] = {}
    for key, number in counts.items():
        memory, _, rest = key.partition("_")
        moved, _, direction = rest.partition("_")
        if memory == "dram":
            energy = of_dram
        elif memory == "sram":
            table = "sram_read_j" if direction == "reads" else "sram_write_j"
            energy = figure(accelerator, table, memories.holding(moved))
        else:
            continue
        part = f"{memory}_{moved}"
        parts[part] = parts.get(part, 0.0) + number * energy
    return parts


def _bounds(workload: Workload, parts: Mapping[str, float] | None, area_m2: float | None) -> dict[str, str]:
    """What the values leave out."""
    bounds = {}
    wide = [layer.name for layer in workload.layers if layer.input_bits > 1]
    if parts and wide:
        bounds["energy_j"] = f"inputs of several bits are charged as spikes: {', '.join(wide)}"
    if area_m2 is not None:
        bounds["area_m2"] = "the buffers and what connects the processing elements: no area is published"
    return bounds


def _nothing(accelerator: Accelerator, reason: str) -> Answer:
    """The answer if nothing can be counted."""
    return Answer(accelerator.name, MODEL, reasons=dict.fromkeys(("energy_j", "latency_s", "area_m2"), reason))
