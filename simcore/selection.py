"""Some neurons of a population: ``population[10:20]``, every k-th, a mask, an array of ids, and unions of these."""

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
    """The name of a population that also says which of its neurons are meant, each once, in ascending order.

    It stands wherever the name of a population stands: as source or target of a projection, target of a drive, and in
    recorders, `Simulator.edges` and `Simulator.set_parameters`. Equality and hash are those of the name.

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
        """Check the arguments; ids that are arithmetic become ranges.

        Raises
        ------
        InputError
            If the ids are none of the population, or do not ascend.
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
        """Some of these neurons, by their positions among them, as NumPy counts.

        Raises
        ------
        InputError
            If the key is no position, slice, mask or ascending list of positions, or chooses no neuron.
        """
        if isinstance(key, slice) and isinstance(self.ids, range):
            # A slice of a population of any size costs nothing.
            return Selection(
                self.population, self.size, _ascending(self.ids[_plain_slice(key, repr(self))], key, repr(self))
            )
        return Selection(self.population, self.size, self.array[positions(key, len(self), repr(self))])

    def __or__(self, other: "Selection") -> "Selection":
        """The neurons of either.

        Raises
        ------
        InputError
            If they are of different populations.
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
        """Whether the ids follow one another."""
        return isinstance(self.ids, range) and (self.ids.step == 1 or len(self.ids) == 1)

    @property
    def whole(self) -> bool:
        """Whether these are all neurons of the population."""
        return len(self) == self.size


def selected(name: object) -> Selection | None:
    """The selection that a name of a population is; None if it stands for all neurons."""
    return name if isinstance(name, Selection) and not name.whole else None


def positions(key: object, size: int, field: str) -> IntArray:
    """Ascending positions among `size` that a key in brackets means.

    Raises
    ------
    InputError
        If the key is no position, slice, mask or ascending list of positions, or chooses nothing.
    """
    allowed = f"use positions in [0, {size - 1}], each once and ascending, a slice such as 10:20, or a mask of {size}"
    if isinstance(key, slice):
        chosen = np.arange(size, dtype=np.int64)[_plain_slice(key, field)]
    elif _is_mask(key):
        mask = np.asarray(key)
        if mask.shape != (size,):
            raise InputError(
                f"{field}[...] is not allowed with a mask of shape {mask.shape}: use {size} entries"
            )
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
    """What was chosen, if it is something and ascends."""
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
    """An arithmetic sequence as a range; other ids read-only."""
    if isinstance(ids, range):
        return range(ids.start, ids[-1] + 1, ids.step) if len(ids) else ids
    steps = np.unique(np.diff(ids))
    if len(ids) and len(steps) <= 1:
        return range(int(ids[0]), int(ids[-1]) + 1, int(steps[0]) if len(steps) else 1)
    kept = np.array(ids, dtype=np.int64)
    kept.flags.writeable = False
    return kept
