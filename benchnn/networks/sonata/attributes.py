"""Attributes of the nodes or edges of a population.

An HDF5 group /nodes/POPULATION or /edges/POPULATION holds the type of each node or edge, and groups 0, 1, ... with
attributes of individual nodes or edges, which override those of their types.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, NamedTuple

import numpy as np
import numpy.typing as npt

from benchnn.networks.sonata.types_table import TypesTable
from simcore.errors import InputError, printable, shown
from simcore.recording.hdf5 import read_values

Kind = Literal["node", "edge"]
IntArray = npt.NDArray[np.int64]
DYNAMICS = "dynamics_params"
OF_EDGES = ("syn_weight", "delay", "nsyns")
"""Attributes of edges that are read; others are ignored."""
OF_TYPES = ("model_type", "model_template", "model_processing", "weight_function", "synapse_model", DYNAMICS)
"""Attributes that only the table of types may have."""


class Group(NamedTuple):
    """Attributes of individual nodes or edges: their places in the population, and name -> values, float64."""

    members: IntArray
    values: Mapping[str, npt.NDArray[np.float64]]


@dataclass(frozen=True, eq=False)
class Attributes:
    """Attributes of the nodes or edges of a population.

    Parameters
    ----------
    file, place
        The HDF5 file, and the path of the population in it.
    type_ids
        Type of each node or edge, int64.
    types
        The table of types; None if there is none.
    groups
        The groups.
    """

    file: Path
    place: str
    type_ids: IntArray
    types: TypesTable | None
    groups: tuple[Group, ...]

    def __len__(self) -> int:
        return len(self.type_ids)

    @property
    def used_types(self) -> list[int]:
        """Ids of the types that occur, ascending."""
        ids: list[int] = np.unique(self.type_ids).tolist()
        return ids

    def own_names(self) -> list[str]:
        """Names of the attributes in groups."""
        return list(dict.fromkeys(name for group in self.groups for name in group.values))

    def text(self, type_id: int, column: str) -> str | None:
        """A field of the table of types; None if it is missing."""
        return None if self.types is None else self.types.text(type_id, column)

    def numbers(self, name: str) -> npt.NDArray[np.float64]:
        """An attribute of each node or edge, NaN where it is not given."""
        values = np.full(len(self), np.nan)
        if self.types is not None and name in self.types.columns:
            for type_id in self.used_types:
                stated = self.types.number(type_id, name)
                if stated is not None:
                    values[self.type_ids == type_id] = stated
        for group in self.groups:
            if name in group.values:
                values[group.members] = group.values[name]
        return values

    def part(self, members: IntArray) -> "Attributes":
        """The attributes of the nodes or edges at some places, in ascending order."""
        groups = []
        for group in self.groups:
            kept = np.isin(group.members, members)
            if np.any(kept):
                places = np.searchsorted(members, group.members[kept])
                groups.append(Group(places, {name: values[kept] for name, values in group.values.items()}))
        return Attributes(self.file, self.place, self.type_ids[members], self.types, tuple(groups))

    def one_or_each(self, values: npt.NDArray[np.float64], *names: str) -> float | npt.NDArray[np.float64]:
        """Values of all nodes or edges, as one number if they come from the types and are equal.

        Parameters
        ----------
        values
            One for each node or edge.
        names
            Attributes from which they are computed. If a group has one of them, an array is returned.
        """
        own = self.own_names()
        if len(values) and not any(name in own for name in names) and np.all(values == values[0]):
            return float(values[0])
        values.flags.writeable = False
        return values

    def error(self, problem: str) -> InputError:
        """An error that names the file, the population and the problem."""
        return InputError(printable(f"{self.file}: {self.place} {problem}"))


def read_attributes(
    path: Path, found: Any, kind: Kind, types: TypesTable | None, wanted: Callable[[str], bool]
) -> Attributes:
    """Read types and attributes of a population.

    Parameters
    ----------
    path
        The file.
    found
        The h5py.Group of the population.
    kind
        ``node`` or ``edge``.
    types
        The table of types.
    wanted
        Whether to read an attribute of that name; texts are never read.

    Raises
    ------
    InputError
        If a dataset is missing or has the wrong length, a type is not in the table, or a group has an attribute that
        only types may have.
    """
    type_ids = whole_numbers(path, found, f"{kind}_type_id")
    if types is not None:
        for type_id in np.unique(type_ids).tolist():
            if type_id not in types.rows:
                at = int(np.argmax(type_ids == type_id))
                reference = f"{found.name}/{kind}_type_id[{at}] = {type_id}"
                raise InputError(printable(f"{path}: {reference}: {types.file} has no type with this id"))
    return Attributes(path, found.name, type_ids, types, tuple(_groups(path, found, kind, len(type_ids), wanted)))


def whole_numbers(path: Path, found: Any, name: str, length: int | None = None) -> IntArray:
    """A dataset of an h5py.Group with whole numbers >= 0; `length` is the number of values that it must have."""
    if name not in found:
        raise InputError(printable(f"{path}: {found.name} has no dataset {name}"))
    values = np.asarray(read_values(found[name]))
    place = f"{path}: {found.name}/{name}"
    if values.ndim != 1 or (len(values) and values.dtype.kind not in "iu"):
        raise InputError(printable(f"{place} has shape {values.shape} and type {values.dtype}, not a list of integers"))
    if length is not None and len(values) != length:
        raise InputError(printable(f"{place} has {len(values):,} values instead of {length:,}"))
    if len(values) and (int(values.min()) < 0 or int(values.max()) >= 2**62):
        wrong = int(values.min()) if int(values.min()) < 0 else int(values.max())
        raise InputError(printable(f"{place} has the value {wrong}: values must be >= 0 and < 2**62"))
    return values.astype(np.int64)


def _groups(path: Path, found: Any, kind: Kind, size: int, wanted: Callable[[str], bool]) -> list[Group]:
    id_name, index_name = f"{kind}_group_id", f"{kind}_group_index"
    if id_name not in found and index_name not in found:
        # Some libraries omit both datasets when they write a single group.
        ids, indices = np.zeros(size, dtype=np.int64), np.arange(size)
        if "0" not in found:
            return []
    else:
        ids, indices = (whole_numbers(path, found, name, size) for name in (id_name, index_name))
    groups = []
    for number in np.unique(ids).tolist():
        if not hasattr(found.get(str(number)), "keys"):
            at = int(np.argmax(ids == number))
            raise InputError(
                printable(f"{path}: {found.name}/{id_name}[{at}] = {number}: group {found.name}/{number} is missing")
            )
        members = np.flatnonzero(ids == number)
        groups.append(Group(members, _values(path, found[str(number)], indices[members], wanted)))
    return groups


def _values(
    path: Path, group: Any, indices: IntArray, wanted: Callable[[str], bool]
) -> dict[str, npt.NDArray[np.float64]]:
    values = {}
    for name, item in _datasets(path, group):
        place = f"{path}: {item.name}"
        if name in OF_TYPES:
            raise InputError(printable(f"{place} is not supported: give {name} in the table of types"))
        if not wanted(name):
            continue
        one = np.asarray(read_values(item))
        if one.dtype.kind not in "fiu":
            if name.startswith(DYNAMICS) or name in OF_EDGES:
                raise InputError(printable(f"{place} has the type {one.dtype}, but must contain numbers"))
            continue
        if one.ndim != 1 or (len(indices) and len(one) <= int(indices.max())):
            problem = f"the shape {one.shape}, but the largest index is {int(indices.max(initial=0))}"
            raise InputError(printable(f"{place} has {problem}"))
        numbers = one.astype(np.float64)[indices]
        if not np.all(np.isfinite(numbers)):
            wrong = int(np.flatnonzero(~np.isfinite(numbers))[0])
            raise InputError(printable(f"{place}[{indices[wrong]}] = {numbers[wrong]}: must be a finite number"))
        values[name] = numbers
    return values


def _datasets(path: Path, group: Any) -> list[tuple[str, Any]]:
    """Names and h5py.Datasets of a group; names of parameters begin with ``dynamics_params/``."""
    found = []
    for name in group:
        item = group[name]
        if hasattr(item, "shape"):
            found.append((name, item))
        elif name == DYNAMICS:
            found += [(f"{DYNAMICS}/{parameter}", item[parameter]) for parameter in item]
    for name, item in found:
        if not hasattr(item, "shape"):
            raise InputError(printable(f"{path}: {group.name}/{name} is {shown(type(item).__name__)}, not a dataset"))
    return found
