"""What a peer simulator is given, and what it measures."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass
from typing import Literal, Protocol

from simcore.errors import InputError
from simcore.network import Network
from simcore.recording.spikes import Spikes
from simcore.tables import Tables, make_tables

Connectivity = Literal["statistical", "exact"]
CONNECTIVITIES: tuple[Connectivity, ...] = ("statistical", "exact")
WALL_PARTS = ("preparation", "compile", "construction", "warmup", "propagation")
Window = Callable[[str], AbstractContextManager[None]]
DETERMINISTIC_DRIVES = ("dc", "spike_train", "step_current")


@dataclass(frozen=True)
class PeerJob:
    """One simulation on a peer, in a process of its own.

    Parameters
    ----------
    network
        The description; its recorders tell what is recorded.
    seed
        Of the peer's own generators; in exact mode also of the edges, weights, delays and drawn values of `simcore`.
    threads
        Threads that propagate.
    warmup_steps, steps
        Steps before the measured window, and in it.
    connectivity
        ``"statistical"``: the peer draws its own edges, weights and delays by its own rules. ``"exact"``: it gets those
        of `simcore` one by one, so that single spikes can be compared.
    weight_bits
        Exact mode: bits of the weights that it gets.
    accept_quantisation
        Exact mode: accept weights that the bits move by more than 1 %.
    mode
        One of the peer's own ways to run, see its `modes`; its first by default.
    """

    network: Network
    seed: int
    threads: int
    warmup_steps: int
    steps: int
    connectivity: Connectivity = "statistical"
    weight_bits: int = 16
    mode: str | None = None
    accept_quantisation: bool = False


@dataclass(frozen=True, eq=False)
class PeerRun:
    """What a peer measured.

    Parameters
    ----------
    wall_s
        Seconds by part, a value for each of `WALL_PARTS`: describing the network to the simulator, generating and
        compiling code, building the network, and propagating its state before and in the measured window.
    synapses
        Synapses between neurons, without those of drives and recorders.
    spikes
        Recorded spikes of the measured window (`start_step` is the end of the warm-up); None if none were recorded.
    n_spikes
        Spikes in the measured window; None if the simulator did not count them.
    peak_rss_bytes
        Largest memory of the simulating process.
    differences
        One sentence for each thing in which the simulated network differs from the description.
    """

    wall_s: dict[str, float]
    synapses: int
    spikes: Spikes | None
    n_spikes: int | None
    peak_rss_bytes: int
    differences: tuple[str, ...]


def unmeasured(name: str) -> AbstractContextManager[None]:
    """A window of which nothing is measured."""
    return nullcontext()


class Peer(Protocol):
    """A peer simulator."""

    name: str
    modes: tuple[str, ...]
    """Ways to run: code generation targets, for example."""
    bytes_per_synapse: float
    """Memory that a network needs for each synapse, as measured with PD14."""

    def version(self) -> str:
        """Version of the simulator."""

    def check(self, job: PeerJob) -> None:
        """Refuse what the simulator cannot do.

        Raises
        ------
        InputError
            Naming the model, rule, drive or distribution.
        """

    def no_window(self, job: PeerJob) -> str | None:
        """Why its state propagation is no window of time of its own, whose energy could be measured; None if it is."""

    def simulate(self, job: PeerJob, window: Window = unmeasured) -> PeerRun:
        """Build and simulate the network; may be called once in a process.

        Parameters
        ----------
        job
            What to simulate.
        window
            Entered, by name, for the time of ``construction``, ``warmup`` and ``propagation``, unless `no_window`.
        """


def exact_tables(job: PeerJob) -> Tables | None:
    """The weights and delays of `simcore`, in exact mode.

    Raises
    ------
    InputError
        If the bits cannot hold the weights.
    """
    if job.connectivity != "exact":
        return None
    return make_tables(job.network, job.weight_bits, job.accept_quantisation)


def require_deterministic_drives(network: Network, trains_given: bool = False) -> None:
    """Refuse drives and sources that every simulator draws for itself: single spikes cannot be compared under them.

    Parameters
    ----------
    network
        The description.
    trains_given
        Whether the simulator is given the trains that `simcore` draws, where they have at most one spike in a step.

    Raises
    ------
    InputError
        Naming the first of them.
    """
    for drive in network.drives:
        if drive.name not in DETERMINISTIC_DRIVES:
            raise InputError(
                f"drive {drive.name}->{drive.target} is not allowed with exact connectivity: each simulator draws it "
                "anew; use a direct current, or statistical connectivity"
            )
    for population in network.populations:
        source = population.source
        if source is not None and source.random and not (trains_given and source.at_most_one):
            raise InputError(
                f"population {population.name}.source = {source.name!r} is not allowed with exact connectivity: each "
                "simulator draws it anew; use spike trains, or statistical connectivity"
            )
