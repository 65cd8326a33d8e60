"""TOML files, damaged as text or in their values."""

import tomllib
from functools import cache
from typing import Any

from fuzzing.byte_mutations import mutated
from fuzzing.dice import Dice
from fuzzing.tree_mutations import mutated_tree, to_toml


@cache
def _tree(content: bytes) -> dict[str, Any]:
    return tomllib.loads(content.decode())


def mutated_toml(content: bytes, dice: Dice) -> bytes:
    """A valid TOML file after a few changes."""
    if dice.chance(0.5):
        return mutated(content, dice)
    tree = mutated_tree(_tree(content), dice)
    return to_toml(tree if isinstance(tree, dict) else {"value": tree})
