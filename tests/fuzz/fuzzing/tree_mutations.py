"""Changes to the values and keys of JSON and TOML files, which stay such files."""

import copy
import json
from collections.abc import Iterator
from typing import Any

from fuzzing.dice import Dice
from fuzzing.hostile import TEXTS, VALUES

Place = tuple[Any, Any]
"""A container, and the key or index of an entry in it."""


def mutated_tree(tree: Any, dice: Dice) -> Any:
    """A copy after one to four changes, most often one."""
    tree = copy.deepcopy(tree)
    while True:
        places = list(_places(tree))
        if not places:
            return dice.pick(VALUES)
        _change(places, dice)
        if not dice.chance(0.3):
            return tree


def _places(tree: Any) -> Iterator[Place]:
    entries = tree.items() if isinstance(tree, dict) else enumerate(tree) if isinstance(tree, list) else ()
    for key, value in entries:
        yield tree, key
        yield from _places(value)


def _change(places: list[Place], dice: Dice) -> None:
    holder, key = dice.pick(places)
    value = holder[key]
    what = dice.below(8)
    if what <= 2:
        holder[key] = dice.pick(VALUES)
    elif what == 3:
        del holder[key]
    elif what == 4:
        _rename(holder, key, value, dice)
    elif what == 5:
        other, place = dice.pick(places)
        # Not the same object twice, which may then contain itself.
        holder[key] = copy.deepcopy(other[place])
    elif what == 6:
        holder[key] = _of_another_type(value, dice)
    elif isinstance(value, list) and value:
        value.extend(copy.deepcopy(value))
    else:
        holder[key] = dice.pick(([value], {"value": value}, [value, value]))


def _rename(holder: Any, key: Any, value: Any, dice: Dice) -> None:
    if isinstance(holder, dict):
        if dice.chance(0.5):
            del holder[key]
        holder[dice.pick((f"{key} ", key[:-1], key.upper(), f"{key}.a", *TEXTS))] = value
    else:
        holder.insert(dice.below(len(holder) + 1), value)


def _of_another_type(value: Any, dice: Dice) -> Any:
    if isinstance(value, bool) or value is None:
        return dice.pick((str(value), 1, 0, [value]))
    if isinstance(value, int | float):
        return dice.pick((str(value), -value, bool(value), value * 2.0, value + 0.5, [value]))
    if isinstance(value, str):
        return dice.pick((len(value), [value], {value: value}, value.upper(), value + "\n", None))
    if isinstance(value, list):
        return dice.pick(({str(n): entry for n, entry in enumerate(value)}, None, "", len(value)))
    return dice.pick((list(value.values()), list(value), None, "", len(value)))


def to_json(tree: Any, dice: Dice) -> bytes:
    """The tree as JSON, in one line or in many."""
    return json.dumps(tree, indent=dice.pick((None, 2))).encode()


def to_toml(tree: dict[str, Any]) -> bytes:
    """The tree as TOML; None, which TOML does not know, is left out."""
    lines = [f"{_toml(key)} = {_toml(value)}" for key, value in tree.items() if value is not None]
    return ("\n".join(lines) + "\n").encode("utf-8", "surrogatepass")


def _toml(value: Any) -> str:
    if isinstance(value, dict):
        return "{" + ", ".join(f"{_toml(key)} = {_toml(entry)}" for key, entry in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(map(_toml, value)) + "]"
    if isinstance(value, float):
        return repr(value)
    # Texts, whole numbers and truth values look as in JSON; a float is never NaN there.
    return json.dumps("none" if value is None else value, ensure_ascii=False)
