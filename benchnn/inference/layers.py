"""A network as layers: the input of samples, the output of answers, and the delay of each layer."""

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
"""The model whose constant input I_e acts like the weights of spikes."""


@dataclass(frozen=True, eq=False)
class Layers:
    """The description of a network for inference.

    Parameters
    ----------
    network
        The described network.
    source
        Name of the population with a source, which receives the samples.
    output
        Name of the population whose neurons are the classes.
    edges
        Edges of each projection, with global ids.
    late
        Smallest number of steps between input and a spike of each population that it causes; -1 if no input arrives.
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
        """Whether output neurons can fire; readouts of trained networks often have no threshold."""
        output = self.network.population(self.output)
        return output.model != DIRECT_MODEL or output.range_of("V_th")[0] < NO_THRESHOLD

    @property
    def classes(self) -> int:
        """Number of classes."""
        return self.network.population(self.output).size


def find_layers(network: Network, output: str | None, coding: str, seed: int, weight_bits: int) -> Layers:
    """Find the input and the output population of a network, and draw its edges.

    Parameters
    ----------
    network
        A network that has one population with a source.
    output
        Name of the population that answers; the last one by default.
    coding
        One of `benchnn.inference.coding.CODINGS`: with ``direct`` the first layers have no delay, because samples are
        currents there.
    seed, weight_bits
        Seed of the simulation, and width of its weights.

    Raises
    ------
    InputError
        If the number of populations with a source is not one, the output does not exist or cannot be reached from the
        source, or a projection is plastic.
    """
    sources = [population.name for population in network.populations if population.source is not None]
    if len(sources) != 1:
        found = ", ".join(sources) or "none"
        raise InputError(
            f"the network cannot be used: it must have one population with a source for the samples, but has {found}"
        )
    for projection in network.projections:
        if projection.plasticity is not None:
            sides = f"{projection.source}->{projection.target}"
            raise InputError(
                f"the network cannot be used: projection {sides} is plastic, but inference does not change weights"
            )
    names = [population.name for population in network.populations]
    output = names[-1] if output is None else output
    require(output in names and output != sources[0], "output", output, f"use {', '.join(set(names) - set(sources))}")
    tables = make_tables(network, weight_bits, accept_quantisation=True)
    edges = [draw_projection(network, tables, seed, index) for index in range(len(network.projections))]
    late = _late(network, edges, sources[0], coding)
    if late[names.index(output)] < 0:
        raise InputError(f"the network cannot be used: spikes of {sources[0]} do not reach {output}")
    layers = Layers(network, sources[0], output, edges, late)
    if coding == DIRECT:
        _require_direct(layers)
    return layers


def _late(network: Network, edges: Sequence[Edges], source: str, coding: str) -> IntArray:
    """Shortest paths over the delays, with the Bellman-Ford algorithm."""
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
    """Require a model that treats currents and weights of spikes alike, so that currents can replace spikes."""
    for projection in layers.network.projections:
        if projection.source != layers.source:
            continue
        model = layers.network.population(projection.target).model
        require(
            model == DIRECT_MODEL,
            "coding",
            DIRECT,
            f"it needs {DIRECT_MODEL} neurons, but {projection.target} is of model {model}; use rate or latency",
        )
