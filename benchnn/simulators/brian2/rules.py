"""Connection rules in Brian2's language.

A statement draws the partners of all neurons of a group in one population: targets of sources or, for in-degrees,
sources of targets. Projections with the same partners share a statement, because each requires code to compile.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

from benchnn.simulators.brian2.places import Place, places
from simcore.connectivity import AllToAll, FixedIndegree, FixedOutdegree, FixedTotalNumber, PairwiseBernoulli, Rule
from simcore.errors import InputError
from simcore.network import Network, Projection

Kind = Literal["replacement", "distinct", "chance"]
DRAWN = (AllToAll, FixedIndegree, FixedOutdegree, FixedTotalNumber, PairwiseBernoulli)


@dataclass(frozen=True)
class Statement:
    """One call of ``connect``.

    Parameters
    ----------
    kind
        Partners with replacement, a number of distinct partners for each neuron, or each partner with a probability.
    over_sources
        Whether sources draw targets, or targets sources.
    partners
        Place of the partners.
    excludes_self
        Whether autapses are excluded.
    owners
        Places of the drawing neurons, and the number or probability for each.
    """

    kind: Kind
    over_sources: bool
    partners: Place
    excludes_self: bool
    owners: list[tuple[Place, npt.NDArray[Any]]] = field(default_factory=list)

    @property
    def variable(self) -> str:
        """The variable of the drawing neurons that contains number or probability."""
        return "probability" if self.kind == "chance" else "degree"

    @property
    def expression(self) -> str:
        """Generator expression of Brian2 for the indices of the partners."""
        first, n = self.partners.first, self.partners.size
        choices = n - 1 if self.excludes_self else n
        given = f"{self.variable}_{'pre' if self.over_sources else 'post'}"
        drawn = f"int({choices}*rand())" if self.kind == "replacement" else "k"
        ranges = {
            "replacement": f"range({given})",
            "distinct": f"sample({choices}, size={given})",
            "chance": f"sample({choices}, p={given})",
        }
        if self.excludes_self:
            # Counted from the neuron after the drawing one, and continued at the beginning of the population.
            own = "i" if self.over_sources else "j"
            drawn = f"({own} - {first} + 1 + {drawn}) % {n}"
        return f"{first} + {drawn} for k in {ranges[self.kind]}"

    def values(self, neurons: int) -> npt.NDArray[Any]:
        """Return the variable of all neurons of the drawing group; 0 for neurons that do not draw."""
        values = np.zeros(neurons, dtype=np.float64 if self.kind == "chance" else np.int32)
        for place, mine in self.owners:
            values[place.first : place.first + place.size] = mine
        return values


def statements(network: Network, projections: Sequence[Projection], generator: np.random.Generator) -> list[Statement]:
    """Return statements that draw projections between different pairs of populations.

    Parameters
    ----------
    network
        The description.
    projections
        Projections between two groups.
    generator
        Divides the totals of ``fixed_total_number`` among the sources.
    """
    located = places(network)
    found: dict[tuple[Kind, bool, str, bool], Statement] = {}
    for projection in projections:
        rule = projection.rule
        over_sources = not isinstance(rule, FixedIndegree)
        sides = (projection.source, projection.target)
        owner, partner = sides if over_sources else sides[::-1]
        kind = _kind(rule)
        excludes_self = owner == partner and not rule.allow_autapses  # type: ignore[attr-defined]
        key = (kind, over_sources, partner, excludes_self)
        statement = found.setdefault(key, Statement(kind, over_sources, located[partner], excludes_self))
        statement.owners.append((located[owner], _numbers(rule, located[owner].size, generator)))
    return list(found.values())


def _kind(rule: Rule) -> Kind:
    match rule:
        case AllToAll() | PairwiseBernoulli():
            return "chance"
        case FixedIndegree() | FixedOutdegree():
            return "replacement" if rule.allow_multapses else "distinct"
        case _:
            return "replacement"


def _numbers(rule: Rule, neurons: int, generator: np.random.Generator) -> npt.NDArray[Any]:
    """Number of partners of each neuron, or probability of each partner."""
    match rule:
        case FixedTotalNumber():
            return generator.multinomial(rule.n, np.full(neurons, 1.0 / neurons))
        case FixedIndegree():
            return np.full(neurons, rule.indegree)
        case FixedOutdegree():
            return np.full(neurons, rule.outdegree)
        case PairwiseBernoulli():
            return np.full(neurons, rule.p)
        case AllToAll():
            return np.ones(neurons)
        case _:
            raise InputError(f"rule = {rule.name!r} is not allowed: brian2 does not support it")
