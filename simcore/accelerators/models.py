"""The models of accelerators, by the kind of their sheets, and what each includes and leaves out."""

from collections.abc import Callable
from dataclasses import dataclass, replace

from simcore.accelerators.answer import Answer, ModelOptions
from simcore.accelerators.crossbar import crossbar_energy
from simcore.accelerators.estimate import estimate
from simcore.accelerators.sheets.quantities import ANALOGUE, CROSSBAR, OPERATIONS, SPATIAL, SYSTOLIC, TRAINING
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
        In words.
    answer
        The model: workload, sheet and options in, energy, latency and area of an inference out.
    includes, leaves_out
        What its energy covers and what it does not, in words.
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
    TRAINING: "the sheet is of training: its energies are relative, and an inference has none of them",
    ANALOGUE: "the sheet is of cells, wires and converters: it says which sums they give, not at which energy",
    SPATIAL: "row-stationary arrays have no model here: its accesses per layer are not published",
}
"""Kinds of sheets that answer no inference, and why."""
DENSE = replace(
    MODELS[SYSTOLIC],
    includes="DRAM, on-chip buffers, scratchpads, multiplications, sums and ReLUs of a digital array, with leakage",
)
"""Of arrays that multiply, for dense networks."""


def model_of(accelerator: Accelerator) -> Model | None:
    """The model that answers for a sheet; None if there is none."""
    if accelerator.kind == SYSTOLIC and multiplies(accelerator):
        return DENSE
    return MODELS.get(accelerator.kind)


def published_accounting(accelerator: Accelerator) -> bool:
    """Whether the accounting of those who published a model can be followed for a sheet."""
    if accelerator.kind == SYSTOLIC:
        return accelerator.word("accounting") is not None
    return accelerator.kind in MODELS


def answer(workload: Workload, accelerator: Accelerator, options: ModelOptions) -> Answer:
    """What a workload needs on an accelerator, by the model of its kind; values are None where there is no model.

    Raises
    ------
    InputError
        If an option does not fit, or a density is not known.
    """
    model = MODELS.get(accelerator.kind)
    if model is not None:
        return model.answer(workload, accelerator, options)
    why = WITHOUT_MODEL[accelerator.kind]
    return Answer(accelerator.name, accelerator.kind, reasons=dict.fromkeys(("energy_j", "latency_s", "area_m2"), why))
