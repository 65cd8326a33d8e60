"""Points of workloads: operations, bytes at each level, and utilisation of the units, from layers.

Operations are the products of all layers and steps (effective), and the products of inputs that are not 0 (executed).

- Systolic arrays whose sheet states the buffers (SATA): bytes are the accesses of the corrected accounting of
  `simcore.accelerators.systolic.accesses`, times their width; time and energy are from the model, which assumes that
  transfers are hidden. They are modelled, not measured.
- Other systolic arrays (TPU v1): weights are read from DRAM once for all inputs and steps, and maps remain on the chip.
- Spatial arrays (Eyeriss): each layer transfers its weights once for all inputs and steps, and its inputs and outputs
  once. Mappings that run layer after layer cannot transfer less, so that the intensity is an upper bound.
- Crossbars: weights remain in place, and the model does not count bytes; the energy is from the model.

The utilisation accounts for layers that do not fill the units, without loading and draining: with folds of R rows and C
columns ``u = sum E K m / (R C sum cycles)``, where a fold of outputs takes K cycles, and a fold of weights takes E
cycles. On crossbars of X rows it is ``sum E K m / (X^2 sum ceil(c / X) ceil(m / X) r s E)``. The mapping of
row-stationary arrays is not modelled: all units are assumed to be busy.
"""

import math
from collections.abc import Callable, Mapping

from simcore.accelerators.answer import WEIGHT_STATIONARY, Answer, ModelOptions
from simcore.accelerators.figures import figure, whole
from simcore.accelerators.models import answer
from simcore.accelerators.roofline.machine import Point
from simcore.accelerators.roofline.sheet_machines import DRAM, has_buffers
from simcore.accelerators.sheets.quantities import CROSSBAR, SPATIAL, SYSTOLIC
from simcore.accelerators.sheets.sheet import Accelerator
from simcore.accelerators.systolic.geometry import geometry_of
from simcore.accelerators.systolic.power import BYTE
from simcore.accelerators.systolic.run import Run, run_of
from simcore.accelerators.workloads.numbers import MOST_STEPS
from simcore.accelerators.workloads.workload import Layer, Workload
from simcore.errors import InputError, choice, integer

LARGEST_BATCH = 1 << 20
MODELLED = "our model, not measured"
WAITING = "the model of cycles does not wait for memory"
NO_MAPPING = "row-stationary mappings are not modelled"


def workload_point(workload: Workload, accelerator: Accelerator, steps: int, batch: int = 1) -> Point:
    """A workload on the machine of an accelerator.

    Parameters
    ----------
    workload
        Workload with layers.
    accelerator
        A systolic or spatial array, or a crossbar.
    steps
        Time steps of an inference.
    batch
        Number of inputs that share transferred weights; must be 1 for crossbars and for sheets that state buffers.

    Raises
    ------
    InputError
        If the workload has no layers, the accelerator is of another kind, or an argument is out of range.
    Unpublished
        If the sheet does not state its units.
    """
    steps = integer(steps, "steps", 1, MOST_STEPS)
    batch = integer(batch, "batch", 1, LARGEST_BATCH)
    if not workload.layers:
        raise InputError(f"{workload.name}: {workload.why_no_layers or 'the workload has no layers'}")
    choice(accelerator.kind, f"kind of {accelerator.name}", (SYSTOLIC, SPATIAL, CROSSBAR))
    build: Mapping[str, Callable[[Workload, Accelerator, int, int], Point]] = {
        SYSTOLIC: _buffered if has_buffers(accelerator) else _streaming,
        SPATIAL: _spatial,
        CROSSBAR: _crossbar,
    }
    return build[accelerator.kind](workload, accelerator, steps, batch)


def systolic_utilisation(workload: Workload, run: Run) -> float:
    """Share of the units of a systolic array that work while a workload streams through it."""
    cycles = sum(layer.groups * _streamed_cycles(layer, run) for layer in workload.layers)
    return workload.operations / (run.array.elements * cycles)


def crossbar_utilisation(workload: Workload, rows: int) -> float:
    """Share of the cells of crossbars of `rows` rows that hold a weight, weighted by their cycles."""
    cycles = 0
    for layer in workload.layers:
        crossbars = math.ceil(layer.channels / layer.groups / rows) * math.ceil(layer.filters / layer.groups / rows)
        cycles += layer.groups * crossbars * layer.kernel[0] * layer.kernel[1] * layer.positions
    return workload.operations / (rows**2 * cycles)


def _streamed_cycles(layer: Layer, run: Run) -> int:
    """Cycles of one group of a layer in which operands stream."""
    geometry, array = geometry_of(layer, as_published=False), run.array
    held, streamed = geometry.outputs, geometry.products
    if run.dataflow == WEIGHT_STATIONARY:
        held, streamed = streamed, held
    return -(-held // array.rows) * array.filter_folds(geometry) * streamed


def _executed(workload: Workload, steps: int) -> float | None:
    """Operations of all steps with inputs that are not 0; None if a density is not known."""
    if any(layer.input_density is None for layer in workload.layers):
        return None
    return math.fsum(layer.operations * math.fsum(layer.densities(steps)) for layer in workload.layers)


def _buffered(workload: Workload, accelerator: Accelerator, steps: int, batch: int) -> Point:
    """A point of an array whose buffers are stated: one inference, because inferences do not share transfers."""
    options = ModelOptions(steps)
    found = answer(workload, accelerator, options)
    reasons = {} if found.latency_s is not None else {"time_s": found.reasons["latency_s"]}
    return Point(
        workload.name,
        float(steps * workload.operations),
        _bytes(found, accelerator),
        found.latency_s,
        found.energy_parts_j,
        systolic_utilisation(workload, run_of(accelerator, options)),
        _executed(workload, steps),
        MODELLED,
        reasons if found.energy_parts_j else {**reasons, "energy_j": found.reasons["energy_j"]},
    )


def _bytes(found: Answer, accelerator: Accelerator) -> dict[str, float]:
    """Bytes at each level, from accesses and their widths."""
    moved: dict[str, float] = {}
    for key, accesses in found.counts.items():
        part, _, direction = key.rpartition("_")
        memory, _, what = part.partition("_")
        if memory not in ("sram", "dram"):
            continue
        level = DRAM
        if memory == "sram":
            level = f"{what} buffer" if what in ("input", "weight") else f"output buffer, {direction}"
        width = figure(accelerator, f"{memory}_access_bits") / BYTE
        moved[level] = moved.get(level, 0.0) + accesses * width
    return moved


def _streaming(workload: Workload, accelerator: Accelerator, steps: int, batch: int) -> Point:
    width = figure(accelerator, "operand_bits") / BYTE
    run = run_of(accelerator, ModelOptions(steps))
    return _without_model(
        workload,
        steps,
        batch,
        {DRAM: workload.weights * width},
        systolic_utilisation(workload, run),
        {"time_s": WAITING, "energy_j": "energies of components are not published", "global buffer": "not counted"},
    )


def _spatial(workload: Workload, accelerator: Accelerator, steps: int, batch: int) -> Point:
    width = figure(accelerator, "operand_bits") / BYTE
    maps = sum(layer.inputs + layer.outputs for layer in workload.layers)
    traffic = {DRAM: (workload.weights + maps * steps * batch) * width}
    levels = dict.fromkeys(("scratchpads", "neighbours", "global buffer"), NO_MAPPING)
    reasons = {"time_s": NO_MAPPING, "energy_j": "energies are published only relative to an operation", **levels}
    return _without_model(workload, steps, batch, traffic, 1.0, reasons)


def _without_model(
    workload: Workload,
    steps: int,
    batch: int,
    traffic: Mapping[str, float],
    utilisation: float,
    reasons: Mapping[str, str],
) -> Point:
    executed = _executed(workload, steps)
    return Point(
        workload.name,
        float(workload.operations * steps * batch),
        traffic,
        None,
        {},
        utilisation,
        None if executed is None else executed * batch,
        f"layers, batch of {batch}",
        reasons,
    )


def _crossbar(workload: Workload, accelerator: Accelerator, steps: int, batch: int) -> Point:
    found = answer(workload, accelerator, ModelOptions(steps))
    reasons = {
        "time_s": "the latency is of a chip with as many crossbars as its network needs, not of one crossbar",
        "tile buffer": "the model counts cycles, not bytes",
    }
    return Point(
        workload.name,
        float(steps * workload.operations),
        {},
        None,
        found.energy_parts_j,
        crossbar_utilisation(workload, whole(accelerator, "crossbar_rows")),
        _executed(workload, steps),
        MODELLED,
        reasons if found.energy_parts_j else {**reasons, "energy_j": found.reasons["energy_j"]},
    )
