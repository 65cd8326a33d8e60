"""Selections of neurons of a population: by slices, masks or ids, and unions of selections."""

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from simcore.errors import InputError, integer, require, shown
from simcore.values import plain_numbers

IntArray = npt.NDArray[np.int64]
Chosen = TypeVar("Chosen", range, IntArray)
Key = int | slice | Sequence[int] | Sequence[bool] | npt.NDArray[np.integer[Any]] | npt.NDArray[np.bool_]


class Selection(str):
    """Name of a population together with some of its neurons, each once, in ascending order.

    Use a selection in place of the name of a population: as source or target of a projection, target of a drive, and in
    recorders, `Simulator.edges` and `Simulator.set_parameters`. Equality and hash are the same as for the name.

    Parameters
    ----------
    population
        Name of the population.
    size
        Number of its neurons.
    ids
        Population-local ids: a range, or an ascending array of integers of shape (neurons,).

    Raises
    ------
    InputError
        If the ids do not belong to the population, or do not ascend.
    """

    population: str
    size: int
    ids: "range | IntArray"

    def __new__(cls, population: str, size: int, ids: "range | IntArray") -> "Selection":
        """Check the arguments; arithmetic sequences of ids become ranges.

        Raises
        ------
        InputError
            If ids are outside the population or do not ascend.
        """
        require(isinstance(population, str), "population", population, "use a population name")
        size = integer(size, "size", 1)
        if isinstance(ids, range):
            inside = len(_ascending(ids, ids, "ids")) > 0 and ids[0] >= 0 and ids[-1] < size
            require(inside, "ids", ids, f"ids must be in [0, {size - 1}]")
        else:
            ids = positions(ids, size, "ids")
        made = super().__new__(cls, population)
        object.__setattr__(made, "population", str.__str__(population))
        object.__setattr__(made, "size", size)
        object.__setattr__(made, "ids", _compact(ids))
        return made

    def __setattr__(self, name: str, value: object) -> None:
        raise AttributeError(f"cannot change {name} of a selection")

    def __reduce__(self) -> tuple[Any, ...]:
        return Selection, (self.population, self.size, self.ids)

    def __len__(self) -> int:
        return len(self.ids)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.array.tolist())

    def __getitem__(self, key: Key) -> "Selection":  # type: ignore[override]
        """Select some of these neurons by their positions in the selection, as in NumPy.

        Raises
        ------
        InputError
            If the key is not a position, slice, mask or ascending list of positions, or does not select any neuron.
        """
        if isinstance(key, slice) and isinstance(self.ids, range):
            # Slicing a population does not depend on its size.
            return Selection(
                self.population, self.size, _ascending(self.ids[_plain_slice(key, repr(self))], key, repr(self))
            )
        return Selection(self.population, self.size, self.array[positions(key, len(self), repr(self))])

    def __or__(self, other: "Selection") -> "Selection":
        """Return the union of two selections.

        Raises
        ------
        InputError
            If the selections are of different populations.
        """
        same = isinstance(other, Selection) and (other.population, other.size) == (self.population, self.size)
        require(same, f"{self!r} | ...", other, f"use a selection of {self.population}")
        return Selection(self.population, self.size, np.union1d(self.array, other.array))

    def __repr__(self) -> str:
        if isinstance(self.ids, range):
            step = "" if self.ids.step == 1 else f":{self.ids.step}"
            return f"{self.population}[{self.ids.start}:{self.ids[-1] + 1}{step}]"
        return f"{self.population}[{len(self)} of {self.size} neurons]"

    @property
    def array(self) -> IntArray:
        """The population-local ids, ascending, int64."""
        return np.arange(self.ids.start, self.ids.stop, self.ids.step) if isinstance(self.ids, range) else self.ids

    @property
    def contiguous(self) -> bool:
        """Whether the ids are consecutive."""
        return isinstance(self.ids, range) and (self.ids.step == 1 or len(self.ids) == 1)

    @property
    def whole(self) -> bool:
        """Whether the selection contains all neurons of the population."""
        return len(self) == self.size


def selected(name: object) -> Selection | None:
    """Return `name` if it is a selection of some neurons; None if it denotes a whole population."""
    return name if isinstance(name, Selection) and not name.whole else None


def positions(key: object, size: int, field: str) -> IntArray:
    """Return the ascending positions among `size` that a key in brackets selects.

    Raises
    ------
    InputError
        If the key is not a position, slice, mask or ascending list of positions, or does not select anything.
    """
    allowed = f"use positions in [0, {size - 1}], each once and ascending, a slice such as 10:20, or a mask of {size}"
    if isinstance(key, slice):
        chosen = np.arange(size, dtype=np.int64)[_plain_slice(key, field)]
    elif _is_mask(key):
        mask = np.asarray(key)
        if mask.shape != (size,):
            raise InputError(f"{field}[...] is not allowed with a mask of shape {mask.shape}: use {size} entries")
        chosen = np.flatnonzero(mask)
    else:
        given = np.atleast_1d(plain_numbers(key, f"{field}[...]", allowed))
        whole = given.ndim == 1 and (given.dtype.kind in "iu" or not given.size)
        require(whole, f"{field}[...]", key, allowed)
        chosen = np.where(given < 0, given.astype(np.int64) + size, given.astype(np.int64))
        inside = bool(np.all((chosen >= 0) & (chosen < size)))
        require(inside, f"{field}[...]", key, allowed)
    return _ascending(chosen.astype(np.int64), key, field)


def _ascending(chosen: Chosen, key: object, field: str) -> Chosen:
    """Return the chosen positions; require that they are not empty and ascend."""
    falls = chosen.step < 0 if isinstance(chosen, range) else bool(np.any(np.diff(chosen) <= 0))
    if not len(chosen) or falls:
        what = "select at least one neuron" if not len(chosen) else "use ascending ids without duplicates"
        raise InputError(f"{field}[{shown(key)}] is not allowed: {what}")
    return chosen


def _is_mask(key: object) -> bool:
    if isinstance(key, np.ndarray):
        return bool(key.dtype == np.bool_)
    return isinstance(key, list | tuple) and len(key) > 0 and all(isinstance(one, bool | np.bool_) for one in key)


def _plain_slice(key: slice, field: str) -> slice:
    for part in (key.start, key.stop, key.step):
        whole = part is None or (isinstance(part, int | np.integer) and not isinstance(part, bool))
        require(whole, f"{field}[...]", key, "use integers")
    require(key.step != 0, f"{field}[...]", key, "the step must not be 0")
    return key


def _compact(ids: "range | IntArray") -> "range | IntArray":
    """Convert an arithmetic sequence to a range; make other ids read-only."""
    if isinstance(ids, range):
        return range(ids.start, ids[-1] + 1, ids.step) if len(ids) else ids
    steps = np.unique(np.diff(ids))
    if len(ids) and len(steps) <= 1:
        return range(int(ids[0]), int(ids[-1]) + 1, int(steps[0]) if len(steps) else 1)
    kept = np.array(ids, dtype=np.int64)
    kept.flags.writeable = False
    return kept
