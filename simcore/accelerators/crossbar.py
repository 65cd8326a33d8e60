"""Energy, latency and area on crossbars of resistive memory, as counted by SpikeSim's release.

Weights are stored in crossbars of X rows, on processing elements (PEs) in tiles. The columns of a crossbar fall into a
= X / (columns of an ADC) groups. A layer of c channels and m filters, with k = r s kernel elements and E outputs of a
filter, needs ``ceil(c / X) ceil(m / X)`` PEs, and one PE cycle for each of them and each output::

    PE cycles    n_l = ceil(c_l / X) ceil(m_l / X) E_l
    energy       sum_l T n_l [ e_h_tree + e_fetch + e_neuron + e_tile_buffer
                               + a (k_l e_crossbar + a (e_adc + e_mux) + subtractors e_subtractor + e_temporary) ]
    tiles        ceil(P / PEs of a tile),   P = sum_l ceil(c_l / X) ceil(m_l / X)
    area         tiles [ a A_subtractor + A_temporary + A_tile_buffer + A_h_tree
                         + PEs of a tile (k A_crossbar + a (A_adc + A_mux)) ]
                 + A_bit bits (sum_l c_l H_l W_l + sum_l m_l E_l)
    latency      T [ sum_{l < L} floor(share E_l m_l) + E_L m_L ] clocks of a cycle / clock

A layer starts when the given share of the outputs of its predecessor is complete. The pipeline takes one cycle per
output, whereas the energy takes one cycle per PE and place, as in the release. A layer of g groups is g layers of c/g
channels and m/g filters. By default E counts outputs before pooling, k belongs to each layer (in the area, k is the
largest, because PEs are alike), and the sums run over all layers.

``as_published`` repeats the release with the inputs of its example: E after pooling, the largest kernel side for all
layers, outputs of the first five layers in the area, and no tiles, area and latency if a layer needs fewer PEs than the
layer before it (the release stops there; its energy does not depend on the order).

Table II of Bhattacharjee et al. follows with outputs before pooling, so that its workloads, ``cifarnet_crossbar`` and
``resnet19_crossbar``, do not list pooling. No interpretation of the layers of VGG9, whose list is not published, yields
its row.

Included: crossbars, converters, subtractors, buffers, H-tree, fetches and neurons of the tiles, and memory for maps
and membrane potentials as area. Left out: any sparsity, of spikes or of weights (a map without spikes costs as much as
a full one); widths of weights and of inputs (direct coding costs as much as spikes); network between tiles, leakage
and DRAM.

Sources: Moitra, Bhattacharjee, Kuang, Krishnan, Cao, Panda, "SpikeSim: An end-to-end compute-in-memory hardware
evaluation tool for benchmarking spiking neural networks", arXiv 2210.12899; equations as in its code,
github.com/Intelligent-Computing-Lab-Yale/SpikeSim at c2627bc, ela_spikesim.py. Table II: Bhattacharjee, Yin, Moitra,
Panda, arXiv 2309.03388.
"""

import itertools
import math
from collections.abc import Sequence
from dataclasses import dataclass

from simcore.accelerators.answer import Answer, ModelOptions
from simcore.accelerators.figures import Figures, Unpublished, figure, or_reason, whole
from simcore.accelerators.workloads.workload import Layer, Workload

MODEL = "in-memory crossbar, energy"
PARTS = ("crossbar", "adc", "mux", "subtractor", "temporary_buffer", "tile_buffer", "h_tree", "fetch", "neuron")
ENERGY_KEYS = {"crossbar": "crossbar_element"}
"""Parts whose quantity in a sheet has another name."""
LAYERS_WITH_STATE_AREA = 5
"""Number of layers whose outputs the release includes in the area."""


@dataclass(frozen=True)
class _Mapped:
    """A layer on crossbars: PEs, kernel elements, outputs per filter, and elements of input and output."""

    name: str
    processors: int
    kernel: int
    positions: int
    inputs: int
    outputs: int

    @property
    def cycles(self) -> int:
        """Number of PE cycles per step."""
        return self.processors * self.positions


def crossbar_energy(workload: Workload, accelerator: Figures, options: ModelOptions) -> Answer:
    """Energy by part, latency and area of a workload on crossbars.

    Parameters
    ----------
    workload
        Workload with layers; their densities are not used.
    accelerator
        A sheet of the kind ``in-memory crossbar``.
    options
        Steps and accounting. The dataflow is not used, because crossbars keep their weights.

    Returns
    -------
    Answer
        Counts: ``processing_elements``, ``pe_cycles_per_step``, ``pe_cycles``, ``tiles``, ``pipeline_cycles``. All
        values are None, with a reason, for shared neurons or quantised potentials, which the release does not model.
    """
    try:
        _require_modelled(workload, options)
        rows = whole(accelerator, "crossbar_rows")
        groups = rows / whole(accelerator, "columns_per_adc")
    except Unpublished as missing:
        return Answer.unknown(accelerator.name, MODEL, str(missing))
    layers = _mapped(workload.layers, rows, options.as_published)
    processors, per_step = (sum(getattr(layer, name) for layer in layers) for name in ("processors", "cycles"))
    counts = {"processing_elements": processors, "pe_cycles_per_step": per_step, "pe_cycles": options.steps * per_step}
    reasons: dict[str, str] = {}
    energy_j = or_reason(lambda: _energy_parts(layers, groups, options.steps, accelerator), "energy_j", reasons)
    refused = _refused(layers) if options.as_published else None
    if refused is not None:
        reasons |= dict.fromkeys(("latency_s", "area_m2"), refused)
        return Answer(accelerator.name, MODEL, energy_j or {}, counts=counts, reasons=reasons)
    cycles = or_reason(lambda: _pipeline_cycles(layers, options.steps, accelerator), "latency_s", reasons)
    tiles = or_reason(lambda: math.ceil(processors / whole(accelerator, "elements_per_tile")), "area_m2", reasons)
    with_state = layers[:LAYERS_WITH_STATE_AREA] if options.as_published else layers
    latency_s = area_m2 = None
    if cycles is not None:
        counts["pipeline_cycles"] = cycles
        latency_s = or_reason(
            lambda: cycles * figure(accelerator, "cycle_clocks") / figure(accelerator, "clock_hz"), "latency_s", reasons
        )
    if tiles is not None:
        counts["tiles"] = tiles
        area_m2 = or_reason(
            lambda: tiles * _tile_area(layers, groups, accelerator) + _memory_area(layers, with_state, accelerator),
            "area_m2",
            reasons,
        )
    return Answer(accelerator.name, MODEL, energy_j or {}, latency_s, area_m2, counts, reasons)


def _require_modelled(workload: Workload, options: ModelOptions) -> None:
    """Raise `Unpublished` if the model cannot answer."""
    if not workload.layers:
        raise Unpublished(workload.why_no_layers or "the workload has no layers")
    if options.lif_sharing != 1:
        raise Unpublished("this model of crossbars does not support neurons that several channels share")
    if options.membrane_bits is not None:
        raise Unpublished("this model of crossbars supports only membrane potentials of the width in the sheet")


def _mapped(layers: Sequence[Layer], rows: int, as_published: bool) -> list[_Mapped]:
    """Each layer on crossbars."""
    side = max(max(layer.kernel) for layer in layers)
    found = []
    for layer in layers:
        channels, filters = layer.channels // layer.groups, layer.filters // layer.groups
        processors = layer.groups * math.ceil(channels / rows) * math.ceil(filters / rows)
        height, width = (length // layer.pooling if as_published else length for length in layer.output_size)
        kernel = side**2 if as_published else layer.kernel[0] * layer.kernel[1]
        positions = height * width
        found.append(_Mapped(layer.name, processors, kernel, positions, layer.inputs, layer.filters * positions))
    return found


def _refused(layers: Sequence[_Mapped]) -> str | None:
    """Why the release stops before counting tiles; None if it does not stop."""
    for before, after in itertools.pairwise(layers):
        if after.processors < before.processors:
            return (
                f"the release refuses layers that need fewer processing elements than the previous layer: {after.name} "
                f"needs {after.processors}, and {before.name} needs {before.processors}"
            )
    return None


def _energy_parts(layers: Sequence[_Mapped], groups: float, steps: int, sheet: Figures) -> dict[str, float]:
    """Energy of all steps by part, J."""
    cycles = steps * sum(layer.cycles for layer in layers)
    amounts = {
        "crossbar": groups * steps * sum(layer.cycles * layer.kernel for layer in layers),
        "adc": groups**2 * cycles,
        "mux": groups**2 * cycles,
        "subtractor": figure(sheet, "subtractors_per_group") * groups * cycles,
        "temporary_buffer": groups * cycles,
        **dict.fromkeys(("tile_buffer", "h_tree", "fetch", "neuron"), cycles),
    }
    return {part: amounts[part] * figure(sheet, f"{ENERGY_KEYS.get(part, part)}_j") for part in PARTS}


def _pipeline_cycles(layers: Sequence[_Mapped], steps: int, sheet: Figures) -> int:
    """Cycles until the last output of the last step."""
    share = figure(sheet, "layer_start_share")
    *earlier, last = layers
    return steps * (sum(math.floor(share * layer.outputs) for layer in earlier) + last.outputs)


def _tile_area(layers: Sequence[_Mapped], groups: float, sheet: Figures) -> float:
    """Area of a tile, m2."""
    kernel = max(layer.kernel for layer in layers)
    converters = groups * (figure(sheet, "adc_m2") + figure(sheet, "mux_m2"))
    processors = whole(sheet, "elements_per_tile") * (kernel * figure(sheet, "crossbar_element_m2") + converters)
    shared = sum(figure(sheet, f"{part}_m2") for part in ("temporary_buffer", "tile_buffer", "h_tree"))
    return processors + shared + groups * figure(sheet, "subtractor_m2")


def _memory_area(layers: Sequence[_Mapped], with_state: Sequence[_Mapped], sheet: Figures) -> float:
    """Area of the memory for input maps and membrane potentials, m2."""
    values = sum(layer.inputs for layer in layers) + sum(layer.outputs for layer in with_state)
    return figure(sheet, "sram_bit_m2") * figure(sheet, "state_bits") * values
