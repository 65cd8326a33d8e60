"""Base of the sources, which give the neurons of a population their spikes."""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import fields, replace
from typing import Any, ClassVar

import numpy as np
import numpy.typing as npt

from simcore.drives.drive import EventDrive
from simcore.errors import require

FloatArray = npt.NDArray[np.float64]
IntArray = npt.NDArray[np.int64]

MODEL = "parrot_neuron"
"""Of the neurons of a source: each repeats the train that it is given."""


class Source(ABC):
    """Base of the sources; a source is a frozen dataclass without a name or a size, which its population has.

    A spike with stamp t is sent with this stamp, as if a neuron had fired in the step that ends at t.
    """

    name: ClassVar[str]
    random: ClassVar[bool]
    """Whether the spikes are drawn."""

    @property
    @abstractmethod
    def at_most_one(self) -> bool:
        """Whether a neuron never sends several spikes in a step; other parameters do not change it."""

    @abstractmethod
    def check(self, size: int, resolution_ms: float, field: str) -> None:
        """Raise InputError if a value is out of its range, or does not fit a population of `size` neurons.

        Parameters
        ----------
        size
            Number of neurons of the population.
        resolution_ms
            Time step of the network, ms.
        field
            Name of the field, for messages.

        Raises
        ------
        InputError
            If a value is out of its range; names the field.
        """

    @abstractmethod
    def input(self, population: str, size: int) -> EventDrive:
        """The drive that brings the trains to the neurons of a population, with weight 1 and without a delay.

        Parameters
        ----------
        population
            Name of the population.
        size
            Number of neurons of the population.

        Returns
        -------
        EventDrive
            The drive.
        """

    @abstractmethod
    def example(self) -> "Source":
        """A source of any population that is simulated by the same kernels.

        Returns
        -------
        Source
            A small source, with which backends compile.
        """

    @abstractmethod
    def summary(self) -> str:
        """A few words for a listing, such as ``poisson 5 to 20 1/s``.

        Returns
        -------
        str
            At most one line.
        """

    def changeable(self) -> list[str]:
        """Fields that `Simulator.set_parameters` takes.

        Returns
        -------
        list of str
            Names of fields.
        """
        return [field.name for field in fields(self)]  # type: ignore[arg-type] # a dataclass

    def changed(self, values: Mapping[str, Any], ids: IntArray | None, size: int, field: str) -> "Source":
        """The source with other values.

        Parameters
        ----------
        values
            By the names of `changeable`.
        ids
            Population-local ids of the neurons to which arrays belong, int64 of shape (neurons,); all if None.
        size
            Neurons of the population.
        field
            Its name, for messages.

        Returns
        -------
        Source
            A source of the same class.

        Raises
        ------
        InputError
            Naming what is wrong.
        """
        known = self.changeable()
        for name in values:
            require(name in known, field, name, f"use {', '.join(known)} for the source {self.name}")
        given = values if ids is None else {name: self._partly(name, values[name], ids, size, field) for name in values}
        return replace(self, **given)  # type: ignore[type-var] # a dataclass

    def _partly(self, name: str, value: Any, ids: IntArray, size: int, field: str) -> Any:
        """A field with new values for some neurons."""
        require(False, f"{field}.{name}", "ids", f"set {name} of the source {self.name} for all neurons together")
