"""Sequences of transforms as text: ``prune:0.9:random,lognormal:0.2``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simcore.errors import InputError, shown
from simcore.network import Network
from simcore.transforms.perturb import KINDS, perturb
from simcore.transforms.prune import BY, prune

FORMS = f"prune:SHARE, prune:SHARE:{'|'.join(BY)}, {'|'.join(KINDS[:-1])}:STRENGTH, drift:EXPONENT:ELAPSED"
"""Possible forms of a step."""
MOST_STEPS = 16


@dataclass(frozen=True)
class Step:
    """One transform of a sequence.

    Parameters
    ----------
    kind
        ``prune``, or a kind of `simcore.transforms.perturb.KINDS`.
    strength
        Share, standard deviation or exponent.
    by
        Criterion of pruning.
    elapsed
        Elapsed time of a drift; see `simcore.transforms.perturb.perturb`.
    """

    kind: str
    strength: float
    by: str = "magnitude"
    elapsed: float = 1000.0


def read_steps(text: str) -> list[Step]:
    """Parse steps that are separated by commas.

    Raises
    ------
    InputError
        If a step has none of the forms. The range of a strength is checked when the step is applied.
    """
    parts = text.split(",")
    if len(parts) > MOST_STEPS:
        raise InputError(f"transform = {shown(text)} is not allowed: use at most {MOST_STEPS} steps", "transform", text)
    return [_step(part.strip()) for part in parts]


def _step(text: str) -> Step:
    kind, *given = text.split(":")
    by = given.pop() if kind == "prune" and len(given) == 2 else BY[0]
    try:
        numbers = [float(one) for one in given]
    except ValueError:
        numbers = []
    if kind not in ("prune", *KINDS) or by not in BY or len(numbers) != (2 if kind == "drift" else 1):
        allowed = f"use {FORMS}, separated by commas"
        raise InputError(f"transform = {shown(text)} is not allowed: {allowed}", "transform", text)
    return Step(kind, numbers[0], by, *numbers[1:])


def transformed(
    network: Network,
    steps: Sequence[Step],
    seed: int = 1,
    *,
    network_seed: int = 1,
    weight_bits: int = 16,
    accept_quantisation: bool = False,
) -> Network:
    """Return the network after all steps; the same object if none changes it.

    Parameters
    ----------
    network
        The description.
    steps
        Steps in order; each step is applied to the synapses that remain after the preceding step.
    seed
        Seed of all steps.
    network_seed, weight_bits, accept_quantisation
        See `simcore.transforms.prune.prune`.
    """
    drawing: dict[str, Any] = {"network_seed": network_seed, "weight_bits": weight_bits}
    drawing |= {"accept_quantisation": accept_quantisation}
    for step in steps:
        if step.kind == "prune":
            network = prune(network, step.strength, step.by, seed, **drawing)
        else:
            network = perturb(network, step.kind, step.strength, seed, elapsed=step.elapsed, **drawing)
    return network
