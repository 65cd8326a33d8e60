"""Advice on the part that bounds the steps of a chip: one paragraph with numbers."""

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
"""Relative difference of two times below which they are equal."""


def advice(profile: Profile) -> str:
    """Describe the part that bounds the run, and changes that would shorten its steps at best, as other parts may grow.

    Parameters
    ----------
    profile
        Profile of a run with at least one step.
    """
    state = run_state(profile)
    if state == UNKNOWN:
        known = ", ".join(profile.durations) or "none"
        return f"The state is unknown: at least two of {', '.join(STATES)} must be known; known: {known}."
    missing = [name for name in STATES if name not in profile.durations]
    compared = f"Unknown and therefore not compared: {', '.join(missing)}." if missing else ""
    waits = _waits(profile)
    sentences = [_share(profile, state), ADVICE[state](profile), compared]
    if waits.all():
        sentences[1] = "In all steps the work ends before the tick does: only a shorter tick would shorten them."
    elif waits.any():
        number = f"In {int(waits.sum()):,} of {profile.steps:,} steps"
        sentences.insert(2, f"{number} the work ends before the tick does: these steps would not become shorter.")
    return " ".join(sentence for sentence in sentences if sentence)


def _share(profile: Profile, state: str) -> str:
    part = mean_durations(profile)[state]
    whole = duration(_mean_step(profile))
    return f"{state.capitalize()}-bound: in a mean step of {whole}, {NAMES[state]} {duration(part)}."


def _memory(profile: Profile) -> str:
    ratios = imbalance(profile)
    mean = profile.synops / len(profile.core_synops)
    level = np.divide(mean, profile.synops_max, out=np.ones(profile.steps), where=profile.synops_max > 0)
    then = _mean_step(profile, {"memory": profile.durations["memory"] * level})
    return (
        f"The largest core of a step has {_times(ratios['synops_in_step'])} the mean number of synaptic events; over "
        f"the run, the largest core has {_times(ratios['synops'])} the mean. A mapping that balances every step "
        f"perfectly would shorten the step from {duration(_mean_step(profile))} to {duration(then)}; fewer synaptic "
        "events or more cores would shorten it further."
    )


def _compute(profile: Profile) -> str:
    fullest = int(profile.core_neurons.max())
    load = f"The fullest core has {counted(fullest, 'neuron')}, {_times(imbalance(profile)['neurons'])} the mean."
    if fullest < 2:
        return load
    halves = {part: time / 2.0 for part, time in profile.durations.items() if part in ("compute", "memory")}
    return (
        f"{load} With half as many neurons per core, on twice as many cores, computation and memory would at best take "
        f"half as long, and the step would take {duration(_mean_step(profile, halves))} instead of "
        f"{duration(_mean_step(profile))}, unless the barrier of more tiles is longer."
    )


def _traffic(profile: Profile) -> str:
    busiest = int(profile.link_messages.argmax())
    messages = int(profile.link_messages[busiest])
    over = messages / float(profile.link_messages.mean())
    then = _mean_step(profile, {"traffic": np.zeros(profile.steps)})
    return (
        f"The busiest link, {profile.link_origin[busiest]} -> {profile.link_target[busiest]}, carries "
        f"{counted(messages, 'message')} in the run, {_times(over)} the mean of all links; in one step, a link carries "
        f"up to {int(profile.link_messages_max.max()):,}. Connected neurons on nearer cores, or fewer spikes, would "
        f"shorten the step from {duration(_mean_step(profile))} towards {duration(then)}."
    )


def _barrier(profile: Profile) -> str:
    means = mean_durations(profile)
    barrier = means.pop("barrier")
    longest = max(means, key=lambda state: means[state])
    other = f"The longest other part, {longest}, takes {duration(means[longest])}."
    cores, fullest = len(profile.core_neurons), int(profile.core_neurons.max())
    if cores == 1:
        return other
    twice = {part: time * 2.0 for part, time in profile.durations.items() if part in ("compute", "memory")}
    if profile.barrier_overlaps:
        others = {part: time for part, time in {**profile.durations, **twice}.items() if part != "barrier"}
        then = float(np.max(list(others.values()), axis=0).mean())
        return (
            f"{other} The barrier overlaps with the work: with twice as many neurons per core (now at most "
            f"{counted(fullest, 'neuron')} on {cores:,} cores) memory and computation would take about twice as long, "
            f"and all parts except the barrier {duration(then)}; fewer tiles, if the limits allow them, would shorten "
            "the barrier."
        )
    enough = barrier - float((_work(profile, twice) - _work(profile, {})).mean())
    gain = f"only a barrier below {duration(enough)} would" if enough > 0.0 else "no barrier would be short enough to"
    return (
        f"{other} Fewer tiles, if the limits allow them, would shorten the barrier, but with twice as many neurons per "
        f"core (now at most {counted(fullest, 'neuron')} on {cores:,} cores) memory and computation would "
        f"take about twice as long: {gain} make up for it."
    )


def _waits(profile: Profile) -> npt.NDArray[np.bool_]:
    """Steps that last longer than their work, because a chip with a fixed tick waits until the tick ends."""
    if profile.total_s is None:
        return np.zeros(profile.steps, dtype=np.bool_)
    return profile.total_s > _work(profile, {}) * (1.0 + ROUNDING)


def _work(profile: Profile, changed: Mapping[str, FloatArray]) -> FloatArray:
    """Time of the work of each step, with some parts changed: the longest part, followed by the barrier."""
    parts = {**profile.durations, **changed}
    if profile.barrier_overlaps:
        return np.asarray(np.max(list(parts.values()), axis=0))
    work = parts.pop("barrier", np.zeros(profile.steps)).copy()
    work += np.max(list(parts.values()), axis=0)
    return work


def _mean_step(profile: Profile, changed: Mapping[str, FloatArray] | None = None) -> float:
    """Mean time of the steps, with some parts changed; no step is shorter than the tick of the waiting steps."""
    if changed is None and profile.total_s is not None:
        return float(profile.total_s.mean())
    work, waits = _work(profile, changed or {}), _waits(profile)
    if profile.total_s is not None and waits.any():
        work = np.maximum(work, profile.total_s[waits].max())
    return float(work.mean())


def _times(ratio: float | None) -> str:
    return "an unknown multiple of" if ratio is None else f"{ratio:.3g} times"


NAMES: Mapping[str, str] = {
    "memory": "memory access takes",
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
