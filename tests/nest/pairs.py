"""Neurons whose spikes are given, connected by plastic synapses, on NEST: what each presynaptic spike transmits."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from run_nest import nest

FloatArray = npt.NDArray[np.float64]

RESOLUTION_MS = 0.1
AFTER_STEPS = 10


@dataclass(frozen=True)
class Edge:
    """A synapse between two neurons by their positions; delay in steps. No two have the same ends and delay."""

    source: int
    target: int
    delay: int
    weight: float


def transmitted_on_nest(
    trains: Sequence[Sequence[int]],
    edges: Sequence[Edge],
    model: str,
    params: Mapping[str, Any],
    tau_minus: float = 20.0,
) -> list[FloatArray]:
    """The weight that each spike of its source transmits over each edge.

    Parameters
    ----------
    trains
        Steps >= 2 of the spikes of each neuron.
    edges
        Synapses of the model and parameters.
    model, params
        NEST's synapse model and parameters that are not its defaults.
    tau_minus
        Of the neurons.
    """
    nest.verbosity = nest.VerbosityLevel.ERROR
    nest.ResetKernel()
    nest.set(resolution=RESOLUTION_MS, local_num_threads=1)
    recorder = nest.Create("weight_recorder", params={"time_in_steps": True})
    neurons = nest.Create("parrot_neuron", len(trains), params={"tau_minus": tau_minus})
    # A parrot repeats a generator's spike one step later.
    times = [{"spike_times": [(step - 1) * 100 / 1000.0 for step in train]} for train in trains]
    nest.Connect(nest.Create("spike_generator", len(trains), params=times), neurons, "one_to_one", {"delay": 0.1})
    nest.CopyModel(model, "plastic", {**params, "weight_recorder": recorder})
    ids = np.array(neurons.tolist())
    synapses = {
        "synapse_model": "plastic",
        # Parrots do not repeat what arrives at this port.
        "receptor_type": np.ones(len(edges), dtype=np.int64),
        "weight": np.array([edge.weight for edge in edges]),
        "delay": np.array([edge.delay * 100 / 1000.0 for edge in edges]),
    }
    sources, targets = ([getattr(edge, side) for edge in edges] for side in ("source", "target"))
    nest.Connect(ids[sources], ids[targets], "one_to_one", synapses)
    last = max((train[-1] for train in trains if len(train)), default=0)
    nest.Simulate((last + max(edge.delay for edge in edges) + AFTER_STEPS) * 100 / 1000.0)
    return _by_edge(recorder, edges, {int(node): place for place, node in enumerate(ids)})


def _by_edge(recorder: Any, edges: Sequence[Edge], places: Mapping[int, int]) -> list[FloatArray]:
    """Recorded weights of each edge, which events name by NEST's port."""
    made = nest.GetConnections(synapse_model="plastic").get(["source", "target", "delay", "port"])
    columns = (np.atleast_1d(made[name]).tolist() for name in ("source", "target", "delay", "port"))
    ports = {
        (places[source], places[target], round(delay / RESOLUTION_MS)): port
        for source, target, delay, port in zip(*columns, strict=True)
    }
    assert len(ports) == len(edges), "no two edges have the same ends and delay"
    events = recorder.events
    order = np.argsort(events["times"], kind="stable")
    of_port, weights = events["ports"][order], events["weights"][order]
    return [weights[of_port == ports[edge.source, edge.target, edge.delay]] for edge in edges]
