"""The models of accelerators by kind of sheet, with the parts that each includes and leaves out."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from simcore.accelerators.answer import Answer, ModelOptions
from simcore.accelerators.crossbar import crossbar_energy
from simcore.accelerators.estimate import estimate
from simcore.accelerators.sheets.quantities import (
    ANALOGUE,
    CROSSBAR,
    MANY_CORE,
    OPERATIONS,
    SPATIAL,
    SYSTOLIC,
    TRAINING,
)
from simcore.accelerators.sheets.sheet import Accelerator
from simcore.accelerators.systolic.inference import systolic_inference
from simcore.accelerators.systolic.power import multiplies
from simcore.accelerators.workloads.workload import Workload


@dataclass(frozen=True)
class Model:
    """A model of one kind of accelerator.

    Parameters
    ----------
    name
        Name of the model.
    answer
        Function of workload, sheet and options that returns energy, latency and area of an inference.
    includes, leaves_out
        Parts that its energy includes and leaves out, in words.
    """

    name: str
    answer: Callable[[Workload, Accelerator, ModelOptions], Answer]
    includes: str
    leaves_out: str


MODELS = {
    SYSTOLIC: Model(
        "systolic array, inference",
        systolic_inference,
        "DRAM, on-chip buffers, scratchpads, accumulations and LIF units of a digital array, with leakage",
        "waiting for memory, the network between buffers and array, control, biases, pooling, and the host",
    ),
    CROSSBAR: Model(
        "in-memory crossbar",
        crossbar_energy,
        "crossbars, converters, buffers of tiles, H-trees and LIF units, each at its full rate",
        "sparsity of spikes, DRAM, leakage, the network between tiles, and bits of weights over several cells",
    ),
    OPERATIONS: Model(
        "estimate",
        estimate,
        "accumulations and multiplications of inputs that are not 0",
        "memory of every kind, LIF units, idle units and leakage",
    ),
}
WITHOUT_MODEL = {
    TRAINING: "this sheet is for training; its relative energies do not apply to inference",
    ANALOGUE: "this sheet describes cells, wires and converters, not their energies",
    SPATIAL: "row-stationary arrays have no model here, because the accesses per layer are not published",
    MANY_CORE: "this sheet describes many designs; use benchnn many-core to compare them",
}
"""Kinds of sheets without a model of inference, with the reason."""
DENSE = replace(
    MODELS[SYSTOLIC],
    includes="DRAM, on-chip buffers, scratchpads, multiplications, sums and ReLUs of a digital array, with leakage",
)
"""Model of arrays that multiply, for dense networks."""


def model_of(accelerator: Accelerator) -> Model | None:
    """The model for a sheet; None if there is none."""
    if accelerator.kind == SYSTOLIC and multiplies(accelerator):
        return DENSE
    return MODELS.get(accelerator.kind)


def published_accounting(accelerator: Accelerator) -> bool:
    """Whether the accounting of the publication of a model can be applied to a sheet."""
    if accelerator.kind == SYSTOLIC:
        return accelerator.word("accounting") is not None
    return accelerator.kind in MODELS


def answer(workload: Workload, accelerator: Accelerator, options: ModelOptions) -> Answer:
    """Costs of a workload on an accelerator with the model of its kind; values are None without a model.

    Raises
    ------
    InputError
        If a density is not known, or the model of the kind refuses a layer.
    """
    model = MODELS.get(accelerator.kind)
    if model is not None:
        return model.answer(workload, accelerator, options)
    return Answer.unknown(accelerator.name, accelerator.kind, WITHOUT_MODEL[accelerator.kind])
