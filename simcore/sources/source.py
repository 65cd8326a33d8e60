"""Base class of sources, which provide the spikes of the neurons of a population."""

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
"""Neuron model of populations with a source; each neuron repeats its train."""


class Source(ABC):
    """Base class of sources, which are frozen dataclasses; name and size are properties of the population.

    A spike with stamp t is sent with this stamp, as if a neuron had fired in the step that ends at t.
    """

    name: ClassVar[str]
    random: ClassVar[bool]
    """Whether the spikes are drawn."""

    @property
    @abstractmethod
    def at_most_one(self) -> bool:
        """Whether a neuron never sends several spikes in a step, also after a change of parameters."""

    @abstractmethod
    def check(self, size: int, resolution_ms: float, field: str) -> None:
        """Raise InputError if a value is out of range or does not match a population of `size` neurons.

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
            If a value is out of range; names the field.
        """

    @abstractmethod
    def input(self, population: str, size: int) -> EventDrive:
        """Return the drive that applies the trains to the neurons of a population, with weight 1 and without a delay.

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
        """Return a source that is simulated by the same kernels, for any population.

        Returns
        -------
        Source
            A small source, with which backends compile.
        """

    @abstractmethod
    def summary(self) -> str:
        """Return a short description for a listing, such as ``poisson 5 to 20 1/s``.

        Returns
        -------
        str
            At most one line.
        """

    def changeable(self) -> list[str]:
        """Return the fields that `Simulator.set_parameters` can change.

        Returns
        -------
        list of str
            Names of fields.
        """
        return [field.name for field in fields(self)]  # type: ignore[arg-type] # a dataclass

    def changed(self, values: Mapping[str, Any], ids: IntArray | None, size: int, field: str) -> "Source":
        """Return the source with other values.

        Parameters
        ----------
        values
            New values by the names of `changeable`.
        ids
            Population-local ids of the neurons to which arrays belong, int64 of shape (neurons,); all if None.
        size
            Number of neurons of the population.
        field
            Name of the field, for messages.

        Returns
        -------
        Source
            A source of the same class.

        Raises
        ------
        InputError
            Naming the wrong field.
        """
        known = self.changeable()
        for name in values:
            require(name in known, field, name, f"use {', '.join(known)} for the source {self.name}")
        given = values if ids is None else {name: self._partly(name, values[name], ids, size, field) for name in values}
        return replace(self, **given)  # type: ignore[type-var] # a dataclass

    def _partly(self, name: str, value: Any, ids: IntArray, size: int, field: str) -> Any:
        """Return a field with new values for some neurons."""
        require(False, f"{field}.{name}", "ids", f"set {name} of the source {self.name} for all neurons together")
