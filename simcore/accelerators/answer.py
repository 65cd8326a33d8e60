"""Options and answers of all models of accelerators."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from simcore.errors import choice, integer, truth

OUTPUT_STATIONARY, WEIGHT_STATIONARY, TICK_BATCHED = "output_stationary", "weight_stationary", "tick_batched"
DATAFLOWS = (OUTPUT_STATIONARY, WEIGHT_STATIONARY, TICK_BATCHED)
OUTPUTS = ("energy_j", "latency_s", "area_m2")
MOST = 2**31
"""Largest number of steps, channels and bits."""


@dataclass(frozen=True)
class ModelOptions:
    """Options for running a workload on an accelerator.

    Parameters
    ----------
    steps
        Number of time steps.
    dataflow
        One of `DATAFLOWS`; None for the dataflow of the sheet.
    lif_sharing
        Number of channels that share a LIF unit, n of C#n.
    membrane_bits
        Width of a membrane potential; None for the width of the sheet.
    as_published
        Whether counts and energies follow the accounting of the publication of the model, including its errors.

    Raises
    ------
    InputError
        If a value has a wrong type or is out of range.
    """

    steps: int
    dataflow: str | None = None
    lif_sharing: int = 1
    membrane_bits: int | None = None
    as_published: bool = False

    def __post_init__(self) -> None:
        for name in ("steps", "lif_sharing", "membrane_bits"):
            value = getattr(self, name)
            if value is not None or name != "membrane_bits":
                object.__setattr__(self, name, integer(value, name, 1, MOST))
        if self.dataflow is not None:
            choice(self.dataflow, "dataflow", DATAFLOWS)
        truth(self.as_published, "as_published")


@dataclass(frozen=True)
class Answer:
    """Costs of a workload on an accelerator; unknown values are None, with the reason in `reasons`.

    Parameters
    ----------
    accelerator, model
        Names of the sheet and of the model.
    energy_parts_j
        Energy of an inference by part, J; their sum is `energy_j`. Empty if it is not known.
    latency_s
        Latency of an inference, s.
    area_m2
        Area of the parts whose area is published, m2.
    counts
        Cycles, operations and accesses, from which the energy follows, by name.
    reasons
        Key of a value that is None -> reason.
    lower_bounds
        Key of a value -> parts of this accelerator that it leaves out.
    """

    accelerator: str
    model: str
    energy_parts_j: Mapping[str, float] = field(default_factory=dict)
    latency_s: float | None = None
    area_m2: float | None = None
    counts: Mapping[str, float] = field(default_factory=dict)
    reasons: Mapping[str, str] = field(default_factory=dict)
    lower_bounds: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def unknown(cls, accelerator: str, model: str, reason: str) -> "Answer":
        """An answer without values, with the reason."""
        return cls(accelerator, model, reasons=dict.fromkeys(OUTPUTS, reason))

    @property
    def energy_j(self) -> float | None:
        """Energy of an inference, J: the sum of its parts; None if it is not known."""
        return math.fsum(self.energy_parts_j.values()) if self.energy_parts_j else None
