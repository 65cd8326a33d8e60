"""Projections of a network."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import cast

import numpy as np
import numpy.typing as npt

from simcore.connectivity import Column, ListedRule, Rule
from simcore.connectivity.sides import population_name, rule_within
from simcore.distributions import Distribution, table_ends
from simcore.errors import keywords_known, printable, require
from simcore.plasticity import Plasticity
from simcore.space.kernels import Kernel
from simcore.space.values import OverDistances
from simcore.values import Value, ValueLike, as_value, value_range


@keywords_known
@dataclass(frozen=True, eq=False)
class Projection:
    """Synapses from one population to another.

    Parameters
    ----------
    source, target
        Names of populations, or selections such as ``population[10:20]``; the rule applies only to these neurons.
    rule
        A connection rule.
    weight
        Constant, distribution, array of shape (edges,) (for rules with a fixed list of edges), `Column` (of
        `EdgeFiles`) or kernel of the distance (for spatial rules); in the unit of the target's model.
    delay_ms
        As `weight`, an array of the same shape, in ms; rounded half up to the grid, at least one step.
    receptor
        Name of a receptor of the target's model; by default the sign of a weight selects it.
    plasticity
        Rule of `simcore.plasticity` that changes the weights; static synapses by default.

    Raises
    ------
    InputError
        If a field is wrong; names the field, the value and what is allowed.
    """

    source: str
    target: str
    rule: Rule
    weight: ValueLike | Column | Kernel | OverDistances
    delay_ms: ValueLike | Column | Kernel | OverDistances = 1.0
    receptor: str | None = None
    plasticity: Plasticity | None = None

    def __post_init__(self) -> None:
        where = printable(f"projection {self.source}->{self.target}")
        for side in ("source", "target"):
            name = getattr(self, side)
            object.__setattr__(self, side, population_name(name, f"{where}.{side}"))
        require(isinstance(self.rule, Rule), f"{where}.rule", self.rule, "use a rule of simcore.connectivity")
        object.__setattr__(self, "rule", rule_within(self.rule, self.source, self.target))
        plastic = self.plasticity is None or isinstance(self.plasticity, Plasticity)
        require(plastic, f"{where}.plasticity", self.plasticity, "use a rule of simcore.plasticity")
        for name in ("weight", "delay_ms"):
            value = getattr(self, name)
            if not isinstance(value, Column | Kernel | OverDistances):
                object.__setattr__(self, name, as_value(value, f"{where}.{name}"))

    @property
    def columns(self) -> tuple[Column, ...]:
        """Columns of files with the weights and delays."""
        return tuple(dict.fromkeys(v for v in (self.weight, self.delay_ms) if isinstance(v, Column)))

    def value(self, name: str) -> Value | Column:
        """Return ``"weight"`` or ``"delay_ms"``; the value of a constant column, or the values of a kernel's bins.

        Parameters
        ----------
        name
            ``"weight"`` or ``"delay_ms"``.

        Returns
        -------
        float, ndarray of float64, Distribution or Column
            Weights in the unit of the target's model, or delays in ms; an array has the shape (edges,).
        """
        value = getattr(self, name)
        if isinstance(value, OverDistances):
            return value.table
        if not isinstance(value, Column):
            return as_value(value, name)
        low, high = self.rule.ends(value)
        return low if low == high else value

    def lists(self, name: str) -> bool:
        """Whether ``"weight"`` or ``"delay_ms"`` has a value for each edge of a list.

        Parameters
        ----------
        name
            ``"weight"`` or ``"delay_ms"``.

        Returns
        -------
        bool
            True if each edge of a list has its own value.
        """
        value = self.value(name)
        return isinstance(value, Column) or (isinstance(value, np.ndarray) and isinstance(self.rule, ListedRule))

    def pieces(self, name: str) -> Iterator[npt.NDArray[np.float64]]:
        """Yield these values in pieces.

        Parameters
        ----------
        name
            ``"weight"`` or ``"delay_ms"``.

        Yields
        ------
        ndarray of float64
            Values of consecutive edges, shape (edges,).
        """
        return cast(ListedRule, self.rule).values(cast(npt.NDArray[np.float64] | Column, self.value(name)))

    def ends(self, name: str) -> tuple[float, float]:
        """Return the smallest and largest value of ``"weight"`` or ``"delay_ms"``; NaN for an empty list.

        Parameters
        ----------
        name
            ``"weight"`` or ``"delay_ms"``.

        Returns
        -------
        tuple of float
            Smallest and largest value.
        """
        value = getattr(self, name)
        if isinstance(value, Column):
            return self.rule.ends(value)
        if isinstance(value, OverDistances):
            return value.ends
        field, described = f"projection {self.source}->{self.target}.{name}", as_value(value, name)
        # Computing the ends of a distribution's table is cheaper than computing the table.
        return table_ends(described, field) if isinstance(described, Distribution) else value_range(described, field)
