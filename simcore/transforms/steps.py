"""Transforms in words, one after the other: ``prune:0.9:random,lognormal:0.2``."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from simcore.errors import InputError, shown
from simcore.network import Network
from simcore.transforms.perturb import KINDS, perturb
from simcore.transforms.prune import BY, prune

FORMS = f"prune:SHARE, prune:SHARE:{'|'.join(BY)}, {'|'.join(KINDS[:-1])}:STRENGTH, drift:EXPONENT:ELAPSED"
"""What a step may be."""
MOST_STEPS = 16


@dataclass(frozen=True)
class Step:
    """A transform.

    Parameters
    ----------
    kind
        ``prune``, or a kind of `simcore.transforms.perturb.KINDS`.
    strength
        Share, standard deviation or exponent.
    by
        What is pruned.
    elapsed
        Of a drift.
    """

    kind: str
    strength: float
    by: str = "magnitude"
    elapsed: float = 1000.0


def read_steps(text: str) -> list[Step]:
    """Steps in words, separated by commas.

    Raises
    ------
    InputError
        If one is not understood. Whether a strength is allowed is found when it is used.
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
    """The network after all steps; the same object if none changes it.

    Parameters
    ----------
    network
        The description.
    steps
        In order; each works on the synapses that the one before has left.
    seed
        Of all steps.
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
