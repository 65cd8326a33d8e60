"""Accesses to the buffers and to DRAM of a layer on a systolic array.

Elements that one pass over a layer transfers, with E outputs of K products for each of m filters, and folds of R rows
and C columns, ``F = ceil(E / R) ceil(m / C)`` (SATA's release; equal to its results):

====================  ============================================  ================================================
memory                as published                                  corrected
====================  ============================================  ================================================
SRAM, input reads     A_i = E K ceil(m / C)                         the same, without elements in the padding
SRAM, weight reads    A_w = K m                                     the same
SRAM, output writes   A_o = E m + (R + C) F, of which the last      E m
                      term is an artefact of its traces
DRAM, input reads     D_i by `input_reads`; the active half of a    the same; the buffer holds as many elements as
                      buffer of B bytes holds 50 floor(B / 100)     fit in half of its bits
DRAM, weight reads    D_w = K m                                     the same
DRAM, output writes   D_o = E m, and C - 1 more if E m > 16,384     E m
====================  ============================================  ================================================

If weights stay, sums of K > R products are accumulated in the output buffer (our model), into which they are assumed to
fit: each of the E m sums is written to it and read back ``ceil(K / R) - 1`` times. The artefacts, which belong to
outputs that stay, are then absent.

A published access transfers one element of any width. A corrected access transfers as many bits as the sheet states,
and elements are packed: accesses are fractions, and bursts are not rounded up. With T steps and inputs of b bits:

- ``tick_batched``: outputs stay for all steps, and the array transfers each operand once: an input element has the bits
  of all steps, T b. The publication of 2023 does not multiply by T; the publication of 2024 multiplies reads of
  inputs by T b / 8, reads of weights by `weight_bits` / 8, and writes of outputs by `output_bits` / 8, and writes to
  SRAM also by T.
- ``output_stationary``: one step after the other; each step transfers all operands, including the weights.
- ``weight_stationary``: the weights are transferred once, and stay while inputs and sums of all steps stream.

In the corrected accounting, an output is as wide as an input of the next layer, and an output of the last layer has
`output_bits`. Partial sums have `accumulator_register_bits`.

The number of membrane potentials is the number of outputs divided by the n channels that share one (C#n). They stay in
the array if steps are batched. Otherwise, in the corrected accounting, each step reads and writes all of them in the
output buffer, and those that do not fit into it also in DRAM; the published accounting does not include them. An array
that multiplies, for dense networks, has none.

The corrected accounting overestimates two contributions. Inputs of several bits (direct coding) are transferred in each
step, T times, although they may be the same in all steps, which a workload does not state. Outputs of a pooled layer
are written before pooling, with the width of the input of the next layer, which is the width of pooled values.

Left out: accesses that fill the buffers from DRAM.
"""

from dataclasses import dataclass

from simcore.accelerators.answer import OUTPUT_STATIONARY, TICK_BATCHED
from simcore.accelerators.figures import figure, whole
from simcore.accelerators.sheets.quantities import SATA_2024
from simcore.accelerators.sheets.sheet import Accelerator
from simcore.accelerators.systolic.geometry import Geometry
from simcore.accelerators.systolic.input_reads import input_reads
from simcore.accelerators.systolic.power import BYTE, lif_registers, multiplies
from simcore.accelerators.systolic.run import Run
from simcore.accelerators.workloads.workload import Layer

LONG_MAP = 16_384
"""Number of outputs of a layer above which the traces of SATA's release have C - 1 more writes to DRAM."""


@dataclass(frozen=True)
class Memories:
    """The buffers and their contents, in bits.

    Parameters
    ----------
    input_buffer, weight_buffer, output_buffer
        Capacities.
    sram_access, dram_access
        Width of an access.
    weight, output, sum, membrane
        Width of a weight, of an output of the last layer, of a partial sum, and of a membrane potential.
    """

    input_buffer: int
    weight_buffer: int
    output_buffer: int
    sram_access: float
    dram_access: float
    weight: int
    output: int
    sum: int
    membrane: int

    @property
    def buffers(self) -> tuple[int, int, int]:
        """Capacities of the buffers."""
        return self.input_buffer, self.weight_buffer, self.output_buffer

    def holding(self, moved: str) -> int:
        """Capacity of the buffer of inputs, of weights, or of outputs, sums and potentials."""
        return {"input": self.input_buffer, "weight": self.weight_buffer}.get(moved, self.output_buffer)


def memories_of(accelerator: Accelerator, run: Run) -> Memories:
    """The buffers of an accelerator.

    Raises
    ------
    Unpublished
        If the sheet does not state one of them.
    """
    return Memories(
        whole(accelerator, "input_buffer_bits"),
        whole(accelerator, "weight_buffer_bits"),
        whole(accelerator, "output_buffer_bits"),
        figure(accelerator, "sram_access_bits"),
        figure(accelerator, "dram_access_bits"),
        whole(accelerator, "weight_bits"),
        whole(accelerator, "output_bits"),
        whole(accelerator, "accumulator_register_bits"),
        0 if multiplies(accelerator) else run.membrane_bits or lif_registers(accelerator)[-1],
    )


def input_capacity(layer: Layer, run: Run, memories: Memories) -> int:
    """Elements of the input of a layer at which the input buffer is emptied."""
    if run.accounting is not None:
        return max(50 * (memories.input_buffer // BYTE // 100), 1)
    # Number of steps in an input element of the buffer.
    packed = 1 if run.dataflow == OUTPUT_STATIONARY else run.steps
    return max(memories.input_buffer // 2 // (packed * layer.input_bits), 1)


def published_accesses(layer: Layer, geometry: Geometry, run: Run, memories: Memories) -> dict[str, float]:
    """Accesses of one group of a layer in all steps, as published: one per element."""
    array, steps = run.array, run.steps
    passes = 1 if run.dataflow == TICK_BATCHED else steps
    outputs = geometry.outputs * geometry.filters
    partial_sums = outputs * (_summands(geometry, run) - 1)
    artefact = extra = 0
    if array.outputs_stay:
        folds = -(-geometry.outputs // array.rows) * array.filter_folds(geometry)
        artefact = (array.rows + array.columns) * folds
        extra = array.columns - 1 if outputs > LONG_MAP else 0
    of_inputs = of_outputs = of_stores = float(passes)
    of_weights = float(_weight_passes(run))
    if run.accounting == SATA_2024:
        width = memories.output / BYTE
        of_inputs, of_outputs, of_stores = steps * layer.input_bits / BYTE, steps * width, passes * width
        of_weights *= memories.weight / BYTE
    demands = geometry.outputs * geometry.products * array.filter_folds(geometry)
    weights = geometry.products * geometry.filters * of_weights
    reads = input_reads(geometry, array, input_capacity(layer, run, memories))
    return {
        "sram_input_reads": demands * of_inputs,
        "sram_weight_reads": weights,
        "sram_output_reads": float(partial_sums * steps),
        "sram_output_writes": (outputs + artefact) * of_outputs + partial_sums * steps,
        "dram_input_reads": reads * of_inputs,
        "dram_weight_reads": weights,
        "dram_output_writes": (outputs + extra) * of_stores,
    }


def packed_accesses(
    layer: Layer, geometry: Geometry, run: Run, memories: Memories, output_bits: int
) -> dict[str, float]:
    """Accesses of one group of a layer in all steps: transferred bits divided by the width of an access.

    Parameters
    ----------
    layer, geometry
        The layer, and one group of it.
    run, memories
        The array and its buffers.
    output_bits
        Width of an output.
    """
    steps, folds = run.steps, run.array.filter_folds(geometry)
    reads = input_reads(geometry, run.array, input_capacity(layer, run, memories))
    inputs = reads * steps * layer.input_bits
    weights = geometry.products * geometry.filters * _weight_passes(run) * layer.weight_bits
    outputs = geometry.outputs * geometry.filters * steps
    partial_sums = outputs * (_summands(geometry, run) - 1) * memories.sum
    resident, spilled = _membrane_traffic(layer, geometry, run, memories)
    sram = {
        "input_reads": demanded(geometry) * folds * steps * layer.input_bits,
        "weight_reads": weights,
        "output_reads": partial_sums,
        "output_writes": outputs * output_bits + partial_sums,
        "membrane_reads": resident,
        "membrane_writes": resident,
    }
    dram = {
        "input_reads": inputs,
        "weight_reads": weights,
        "output_writes": outputs * output_bits,
        "membrane_reads": spilled,
        "membrane_writes": spilled,
    }
    return {
        **{f"sram_{moved}": bits / memories.sram_access for moved, bits in sram.items()},
        **{f"dram_{moved}": bits / memories.dram_access for moved, bits in dram.items()},
    }


def _membrane_traffic(layer: Layer, geometry: Geometry, run: Run, memories: Memories) -> tuple[float, float]:
    """Bits of the potentials of one group of a layer that are read in all steps from the buffer, and from DRAM."""
    if run.dataflow == TICK_BATCHED:
        return 0.0, 0.0
    potentials = geometry.outputs * geometry.filters * memories.membrane / run.lif_sharing
    # The groups of a layer share the buffer.
    spilled = max(potentials - memories.output_buffer / layer.groups, 0.0)
    return potentials * run.steps, spilled * run.steps


def demanded(geometry: Geometry) -> int:
    """Number of input elements that the outputs of a filter need, with repetitions and without padding."""
    return geometry.channels * _inside(geometry, 0) * _inside(geometry, 1)


def _inside(geometry: Geometry, axis: int) -> int:
    """Number of pairs of an output and a product along an axis whose element is in the input."""
    size, stride, pad = geometry.input_size[axis], geometry.stride[axis], geometry.padding[axis]
    count = 0
    for product in range(geometry.kernel[axis]):
        first = max(-(-(pad - product) // stride), 0)
        last = min((size - 1 + pad - product) // stride, geometry.output_size[axis] - 1)
        count += max(last - first + 1, 0)
    return count


def _summands(geometry: Geometry, run: Run) -> int:
    """Number of partial sums of an output."""
    return 1 if run.array.outputs_stay else -(-geometry.products // run.array.rows)


def _weight_passes(run: Run) -> int:
    """Number of times that the weights are transferred."""
    return run.steps if run.dataflow == OUTPUT_STATIONARY else 1
