"""A network as layers: where samples enter, where answers leave, and how late each layer is."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from benchnn.inference.coding import DIRECT
from simcore.errors import InputError, require
from simcore.network import Network
from simcore.neurons.lif_discrete.model import NO_THRESHOLD
from simcore.synapses.edges import Edges, draw_projection
from simcore.tables import make_tables

IntArray = npt.NDArray[np.int64]
DIRECT_MODEL = "lif_discrete"
"""The model whose constant input I_e enters where the weights of spikes do."""


@dataclass(frozen=True, eq=False)
class Layers:
    """What inference needs to know of a network.

    Parameters
    ----------
    network
        As described.
    source
        Name of the population with a source, into which samples go.
    output
        Name of the population whose neurons are the classes.
    edges
        Of each projection, with global ids.
    late
        Steps by which a spike of each population may follow the input that causes it, at least; -1 where no input
        arrives. In order of the populations.
    """

    network: Network
    source: str
    output: str
    edges: Sequence[Edges]
    late: IntArray

    @property
    def inputs(self) -> int:
        """Number of inputs."""
        return self.network.population(self.source).size

    @property
    def answers_by_spikes(self) -> bool:
        """Whether neurons of the output can fire; readouts of trained networks often have no threshold."""
        output = self.network.population(self.output)
        return output.model != DIRECT_MODEL or output.range_of("V_th")[0] < NO_THRESHOLD

    @property
    def classes(self) -> int:
        """Number of classes."""
        return self.network.population(self.output).size


def find_layers(network: Network, output: str | None, coding: str, seed: int, weight_bits: int) -> Layers:
    """Find where samples enter a network and where answers leave it, and draw its edges.

    Parameters
    ----------
    network
        Has one population with a source.
    output
        Name of the population that answers; the last one by default.
    coding
        One of `benchnn.inference.coding.CODINGS`: with ``direct`` the first layers have no delay, because samples are
        currents there.
    seed, weight_bits
        Of the simulation.

    Raises
    ------
    InputError
        If there is not one population with a source, no such output, or no way to it from there, or a projection is
        plastic.
    """
    sources = [population.name for population in network.populations if population.source is not None]
    if len(sources) != 1:
        found = ", ".join(sources) or "none"
        raise InputError(
            f"the network cannot be used: it needs one population with a source for the samples; has {found}"
        )
    for projection in network.projections:
        if projection.plasticity is not None:
            sides = f"{projection.source}->{projection.target}"
            raise InputError(
                f"the network cannot be used: projection {sides} is plastic, and samples change no weights"
            )
    names = [population.name for population in network.populations]
    output = names[-1] if output is None else output
    require(output in names and output != sources[0], "output", output, f"use {', '.join(set(names) - set(sources))}")
    tables = make_tables(network, weight_bits, accept_quantisation=True)
    edges = [draw_projection(network, tables, seed, index) for index in range(len(network.projections))]
    late = _late(network, edges, sources[0], coding)
    if late[names.index(output)] < 0:
        raise InputError(f"the network cannot be used: no spike of {sources[0]} leads to {output}")
    layers = Layers(network, sources[0], output, edges, late)
    if coding == DIRECT:
        _require_direct(layers)
    return layers


def _late(network: Network, edges: Sequence[Edges], source: str, coding: str) -> IntArray:
    """Shortest ways over the delays, as Bellman and Ford find them."""
    index = {population.name: place for place, population in enumerate(network.populations)}
    late = np.full(len(index), -1, dtype=np.int64)
    late[index[source]] = 0
    for _ in index:
        for projection, drawn in zip(network.projections, edges, strict=True):
            before, after = late[index[projection.source]], index[projection.target]
            if before < 0 or not len(drawn.sources):
                continue
            first = coding == DIRECT and projection.source == source
            reached = before + (0 if first else int(drawn.delay_steps.min()))
            late[after] = reached if late[after] < 0 else min(late[after], reached)
    return late


def _require_direct(layers: Layers) -> None:
    """Currents stand for the spikes of a layer only where the model takes both alike."""
    for projection in layers.network.projections:
        if projection.source != layers.source:
            continue
        model = layers.network.population(projection.target).model
        require(
            model == DIRECT_MODEL,
            "coding",
            DIRECT,
            f"samples become the I_e of {DIRECT_MODEL} neurons, {projection.target} is {model}; use rate or latency",
        )
