"""Inputs of neurons: drives in simulated form, and trains of sources."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from simcore.drives import Drive
from simcore.network.population import Population

FIRST_SOURCE_STREAM = 2**30
"""Random stream of the source of population 0; streams of drives are numbered from 0."""


@dataclass(frozen=True)
class Input:
    """A drive in simulated form, and the number of its random stream."""

    drive: Drive
    stream: int


def inputs_of_parts(populations: Sequence[Population], drives: Sequence[Drive]) -> Iterator[Input]:
    """Yield the inputs from the drives of a network, followed by the inputs from the sources of its populations."""
    models = {population.name: population.neuron_model for population in populations}
    for index, drive in enumerate(drives):
        relaying = models[drive.target].relays and "weight" in drive.arrays()
        # Each event counts as 1 for any weight, so that the sign has no effect.
        plain = replace(drive, weight=1.0) if relaying else drive  # type: ignore[type-var]
        yield from (Input(part, index) for part in plain.parts())
    for index, population in enumerate(populations):
        if population.source is not None:
            yield Input(population.source.input(population.name, population.size), FIRST_SOURCE_STREAM + index)
