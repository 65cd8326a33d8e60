"""Node sets: groups of nodes for inputs and reports."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from benchnn.networks.sonata.attributes import Attributes, IntArray
from benchnn.networks.sonata.json_file import Section, read_json
from benchnn.networks.sonata.nodes import NodePopulation

Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class NodeSets:
    """The sets of a configuration.

    Parameters
    ----------
    section
        Content of the file; None if there is none.
    nodes
        Populations by name.
    """

    section: Section | None
    nodes: Mapping[str, NodePopulation]

    def of(self, named: Section, key: str) -> dict[str, IntArray]:
        """Ids of the nodes that a key of a configuration selects, by population.

        The value of the key is the name of a set, an object as in the file of sets, ``all``, or the name of a
        population.

        Raises
        ------
        InputError
            If the set is unknown, not supported or empty.
        """
        value = named.values.get(key)
        if isinstance(value, dict):
            masks = self._basic(named.section(key))
        else:
            masks = self._named(named, key, named.text(key), ())
        chosen = {name: np.flatnonzero(mask) for name, mask in masks.items() if np.any(mask)}
        if not chosen:
            named.refuse(key, "the node set is empty")
        return chosen

    def _named(self, named: Section, key: str, name: str, within: tuple[str, ...]) -> dict[str, Mask]:
        """Masks of a set by its name; `within` are the sets that contain it."""
        if name in within:
            named.refuse(key, f"the node set {name!r} contains itself")
        if self.section is not None and name in self.section:
            value = self.section.values[name]
            if isinstance(value, dict):
                return self._basic(self.section.section(name))
            if not isinstance(value, list) or not all(isinstance(part, str) for part in value):
                self.section.refuse(name, "must be an object or a list of names of node sets")
            masks: dict[str, Mask] = {}
            for part in value:
                for population, mask in self._named(self.section, name, part, (*within, name)).items():
                    masks[population] = masks[population] | mask if population in masks else mask
            return masks
        if name == "all":
            return {one.name: np.ones(one.size, dtype=np.bool_) for one in self.nodes.values()}
        if name in self.nodes:
            return {name: np.ones(self.nodes[name].size, dtype=np.bool_)}
        known = ", ".join([*(self.section.values if self.section is not None else ()), *self.nodes])
        return named.refuse(key, f"no node set or population has the name {name!r}; the known names are {known}")

    def _basic(self, rules: Section) -> dict[str, Mask]:
        """Masks of the nodes that fulfil all conditions of a set."""
        names = list(self.nodes)
        if "population" in rules:
            names = [str(name) for name in _listed(rules, "population")]
            for name in names:
                if name not in self.nodes:
                    rules.refuse("population", f"the populations are {', '.join(self.nodes)}")
        masks = {name: np.ones(self.nodes[name].size, dtype=np.bool_) for name in names}
        for key in rules.values:
            if key == "population":
                continue
            wanted = _listed(rules, key)
            has = False
            for name, mask in masks.items():
                attributes = self.nodes[name].attributes
                kept = _ids(rules, wanted, name, mask) if key == "node_id" else _having(attributes, key, wanted)
                has |= kept is not None
                mask &= False if kept is None else kept
            if not has:
                rules.refuse(key, "no node has this attribute")
        return masks


def read_node_sets(path: Path | None, nodes: Mapping[str, NodePopulation]) -> NodeSets:
    """Read the node sets file; without a file the result is empty."""
    return NodeSets(None if path is None else read_json(path), nodes)


def _listed(rules: Section, key: str) -> list[Any]:
    """The values that an attribute may have."""
    value = rules.values[key]
    values = value if isinstance(value, list) else [value]
    for one in values:
        if not isinstance(one, str | int | float) or isinstance(one, bool):
            rules.refuse(key, "must be a string, a number, or a list of these; operators and ranges are not supported")
    return values


def _ids(rules: Section, wanted: list[Any], name: str, mask: Mask) -> Mask:
    kept = np.zeros(len(mask), dtype=np.bool_)
    for one in wanted:
        if not isinstance(one, int) or not 0 <= one < len(mask):
            rules.refuse("node_id", f"ids of the population {name!r} are whole numbers from 0 to {len(mask) - 1}")
        kept[one] = True
    return kept


def _having(attributes: Attributes, key: str, wanted: list[Any]) -> Mask | None:
    """The nodes whose attribute has one of the values; None if no node has the attribute."""
    if key == "node_type_id":
        return np.isin(attributes.type_ids, [one for one in wanted if isinstance(one, int)])
    of_types = attributes.types is not None and key in attributes.types.columns
    if not of_types and key not in attributes.own_names():
        return None
    texts = [one for one in wanted if isinstance(one, str)]
    kept = np.zeros(len(attributes), dtype=np.bool_)
    for type_id in attributes.used_types:
        if attributes.text(type_id, key) in texts:
            kept |= attributes.type_ids == type_id
    numbers = [one for one in wanted if not isinstance(one, str)]
    return kept | np.isin(attributes.numbers(key), numbers) if numbers else kept
