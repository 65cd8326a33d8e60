"""Names of single neurons: FlyWire's root ids if the run knew them, otherwise numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchnn.models.flywire.ids import root_ids
from benchnn.record.reading import Record
from simcore.errors import InputError

FLYWIRE, BRAIN = "flywire", "B"
"""The model whose neurons have their own ids, and the population of these neurons."""


@dataclass(frozen=True)
class NeuronNames:
    """Names of the neurons of one population.

    Parameters
    ----------
    population
        Name of the population.
    kind
        Kind of the names, such as ``root id``.
    names
        Name of each neuron, in order; empty if neurons are identified by number.
    missing
        Reason for missing names if the run had names.
    """

    population: str = ""
    kind: str = ""
    names: Sequence[str] = ()
    missing: str | None = None

    def of(self, population: str, neuron: int) -> str | None:
        """Return the name of a neuron; None without a name."""
        return self.names[neuron] if self.names and population == self.population else None


def neuron_names(record: Record) -> NeuronNames:
    """Read the names of the neurons of a run from the file that it used.

    Parameters
    ----------
    record
        Record of the run. If its file was removed or changed, the names are empty and `missing` is the reason.
    """
    path = record.text("model.parameters.completeness") if record.text("model.name") == FLYWIRE else None
    if not path:
        return NeuronNames()
    try:
        numbers = root_ids(path)
    except InputError as error:
        return NeuronNames(missing=str(error))
    return NeuronNames(BRAIN, "root id", [str(root) for root, _ in sorted(numbers.items(), key=lambda pair: pair[1])])
