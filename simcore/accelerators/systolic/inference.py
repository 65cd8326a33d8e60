"""Inference of a network on a systolic array for spikes (SATA): cycles, accesses, energy, latency and area.

Yin, Moitra, Bhattacharjee, Kim and Panda, "SATA: sparsity-aware training accelerator for spiking neural networks",
IEEE TCAD 42(6):1926 (2023); its released model, in the calibrations of 2023 and 2024.

Cycles are from `cycles`, accesses from `accesses`, and powers from `power`. With N cycles of all layers and
steps, N_PE elements, clock f, operations ``macs = sum_l m E K sum_t d_t`` (each product of an input that is not 0; d_t
is its density in step t) and ``lifs = sum_l m E T / n`` (each neuron, each step; n channels share a unit):

    latency         N / f
    spike_mac       (Pg macs + Pu N N_PE) / f_P + Pl N N_PE / f
    scratchpad      the same, with the powers of the scratchpads
    lif             the same, with lifs for macs
    dram_*, sram_*  accesses x energy of an access
    sram_leakage    power of the three buffers x latency

Pg is gated power (per operation), Pu ungated power (per cycle, of all elements), and Pl leakage; f_P is the clock for
which the powers are stated: the energy of an operation does not depend on the clock. In the published accounting, f_P
is f, sums of powers are rounded to 1e-6 mW, macs are rounded down, and E for operations is from
`geometry.operated_outputs`. Elements that multiply, for dense networks, have the powers ``mac`` and ``relu`` in place
of ``spike_mac`` and ``lif``.

A 0 in an input saves its accumulation but no cycles; a 0 in a weight does not save anything. An array for spikes counts
inputs of several bits as spikes. Left out: control, transfers on the chip, accesses that fill buffers, leakage of DRAM,
and waiting for memory. The latency is therefore a lower bound.
"""

from collections.abc import Iterator, Mapping
from itertools import zip_longest
from math import floor, fsum

from simcore.accelerators.answer import OUTPUT_STATIONARY, Answer, ModelOptions
from simcore.accelerators.figures import Unpublished, figure, or_reason
from simcore.accelerators.sheets.sheet import Accelerator
from simcore.accelerators.systolic.accesses import (
    Memories,
    input_capacity,
    memories_of,
    packed_accesses,
    published_accesses,
)
from simcore.accelerators.systolic.cycles import loading_cycles, step_cycles
from simcore.accelerators.systolic.geometry import Geometry, geometry_of, operated_outputs
from simcore.accelerators.systolic.input_reads import uncountable
from simcore.accelerators.systolic.power import BYTE, LIFS, MACS, area_of, multiplies, parts_of, power_of
from simcore.accelerators.systolic.run import Run, run_of
from simcore.accelerators.workloads.workload import Layer, Workload

MODEL = "systolic, inference"


def systolic_inference(workload: Workload, accelerator: Accelerator, options: ModelOptions) -> Answer:
    """Cycles, accesses, energy, latency and area of an inference on a systolic array.

    Parameters
    ----------
    workload
        Layers and their densities.
    accelerator
        A sheet of the kind ``systolic array``. A sheet without components yields cycles and a latency, but no energy.
    options
        Options, all of which are used.

    Raises
    ------
    InputError
        If the density of a layer is not known.
    """
    if not workload.layers:
        return Answer.unknown(accelerator.name, MODEL, workload.why_no_layers or "the workload has no layers")
    reasons: dict[str, str] = {}
    try:
        run = run_of(accelerator, options)
        _require_width(workload, accelerator)
        memories = or_reason(lambda: memories_of(accelerator, run), "accesses", reasons)
        layers = tuple(_counted(workload, run, memories))
    except Unpublished as absent:
        return Answer.unknown(accelerator.name, MODEL, str(absent))
    counts = {name: fsum(layer[name] for layer in layers) for name in layers[0]}
    if run.accounting is not None:
        # The release uses integer numbers of operations.
        counts["macs"] = float(floor(counts["macs"]))
    latency_s = or_reason(lambda: counts["cycles"] / figure(accelerator, "clock_hz"), "latency_s", reasons)
    parts_j = or_reason(lambda: _energies(accelerator, run, memories, counts), "energy_j", reasons)
    area_m2 = or_reason(lambda: _area(accelerator, run), "area_m2", reasons)
    values = {"energy_j": parts_j, "latency_s": latency_s, "area_m2": area_m2}
    bounds = {key: left_out for key, left_out in _left_out(workload, accelerator).items() if values[key] is not None}
    return Answer(accelerator.name, MODEL, parts_j or {}, latency_s, area_m2, counts, reasons, bounds)


def _counted(workload: Workload, run: Run, memories: Memories | None) -> Iterator[dict[str, float]]:
    """Counts of each layer over all groups and steps, by name; without accesses if the buffers are not known."""
    published = run.accounting is not None
    # Outputs are as wide as the inputs of the layer after them.
    for layer, following in zip_longest(workload.layers, workload.layers[1:]):
        geometry = geometry_of(layer, published)
        if memories is not None:
            _require_countable(layer, geometry, run, memories)
        step = layer.groups * step_cycles(geometry, run.array)
        loading = layer.groups * loading_cycles(geometry, run.array)
        loading *= run.steps if run.dataflow == OUTPUT_STATIONARY else 1
        accesses: dict[str, float] = {}
        if memories is not None and published:
            accesses = published_accesses(layer, geometry, run, memories)
        elif memories is not None:
            output_bits = memories.output if following is None else following.input_bits
            accesses = packed_accesses(layer, geometry, run, memories, output_bits)
        neurons = operated_outputs(layer, published) * layer.filters
        yield {
            "cycles_per_step": step,
            "weight_cycles": loading,
            "cycles": run.steps * step + loading,
            MACS: neurons * layer.products * fsum(layer.densities(run.steps)),
            LIFS: neurons * run.steps / run.lif_sharing,
            **{key: layer.groups * number for key, number in accesses.items()},
        }


def _require_countable(layer: Layer, geometry: Geometry, run: Run, memories: Memories) -> None:
    """Raise `Unpublished` if counting the reads of a layer's input would take too long."""
    why = uncountable(geometry, run.array, input_capacity(layer, run, memories))
    if why is not None:
        raise Unpublished(f"layer {layer.name} {why}")


def _energies(
    accelerator: Accelerator, run: Run, memories: Memories | None, counts: Mapping[str, float]
) -> dict[str, float]:
    """Energy by part, J.

    Raises
    ------
    Unpublished
        If the sheet does not state a power or an energy.
    """
    # For a sheet without powers, this is the most informative reason.
    figure(accelerator, "register_w", BYTE)
    if memories is None:
        memories = memories_of(accelerator, run)
    published = run.accounting is not None
    latency_s = counts["cycles"] / figure(accelerator, "clock_hz")
    power_clock_hz = figure(accelerator, "clock_hz" if published else "power_clock_hz")
    # The power of a shared unit is divided by the number of channels that share it, so that each neuron counts.
    operations = {MACS: counts[MACS], LIFS: counts[LIFS] * run.lif_sharing}
    energies = {}
    for part in parts_of(accelerator, run.lif_sharing, run.membrane_bits):
        power = power_of(accelerator, part, published)
        dynamic = power.gated_w * operations[part.operations] + power.ungated_w * counts["cycles"] * run.array.elements
        energies[part.name] = dynamic / power_clock_hz + power.leakage_w * run.array.elements * latency_s
    energies |= _access_energies(accelerator, memories, counts)
    leakage_w = fsum(figure(accelerator, "sram_leakage_w", bits) for bits in memories.buffers)
    return energies | {"sram_leakage": leakage_w * latency_s}


def _access_energies(accelerator: Accelerator, memories: Memories, counts: Mapping[str, float]) -> dict[str, float]:
    """Energy of the accesses by transferred data, J."""
    energies: dict[str, float] = {}
    for name, number in counts.items():
        part, _, direction = name.rpartition("_")
        memory, _, moved = part.partition("_")
        if memory == "dram":
            energy_j = figure(accelerator, "dram_access_j")
        elif memory == "sram":
            table = "sram_read_j" if direction == "reads" else "sram_write_j"
            energy_j = figure(accelerator, table, memories.holding(moved))
        else:
            continue
        energies[part] = energies.get(part, 0.0) + number * energy_j
    return energies


def _area(accelerator: Accelerator, run: Run) -> float:
    """Area of the processing elements, m2.

    Raises
    ------
    Unpublished
        If the sheet does not state the area of a component.
    """
    return area_of(accelerator, parts_of(accelerator, run.lif_sharing, run.membrane_bits)) * run.array.elements


def _require_width(workload: Workload, accelerator: Accelerator) -> None:
    """Raise `Unpublished` if weights are wider than those of the array, or than its operands."""
    stated = [bits for key in ("weight_bits", "operand_bits") if (bits := accelerator.value(key)) is not None]
    for layer in workload.layers:
        if stated and layer.weight_bits > min(stated):
            raise Unpublished(
                f"layer {layer.name} has weights of {layer.weight_bits} bits, but the array supports {min(stated):.0f}"
            )


def _left_out(workload: Workload, accelerator: Accelerator) -> dict[str, str]:
    """Parts of the accelerator that each value leaves out."""
    left_out = {
        "latency_s": "waiting for memory",
        "area_m2": "buffers and connections between processing elements, whose areas are not published",
    }
    wide = [layer.name for layer in workload.layers if layer.input_bits > 1]
    if wide and not multiplies(accelerator):
        left_out["energy_j"] = f"the width of inputs that are counted as spikes, in layers {', '.join(wide)}"
    return left_out
