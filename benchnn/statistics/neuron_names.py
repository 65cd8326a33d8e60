"""How users call single neurons: FlyWire's root ids where the run knew them, else numbers."""

from collections.abc import Sequence
from dataclasses import dataclass

from benchnn.models.flywire.ids import root_ids
from benchnn.record.reading import Record
from simcore.errors import InputError

FLYWIRE, BRAIN = "flywire", "B"
"""The model whose neurons have ids of their own, and the population of these neurons."""


@dataclass(frozen=True)
class NeuronNames:
    """Names of the neurons of one population.

    Parameters
    ----------
    population
        Its name.
    kind
        What a name is, such as ``root id``.
    names
        Name of each neuron, in order; empty if they are called by number.
    missing
        Why there are no names although the run had them.
    """

    population: str = ""
    kind: str = ""
    names: Sequence[str] = ()
    missing: str | None = None

    def of(self, population: str, neuron: int) -> str | None:
        """The name of a neuron, None if it has none."""
        return self.names[neuron] if self.names and population == self.population else None


def neuron_names(record: Record) -> NeuronNames:
    """The names of the neurons of a run, from the file that it was given.

    Parameters
    ----------
    record
        Of the run. A file that is not there any more, or is another one, gives no names and says so.
    """
    path = record.text("model.parameters.completeness") if record.text("model.name") == FLYWIRE else None
    if not path:
        return NeuronNames()
    try:
        numbers = root_ids(path)
    except InputError as error:
        return NeuronNames(missing=str(error))
    return NeuronNames(BRAIN, "root id", [str(root) for root, _ in sorted(numbers.items(), key=lambda pair: pair[1])])
