"""JSON files, damaged as text or in their values."""

import json
from functools import cache
from typing import Any

from fuzzing.byte_mutations import mutated
from fuzzing.case import Case
from fuzzing.dice import Dice
from fuzzing.tree_mutations import mutated_tree, to_json


@cache
def _tree(content: bytes) -> Any:
    return json.loads(content)


def mutated_json(content: bytes, dice: Dice) -> bytes:
    """A valid JSON file after a few changes."""
    if dice.chance(0.35):
        return mutated(content, dice)
    return to_json(mutated_tree(_tree(content), dice), dice)


def damaged_json(case: Case, dice: Dice) -> Case:
    """The case with a change of one of its JSON files."""
    name = dice.pick([name for name in sorted(case.files) if name.endswith(".json")])
    return case.changed(name, mutated_json(case.files[name], dice))
