"""Rows of a workload on accelerators and chips: one for each number of steps and each accounting."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from benchnn.accelerators.plan import AcceleratePlan
from benchnn.accelerators.record_keys import AS_PUBLISHED, CORRECTED
from simcore.accelerators.answer import TICK_BATCHED, ModelOptions
from simcore.accelerators.early_exit import TICK_BATCHED_EXIT, exit_costs
from simcore.accelerators.models import answer, published_accounting
from simcore.accelerators.sheets.quantities import SYSTOLIC
from simcore.accelerators.sheets.sheet import Accelerator

COSTS = ("energy_j", "latency_s", "energy_delay_js", "energy_delay_of_means_js", "area_m2")
CHIP = "neuromorphic chip"
NO_RUN = "a chip requires a run as the workload: give a folder written by benchnn infer --chip"


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
    """The requested accountings of an accelerator; the corrected accounting if none is published."""
    has = [AS_PUBLISHED, CORRECTED] if published_accounting(accelerator) else [CORRECTED]
    return [one for one in has if one in plan.accountings] or has[-1:]


def model_options(plan: AcceleratePlan, accounting: str, steps: int) -> ModelOptions:
    """The options of a model."""
    return ModelOptions(steps, plan.dataflow, plan.lif_sharing, plan.membrane_bits, accounting == AS_PUBLISHED)


def _row(plan: AcceleratePlan, accelerator: Accelerator, accounting: str, steps: int) -> dict[str, Any]:
    """Costs of an inference, averaged over samples if they are answered after different numbers of steps."""
    exits = plan.exit_shares(steps)
    lengths, shares = ((steps,), (1.0,)) if exits is None else (range(1, steps + 1), exits)
    answers = [answer(plan.workload, accelerator, model_options(plan, accounting, length)) for length in lengths]
    mean_steps = math.fsum(length * share for length, share in zip(lengths, shares, strict=True))
    costs = exit_costs(shares, answers)
    found, reasons, bounds = answers[-1], dict(answers[-1].reasons), dict(answers[-1].lower_bounds)
    values = {
        "energy_j": costs.energy_j,
        "latency_s": costs.latency_s,
        "energy_delay_js": costs.mean_of_products_js,
        "energy_delay_of_means_js": costs.product_of_means_js,
        "area_m2": found.area_m2,
    }
    if costs.product_of_means_js is None:
        why = reasons.get("energy_j") or reasons["latency_s"]
        reasons |= {"energy_delay_js": why, "energy_delay_of_means_js": why}
    if exits is not None and (plan.dataflow or _dataflow(accelerator)) == TICK_BATCHED:
        for key in ("energy_j", "latency_s"):
            bounds[key] = "; ".join(filter(None, (bounds.get(key), TICK_BATCHED_EXIT)))
    return {
        **_frame(accelerator.name, found.model, accounting, steps, mean_steps),
        **values,
        "energy_parts_j": _means([one.energy_parts_j for one in answers], shares),
        "counts": _means([one.counts for one in answers], shares),
        "reasons": reasons,
        "lower_bounds": _with_products(bounds, values),
    }


def _dataflow(accelerator: Accelerator) -> str | bool | None:
    return accelerator.word("dataflow") if accelerator.kind == SYSTOLIC else None


def _means(values: Sequence[Mapping[str, float]], shares: Sequence[float]) -> dict[str, float]:
    """Mean of each entry, weighted with shares."""
    pairs = [pair for pair in zip(shares, values, strict=True) if pair[0]]
    return {name: math.fsum(share * one[name] for share, one in pairs) for name in values[-1]}


def _frame(
    on: str,
    model: str,
    accounting: str | None,
    steps: int,
    mean_steps: float,
    network: str | None = None,
    accuracy: Mapping[str, float] | None = None,
) -> dict[str, Any]:
    return {
        "on": on,
        "model": model,
        "accounting": accounting,
        "network": network,
        "accuracy": accuracy,
        "steps": steps,
        "mean_steps": mean_steps,
    }


def _chip_row(plan: AcceleratePlan, chip: str, steps: int) -> dict[str, Any]:
    """Costs that a run counted on a chip; None for workloads from other sources."""
    measured = None if plan.run is None else plan.run.on_chip(chip, steps)
    if plan.run is None or measured is None:
        why = NO_RUN if plan.run is None else f"the run has no row with {steps} steps on {chip}"
        frame = _frame(chip, CHIP, None, steps, steps)
        nothing = {"energy_parts_j": {}, "counts": {}, "reasons": dict.fromkeys(COSTS, why), "lower_bounds": {}}
        return {**frame, **dict.fromkeys(COSTS), **nothing}
    energy, latency, product = (measured.costs[key] for key in ("energy_j", "latency_s", "energy_delay_js"))
    reasons = {key: why for key, why in measured.reasons.items() if key in COSTS}
    if product is None:
        reasons["energy_delay_of_means_js"] = reasons["energy_delay_js"]
    elif plan.exit_entropy is not None:
        reasons["energy_delay_js"] = "the run stores the means of energy and latency, not the mean of their products"
    bounds = dict(measured.lower_bounds)
    if plan.run.direct_products:
        outside = f"{plan.run.direct_products:,} products per sample with the weights of the first layer"
        for key in ("energy_j", "latency_s"):
            bounds[key] = "; ".join(filter(None, (bounds.get(key), f"{outside}, computed outside the chip")))
    costs = {
        "energy_j": energy,
        "latency_s": latency,
        "energy_delay_js": None if "energy_delay_js" in reasons else product,
        "energy_delay_of_means_js": product,
        "area_m2": None,
    }
    reasons["area_m2"] = "the area of the cores in use is not counted"
    return {
        **_frame(chip, CHIP, None, steps, measured.mean_steps, measured.network, measured.accuracy),
        **costs,
        "energy_parts_j": {},
        "counts": {},
        "reasons": reasons,
        "lower_bounds": _with_products(bounds, costs),
    }


def _with_products(bounds: Mapping[str, str], costs: Mapping[str, float | None]) -> dict[str, str]:
    """The lower bounds, with the bounds of products of energy and latency, which inherit them."""
    inherited = [key for key in ("energy_j", "latency_s") if key in bounds and costs[key] is not None]
    words = " and ".join(key.partition("_")[0] for key in inherited)
    products = {
        key: f"the parts that {words} {'leave' if len(inherited) > 1 else 'leaves'} out"
        for key in ("energy_delay_js", "energy_delay_of_means_js")
        if inherited and costs[key] is not None
    }
    return {**{key: text for key, text in bounds.items() if costs.get(key) is not None}, **products}
