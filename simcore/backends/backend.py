"""The interface between the simulator and a backend."""

from dataclasses import dataclass, field
from typing import Any, Protocol

import numpy as np
import numpy.typing as npt

from simcore.network import Network
from simcore.placement import Placement
from simcore.tables import Tables

PHASES = ("update", "deliver", "communicate", "record")


@dataclass(frozen=True)
class Plan:
    """Everything a backend needs to build its rank's part of a network.

    `traces` lists the recorded quantities as (population index, population-local id, variable name).
    """

    network: Network
    tables: Tables
    placement: Placement
    rank: int
    seed: int
    precision: str
    traces: tuple[tuple[int, int, str], ...] = ()

    @property
    def real(self) -> type[np.floating[Any]]:
        """Type of the neuron state."""
        return np.float32 if self.precision == "float32" else np.float64


@dataclass(frozen=True)
class Construction:
    """What building yielded on this rank; `delivery` names the layout from which spikes are delivered."""

    delivery: str
    synapses: int
    network_digest: int
    memory_bytes: dict[str, int]


@dataclass
class Advance:
    """What some steps yielded on this rank.

    Parameters
    ----------
    spike_stamps, spike_ids
        End step and global id of each spike, in order of (stamp, id).
    traces
        Recorded values, shape (steps, recorded quantities), in the precision of the state.
    synaptic_events
        Number of synapses over which a spike was delivered.
    spike_digest
        Sum modulo 2**128 over the spikes.
    phase_s
        Seconds by phase, one entry for each thread.
    """

    spike_stamps: npt.NDArray[np.int64]
    spike_ids: npt.NDArray[np.int64]
    traces: npt.NDArray[Any]
    synaptic_events: int
    spike_digest: int
    phase_s: dict[str, list[float]] = field(default_factory=dict)


class Engine(Protocol):
    """A built network that can be advanced."""

    construction: Construction

    def advance(self, n_steps: int) -> Advance:
        """Simulate up to `n_steps` steps (at least one; the traces' length says how many)."""
        ...

    def close(self) -> None:
        """Release threads and memory."""
        ...


class Backend(Protocol):
    """Builds engines."""

    name: str

    def prepare(self, plan: Plan) -> None:
        """Compile what the plan needs."""
        ...

    def memory_estimate(self, plan: Plan) -> dict[str, float]:
        """Bytes by part that `build` will allocate, from the description alone."""
        ...

    def build(self, plan: Plan) -> Engine:
        """Draw the synapses of this rank's neurons and initialise their state."""
        ...
