"""Rows of a workload on accelerators and chips: one for each number of steps and each accounting."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from benchnn.accelerators.plan import AcceleratePlan
from benchnn.accelerators.record_keys import AS_PUBLISHED, CORRECTED
from simcore.accelerators.answer import Answer, ModelOptions
from simcore.accelerators.early_exit import exit_costs
from simcore.accelerators.models import answer, published_accounting
from simcore.accelerators.sheets.sheet import Accelerator

COSTS = ("energy_j", "latency_s", "energy_delay_js", "energy_delay_of_means_js", "area_m2")
NO_RUN = "a chip answers for runs: give the folder of a benchnn infer --chip as the workload"


def rows_of(plan: AcceleratePlan) -> list[dict[str, Any]]:
    """Rows of the record: accelerators in the order of the plan, then chips.

    Raises
    ------
    InputError
        If an option does not fit a model, or a density is not known.
    """
    rows = []
    for accelerator in plan.accelerators:
        for accounting in accountings(plan, accelerator):
            rows += [_row(plan, accelerator, accounting, steps) for steps in plan.steps]
    return rows + [_chip_row(plan, chip, steps) for chip in plan.chips for steps in plan.steps]


def accountings(plan: AcceleratePlan, accelerator: Accelerator) -> list[str]:
    """The accountings of an accelerator that were asked for; the corrected one where none is published."""
    has = [AS_PUBLISHED, CORRECTED] if published_accounting(accelerator) else [CORRECTED]
    return [one for one in has if one in plan.accountings] or has[-1:]


def model_options(plan: AcceleratePlan, accounting: str, steps: int) -> ModelOptions:
    """The options of a model."""
    return ModelOptions(steps, plan.dataflow, plan.lif_sharing, plan.membrane_bits, accounting == AS_PUBLISHED)


def _row(plan: AcceleratePlan, accelerator: Accelerator, accounting: str, steps: int) -> dict[str, Any]:
    shares = plan.exit_shares(steps)
    if shares is None:
        found = answer(plan.workload, accelerator, model_options(plan, accounting, steps))
        return {**_frame(accelerator.name, found.model, accounting, steps, steps), **_costs(found)}
    answers = [
        answer(plan.workload, accelerator, model_options(plan, accounting, count)) for count in range(1, steps + 1)
    ]
    mean_steps = math.fsum(count * share for count, share in enumerate(shares, 1))
    frame = _frame(accelerator.name, answers[0].model, accounting, steps, mean_steps)
    return {**frame, **_mean_costs(answers, shares)}


def _frame(
    on: str, model: str, accounting: str | None, steps: int, mean_steps: float, network: str | None = None
) -> dict[str, Any]:
    return {
        "on": on,
        "model": model,
        "accounting": accounting,
        "network": network,
        "steps": steps,
        "mean_steps": mean_steps,
    }


def _costs(found: Answer) -> dict[str, Any]:
    """Costs of inferences that all have the same number of steps."""
    energy, latency = found.energy_j, found.latency_s
    product = None if energy is None or latency is None else energy * latency
    return _with_reasons(found, energy, latency, product, product, dict(found.energy_parts_j), dict(found.counts))


def _mean_costs(answers: Sequence[Answer], shares: Sequence[float]) -> dict[str, Any]:
    """Costs of the mean inference, where shares of them end after different numbers of steps."""
    costs, last = exit_costs(shares, answers), answers[-1]
    parts = {name: _mean([one.energy_parts_j for one in answers], name, shares) for name in last.energy_parts_j}
    counts = {name: _mean([one.counts for one in answers], name, shares) for name in last.counts}
    return _with_reasons(
        last, costs.energy_j, costs.latency_s, costs.mean_of_products_js, costs.product_of_means_js, parts, counts
    )


def _mean(values: Sequence[Mapping[str, float]], name: str, shares: Sequence[float]) -> float:
    return math.fsum(share * one[name] for share, one in zip(shares, values, strict=True) if share)


def _with_reasons(
    found: Answer,
    energy: float | None,
    latency: float | None,
    product: float | None,
    of_means: float | None,
    parts: Mapping[str, float],
    counts: Mapping[str, float],
) -> dict[str, Any]:
    reasons = dict(found.reasons)
    if product is None:
        why = reasons.get("energy_j") or reasons["latency_s"]
        reasons |= {"energy_delay_js": why, "energy_delay_of_means_js": why}
    return {
        "energy_j": energy,
        "energy_parts_j": parts,
        "latency_s": latency,
        "energy_delay_js": product,
        "energy_delay_of_means_js": of_means,
        "area_m2": found.area_m2,
        "counts": counts,
        "reasons": reasons,
        "lower_bounds": dict(found.lower_bounds),
    }


def _chip_row(plan: AcceleratePlan, chip: str, steps: int) -> dict[str, Any]:
    """What a run counted on a chip; null for workloads that do not come from such a run."""
    measured = None if plan.run is None else plan.run.on_chip(chip, steps)
    mean_steps = steps if measured is None else measured.mean_steps
    frame = _frame(chip, "neuromorphic chip", None, steps, mean_steps, None if measured is None else measured.network)
    if measured is None:
        why = NO_RUN if plan.run is None else f"the run has no row of {steps} steps on {chip}"
        reasons = dict.fromkeys(COSTS, why)
        costs = dict.fromkeys(COSTS)
        return {**frame, **costs, "energy_parts_j": {}, "counts": {}, "reasons": reasons, "lower_bounds": {}}
    energy, latency, product = (measured.costs[key] for key in ("energy_j", "latency_s", "energy_delay_js"))
    reasons = {key: why for key, why in measured.reasons.items() if key in COSTS}
    reasons |= {
        "energy_delay_of_means_js": reasons.get("energy_delay_js", "it is that of the means, energy_delay_js"),
        "area_m2": "the area of the cores in use is not counted",
    }
    return {
        **frame,
        "energy_j": energy,
        "energy_parts_j": {},
        "latency_s": latency,
        "energy_delay_js": product,
        "energy_delay_of_means_js": product,
        "area_m2": None,
        "counts": {},
        "reasons": reasons,
        "lower_bounds": dict(measured.lower_bounds),
    }
