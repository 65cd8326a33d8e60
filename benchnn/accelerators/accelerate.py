"""Execution of ``benchnn accelerate``: answers of all accelerators, the record, and its folder."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from benchnn.accelerators.evaluation import rows_of
from benchnn.accelerators.plan import AcceleratePlan, TrainingPlan
from benchnn.accelerators.published import compared_figures
from benchnn.accelerators.record_keys import AS_PUBLISHED, RECORD, SCHEMA_VERSION
from benchnn.studies.study import write_record
from simcore.accelerators.models import model_of
from simcore.accelerators.sheets.parser import accelerator_names, load_accelerator
from simcore.accelerators.sheets.quantities import CROSSBAR, SYSTOLIC
from simcore.accelerators.sheets.sheet import Accelerator
from simcore.accelerators.training import TrainingOptions, systolic_training
from simcore.accelerators.workloads.workload import Layer, Workload

SEVERAL = (
    "Energies, latencies and areas of different models cover different parts: do not rank accelerators by the ratio of "
    "their rows. Compare rows of one model."
)
TWO_REGIMES = (
    "SATA and SpikeSim describe two regimes, not one machine: SATA includes DRAM and idle units, whereas a crossbar "
    "keeps its weights, includes neither, and does not use sparsity. Their ratio does not compare hardware."
)
CHIPS = (
    "Rows of chips follow from the spikes of the run and the published energies of the chip, with its limits and "
    "routes; rows of accelerators follow from layers and densities."
)


def run_accelerate(plan: AcceleratePlan, command: Sequence[str]) -> dict[str, Any]:
    """Evaluate all models, and write the record if a folder was given.

    Parameters
    ----------
    plan
        The plan, whose folder exists.
    command
        The command line, for the record.

    Returns
    -------
    dict
        The record, ``accelerators.json``.
    """
    rows = rows_of(plan)
    record = {
        "schema_version": SCHEMA_VERSION,
        "command": list(command),
        "workload": {**workload_record(plan.workload, plan.origin), "densities": plan.densities},
        "options": {
            "density": plan.density,
            "activity": plan.activity,
            "weight_bits": plan.weight_bits,
            "exit_entropy": plan.exit_entropy,
            "dataflow": plan.dataflow,
            "lif_sharing": plan.lif_sharing,
            "membrane_bits": plan.membrane_bits,
            "accountings": list(plan.accountings),
            "training": [
                {key: value for key, value in vars(one).items() if key != "accelerator"} for one in plan.training[:1]
            ],
        },
        "accuracy": None if plan.run is None else plan.run.accuracy,
        "models": [
            _model(one, any(row["on"] == one.name and row["energy_j"] is not None for row in rows))
            for one in plan.accelerators
        ],
        "cautions": cautions(plan),
        "rows": rows,
        "training": [
            _training(plan, one, accounting, steps)
            for one in plan.training
            for accounting in plan.accountings
            for steps in plan.steps
        ],
        "published": compared_figures(plan.workload.name, [one.name for one in plan.accelerators if _is_shipped(one)])
        if plan.compare
        else None,
    }
    if plan.folder is not None:
        write_record(plan.folder / RECORD, record)
    return record


def _model(accelerator: Accelerator, has_energy: bool) -> dict[str, Any]:
    """The sheet and the model of a row, and the parts that its energy covers, if it is known."""
    model = model_of(accelerator)
    covers = has_energy and model is not None
    return {
        "on": accelerator.name,
        "sheet_sha256": accelerator.sha256,
        "model": accelerator.kind if model is None else model.name,
        "includes": model.includes if model is not None and covers else None,
        "leaves_out": model.leaves_out if model is not None and covers else None,
    }


def _is_shipped(accelerator: Accelerator) -> bool:
    """Whether a sheet is an included sheet, and not a sheet of the user with the same name."""
    name = accelerator.name
    return name in accelerator_names() and load_accelerator(name).sha256 == accelerator.sha256


def _training(plan: AcceleratePlan, training: TrainingPlan, accounting: str, steps: int) -> dict[str, Any]:
    """Relative energy of training, as for JSON."""
    sparsity, published = training.gradient_sparsity, accounting == AS_PUBLISHED
    options = TrainingOptions(steps, sparsity, training.forward_bits, training.packed_spikes, as_published=published)
    found = systolic_training(plan.workload, training.accelerator, options).plain()
    return {"on": found.pop("accelerator"), "accounting": accounting, "steps": steps, **found}


def cautions(plan: AcceleratePlan) -> list[str]:
    """Sentences on rows that must not be compared."""
    kinds = {one.kind for one in plan.accelerators}
    found = [SEVERAL] if len(kinds) + bool(plan.chips) > 1 else []
    found += [TWO_REGIMES] if {SYSTOLIC, CROSSBAR} <= kinds else []
    return found + ([CHIPS] if plan.chips and kinds else [])


def workload_record(workload: Workload, origin: str) -> dict[str, Any]:
    """A workload as for JSON."""
    reasons = {} if workload.why_no_layers is None else {"layers": workload.why_no_layers}
    listed = bool(workload.layers)
    return {
        "name": workload.name,
        "title": workload.title,
        "origin": origin,
        "measured": workload.measured,
        "steps": workload.steps,
        "operations": workload.operations if listed else None,
        "weights": workload.weights if listed else None,
        "data": workload.data if listed else None,
        "layers": [_layer(layer) for layer in workload.layers],
        "sources": dict(workload.sources),
        "note": workload.note,
        "reasons": reasons,
    }


def _layer(layer: Layer) -> Mapping[str, Any]:
    density = layer.input_density
    return {
        "name": layer.name,
        "kind": layer.kind,
        "channels": layer.channels,
        "filters": layer.filters,
        "input_size": list(layer.input_size),
        "output_size": list(layer.output_size),
        "kernel": list(layer.kernel),
        "stride": list(layer.stride),
        "padding": list(layer.padding),
        "groups": layer.groups,
        "pooling": layer.pooling,
        "weight_bits": layer.weight_bits,
        "input_bits": layer.input_bits,
        "operations": layer.operations,
        "weights": layer.weights,
        "input_density": None if density is None else math.fsum(density) / len(density),
        "weight_density": layer.weight_density,
    }
