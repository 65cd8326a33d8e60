"""What to do about the part that bounds the steps of a chip: one paragraph with numbers."""

from collections.abc import Callable, Mapping

import numpy as np
import numpy.typing as npt

from simcore.display.words import counted
from simcore.neuromorphic.costs.floorline import (
    STATES,
    UNKNOWN,
    FloatArray,
    Profile,
    imbalance,
    mean_durations,
    run_state,
)
from simcore.neuromorphic.wording import duration

ROUNDING = 1e-9
"""Relative difference of two times that is none."""


def advice(profile: Profile) -> str:
    """What bounds the run, and what would lower the time of its steps; at best, for other parts may grow.

    Parameters
    ----------
    profile
        Of a run with at least one step.
    """
    state = run_state(profile)
    if state == UNKNOWN:
        known = ", ".join(profile.durations) or "none"
        return f"What bounds the steps is unknown: two of {', '.join(STATES)} must be known to compare; known: {known}."
    missing = [name for name in STATES if name not in profile.durations]
    compared = f"Not known, and not compared: {', '.join(missing)}." if missing else ""
    waits = _waits(profile)
    sentences = [_share(profile, state), ADVICE[state](profile), compared]
    if waits.all():
        sentences[1] = "In all steps the work is done before the tick ends: only a shorter tick would shorten them."
    elif waits.any():
        told = f"In {int(waits.sum()):,} of {profile.steps:,} steps the work is done before the tick ends"
        sentences.insert(2, f"{told}: they take as long anyway.")
    return " ".join(sentence for sentence in sentences if sentence)


def _share(profile: Profile, state: str) -> str:
    part = mean_durations(profile)[state]
    return f"{state.capitalize()}-bound: of a step of {duration(_mean_step(profile))}, {NAMES[state]} {duration(part)}."


def _memory(profile: Profile) -> str:
    ratios = imbalance(profile)
    mean = profile.synops / len(profile.core_synops)
    level = np.divide(mean, profile.synops_max, out=np.ones(profile.steps), where=profile.synops_max > 0)
    then = _mean_step(profile, {"memory": profile.durations["memory"] * level})
    return (
        f"The largest core of a step has {_times(ratios['synops_in_step'])} the mean of synaptic events; over the run "
        f"the largest has {_times(ratios['synops'])}. A mapping that is perfectly balanced in every step would "
        f"lower the step from {duration(_mean_step(profile))} to {duration(then)}; fewer synaptic events or more cores "
        "lower what remains."
    )


def _compute(profile: Profile) -> str:
    fullest = int(profile.core_neurons.max())
    told = f"The fullest core has {counted(fullest, 'neuron')}, {_times(imbalance(profile)['neurons'])} the mean."
    if fullest < 2:
        return told
    halves = {part: time / 2.0 for part, time in profile.durations.items() if part in ("compute", "memory")}
    return (
        f"{told} With half as many neurons per core, on twice as many cores, computation and memory would take half as "
        f"long at best, and the step {duration(_mean_step(profile, halves))} instead of "
        f"{duration(_mean_step(profile))}, unless the barrier of more tiles is longer."
    )


def _traffic(profile: Profile) -> str:
    busiest = int(profile.link_messages.argmax())
    messages = int(profile.link_messages[busiest])
    over = messages / float(profile.link_messages.mean())
    then = _mean_step(profile, {"traffic": np.zeros(profile.steps)})
    return (
        f"The busiest link, {profile.link_origin[busiest]} -> {profile.link_target[busiest]}, carries "
        f"{counted(messages, 'message')} in the run, {_times(over)} the mean of the links; in one step a link carries "
        f"up to {int(profile.link_messages_max.max()):,}. Neurons that reach each other placed on nearer cores, or "
        f"fewer spikes, would lower the step from {duration(_mean_step(profile))} towards {duration(then)}."
    )


def _barrier(profile: Profile) -> str:
    means = mean_durations(profile)
    barrier = means.pop("barrier")
    longest = max(means, key=lambda state: means[state])
    told = f"The longest other part, {longest}, takes {duration(means[longest])}."
    cores, fullest = len(profile.core_neurons), int(profile.core_neurons.max())
    if cores == 1:
        return told
    twice = {part: time * 2.0 for part, time in profile.durations.items() if part in ("compute", "memory")}
    if profile.barrier_overlaps:
        others = {part: time for part, time in {**profile.durations, **twice}.items() if part != "barrier"}
        then = float(np.max(list(others.values()), axis=0).mean())
        return (
            f"{told} The barrier overlaps with the work: with twice as many neurons per core (now at most "
            f"{counted(fullest, 'neuron')} on {cores:,} cores) memory and computation would take about twice as long, "
            f"and all parts but the barrier {duration(then)}; fewer tiles, if limits allow them, would shorten the "
            "barrier."
        )
    enough = barrier - float((_work(profile, twice) - _work(profile, {})).mean())
    gain = f"only a barrier below {duration(enough)} would" if enough > 0.0 else "no barrier is short enough to"
    return (
        f"{told} Fewer tiles, if limits allow them, would shorten the barrier, but with twice as many neurons per core "
        f"(now at most {counted(fullest, 'neuron')} on {cores:,} cores) memory and computation would "
        f"take about twice as long: {gain} make up for it."
    )


def _waits(profile: Profile) -> npt.NDArray[np.bool_]:
    """Steps that last longer than their work: a chip with a fixed tick waits for its end."""
    if profile.total_s is None:
        return np.zeros(profile.steps, dtype=np.bool_)
    return profile.total_s > _work(profile, {}) * (1.0 + ROUNDING)


def _work(profile: Profile, changed: Mapping[str, FloatArray]) -> FloatArray:
    """Time of the work of each step, with some parts changed: the longest of its parts, then a barrier after them."""
    parts = {**profile.durations, **changed}
    if profile.barrier_overlaps:
        return np.asarray(np.max(list(parts.values()), axis=0))
    work = parts.pop("barrier", np.zeros(profile.steps)).copy()
    work += np.max(list(parts.values()), axis=0)
    return work


def _mean_step(profile: Profile, changed: Mapping[str, FloatArray] | None = None) -> float:
    """Mean time of the steps, with some parts changed; no step is shorter than the tick that others wait for."""
    if changed is None and profile.total_s is not None:
        return float(profile.total_s.mean())
    work, waits = _work(profile, changed or {}), _waits(profile)
    if profile.total_s is not None and waits.any():
        work = np.maximum(work, profile.total_s[waits].max())
    return float(work.mean())


def _times(ratio: float | None) -> str:
    return "an unknown multiple of" if ratio is None else f"{ratio:.3g} times"


NAMES: Mapping[str, str] = {
    "memory": "memory takes",
    "compute": "computation takes",
    "traffic": "the busiest link takes",
    "barrier": "the barrier takes",
}
ADVICE: Mapping[str, Callable[[Profile], str]] = {
    "memory": _memory,
    "compute": _compute,
    "traffic": _traffic,
    "barrier": _barrier,
}
