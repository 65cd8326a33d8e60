"""Populations of nodes."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from benchnn.networks.sonata.attributes import Attributes, Group, IntArray, read_attributes, whole_numbers
from benchnn.networks.sonata.configuration import Configuration, TypedFile
from benchnn.networks.sonata.node_types import VIRTUAL, Neurons, models_of, neurons_of
from benchnn.networks.sonata.types_table import read_types
from simcore.errors import InputError, printable
from simcore.recording.hdf5 import opened_file, refuse_endless_heaps


@dataclass(frozen=True, eq=False)
class Part:
    """The nodes of a population that share a model; they become one population of the network.

    Parameters
    ----------
    name
        Name of the population, followed by that of the model if there are several models.
    ids
        Ids of the nodes, ascending.
    neurons
        Their model and parameters.
    """

    name: str
    ids: IntArray
    neurons: Neurons

    @property
    def virtual(self) -> bool:
        """Whether the nodes are virtual: their spikes are input."""
        return self.neurons.model is None


@dataclass(frozen=True, eq=False)
class NodePopulation:
    """A population of nodes: its name, the attributes of its nodes, and its parts."""

    name: str
    attributes: Attributes
    parts: tuple[Part, ...]

    @property
    def size(self) -> int:
        """Number of nodes."""
        return len(self.attributes)

    def within(self, part: Part, ids: IntArray) -> tuple[IntArray, IntArray]:
        """Places in `ids` of the nodes of a part, and the ids of these nodes within the part."""
        if len(part.ids) == self.size:
            return np.arange(len(ids)), ids
        local = np.full(self.size, -1)
        local[part.ids] = np.arange(len(part.ids))
        places = np.flatnonzero(local[ids] >= 0)
        return places, local[ids[places]]


def read_nodes(configuration: Configuration) -> dict[str, NodePopulation]:
    """All populations of nodes by name, in the order of the configuration.

    Raises
    ------
    InputError
        If a file cannot be read, or has content that is not supported; names the file and the place.
    """
    found: dict[str, NodePopulation] = {}
    for typed in configuration.nodes:
        for name, attributes in _populations(typed).items():
            if name in found:
                raise attributes.error(f"is also a population of {found[name].attributes.file}: names must be unique")
            found[name] = NodePopulation(name, attributes, _parts(name, attributes, configuration))
    return found


def _parts(name: str, attributes: Attributes, configuration: Configuration) -> tuple[Part, ...]:
    """The nodes of each model, in the order of the types."""
    models = models_of(attributes)
    if not models:
        raise attributes.error("has no nodes")
    different = list(dict.fromkeys(models.values()))
    parts = []
    for model in different:
        ids = np.flatnonzero(np.isin(attributes.type_ids, [one for one, its in models.items() if its == model]))
        neurons = neurons_of(attributes.part(ids), model, configuration.neuron_params, configuration.v_init)
        parts.append(Part(name if len(different) == 1 else f"{name}.{model or VIRTUAL}", ids, neurons))
    return tuple(parts)


def _populations(typed: TypedFile) -> Mapping[str, Attributes]:
    types = None if typed.types is None else read_types(typed.types, "node_type_id")
    with opened_file(typed.file) as file:
        refuse_endless_heaps(typed.file)
        groups = populations_in(file, "nodes", str(typed.file))
        return {
            name: _by_id(read_attributes(typed.file, group, "node", types, lambda _: True), group)
            for name, group in groups.items()
        }


def populations_in(file: Any, kind: str, path: str) -> dict[str, Any]:
    """Groups of the populations of an h5py.File, by name."""
    if not hasattr(file.get(kind), "keys"):
        raise InputError(printable(f"cannot read {path}: it has no group /{kind}"))
    groups = {name: item for name, item in file[kind].items() if hasattr(item, "keys")}
    if not groups:
        raise InputError(printable(f"cannot read {path}: /{kind} is empty"))
    return groups


def _by_id(attributes: Attributes, group: Any) -> Attributes:
    """The nodes in the order of their ids; a file may have them in any order."""
    if "node_id" not in group:
        return attributes
    ids = whole_numbers(attributes.file, group, "node_id", len(attributes))
    if not np.array_equal(np.sort(ids), np.arange(len(ids))):
        raise attributes.error(f"has wrong values in node_id: they must be the numbers from 0 to {len(ids) - 1}")
    if np.all(ids[1:] > ids[:-1]):
        return attributes
    types = np.empty_like(attributes.type_ids)
    types[ids] = attributes.type_ids
    moved = tuple(Group(ids[one.members], one.values) for one in attributes.groups)
    return Attributes(attributes.file, attributes.place, types, attributes.types, moved)
