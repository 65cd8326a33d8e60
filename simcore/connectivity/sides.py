"""The two sides of a projection, either of which can be a selection."""

from typing import Any

import numpy as np

from simcore.connectivity.rule import Rule
from simcore.connectivity.selected import Selected
from simcore.errors import require
from simcore.selection import selected
from simcore.values import plain_text


def population_name(name: Any, field: str) -> str:
    """Return a name as a plain str, unless it selects neurons.

    Raises
    ------
    InputError
        If the name is not a string.
    """
    require(
        isinstance(name, str), field, name, "use the name of a population, or a selection such as population[10:20]"
    )
    chosen = selected(name)
    return plain_text(name) if chosen is None else chosen


def rule_within(rule: Rule, source: str, target: str) -> Rule:
    """Return the rule itself if both sides are whole or consecutive, else the rule for the selected neurons."""
    rule = rule.rule if isinstance(rule, Selected) else rule
    sides = [selected(name) for name in (source, target)]
    if all(side is None or side.contiguous for side in sides):
        return rule
    return Selected(rule, sides[0], sides[1])


def ids_wired(name: str, first_id: int, size: int, whole: bool) -> range:
    """Return global ids of a side: the selected ones, or the whole population if the rule handles selections."""
    chosen = None if whole else selected(name)
    return (
        range(first_id, first_id + size)
        if chosen is None
        else range(first_id + chosen.ids[0], first_id + chosen.ids[-1] + 1)
    )


def check_autapses(rule: Rule, source: str, target: str, field: str) -> None:
    """Refuse to exclude autapses between selections that share some but not all neurons.

    Raises
    ------
    InputError
        Naming the field.
    """
    sides = [selected(name) for name in (source, target)]
    if getattr(rule, "allow_autapses", True) or source != target or sides == [None, None]:
        return
    known = [side.array for side in sides if side is not None]
    same = apart = False
    if len(known) == len(sides):
        same, apart = np.array_equal(known[0], known[1]), not np.isin(known[0], known[1]).any()
    allowed = "use equal selections, or selections without a common neuron"
    require(same or apart, f"{field}.allow_autapses", False, allowed)
