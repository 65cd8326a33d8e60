"""Options that all models of accelerators take, and the answer that they give."""

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

from simcore.errors import choice, integer, truth

OUTPUT_STATIONARY, WEIGHT_STATIONARY, TICK_BATCHED = "output_stationary", "weight_stationary", "tick_batched"
DATAFLOWS = (OUTPUT_STATIONARY, WEIGHT_STATIONARY, TICK_BATCHED)
OUTPUTS = ("energy_j", "latency_s", "area_m2")
MOST = 2**31
"""Steps, channels and bits that are counted."""


@dataclass(frozen=True)
class ModelOptions:
    """How an accelerator runs a workload.

    Parameters
    ----------
    steps
        Time steps.
    dataflow
        One of `DATAFLOWS`; None for that of the sheet.
    lif_sharing
        Channels that share a LIF unit, n of C#n.
    membrane_bits
        Width of a membrane potential; None for that of the sheet.
    as_published
        Whether counts and energies are accounted as those who published the model do, its slips included.

    Raises
    ------
    InputError
        If a value has another type or is out of its range.
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
    """Costs of a workload on an accelerator; a value that is not known is None, and `reasons` says why.

    Parameters
    ----------
    accelerator, model
        Names of the sheet and of the model.
    energy_parts_j
        Energy of an inference by part, J; their sum is `energy_j`. Empty if it is not known.
    latency_s
        Of an inference, s.
    area_m2
        Of the parts whose area is published, m2.
    counts
        Cycles, operations, accesses: what the energy follows from, by name.
    reasons
        Key of a value that is None, and why.
    lower_bounds
        Key of a value, and what it leaves out of this accelerator's own parts.
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
        """An answer without any value, and why."""
        return cls(accelerator, model, reasons=dict.fromkeys(OUTPUTS, reason))

    @property
    def energy_j(self) -> float | None:
        """Energy of an inference, J: the sum of its parts; None if it is not known."""
        return math.fsum(self.energy_parts_j.values()) if self.energy_parts_j else None
