"""The interface of peer simulators: input, measurements and checks."""

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
    """One simulation on a peer, in a separate process.

    Parameters
    ----------
    network
        The description; its recorders determine the recorded quantities.
    seed
        Seed of the peer's own generators; in exact mode also of edges, weights, delays and values that `simcore` draws.
    threads
        Number of threads of state propagation.
    warmup_steps, steps
        Steps before the measured window, and in it.
    connectivity
        ``"statistical"``: the peer draws its own edges, weights and delays by its own rules. ``"exact"``: it receives
        the edges of `simcore` one by one, so that single spikes can be compared.
    weight_bits
        Exact mode: width of the weights that it receives, in bits.
    accept_quantisation
        Exact mode: whether to accept weights that rounding changes by more than 1 %.
    mode
        One of the peer's `modes`; by default the first.
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
    """Measurements of a peer.

    Parameters
    ----------
    wall_s
        Seconds by part, a value for each of `WALL_PARTS`: description of the network for the simulator, generation and
        compilation of code, network construction, and state propagation before and in the measured window.
    synapses
        Number of synapses between neurons, without synapses of drives and recorders.
    spikes
        Recorded spikes of the measured window (`start_step` is the end of the warm-up); None without recording.
    n_spikes
        Spikes in the measured window; None if the simulator did not count them.
    peak_rss_bytes
        Peak resident memory of the simulating process.
    differences
        One sentence for each difference between the simulated network and the description.
    """

    wall_s: dict[str, float]
    synapses: int
    spikes: Spikes | None
    n_spikes: int | None
    peak_rss_bytes: int
    differences: tuple[str, ...]


def unmeasured(name: str) -> AbstractContextManager[None]:
    """Return a window without measurements."""
    return nullcontext()


class Peer(Protocol):
    """A peer simulator."""

    name: str
    modes: tuple[str, ...]
    """Modes of operation, such as targets of code generation."""
    bytes_per_synapse: float
    """Memory per synapse, as measured with PD14."""

    def version(self) -> str:
        """Return the version of the simulator.

        Returns
        -------
        str
            The version.
        """

    def check(self, job: PeerJob) -> None:
        """Refuse jobs that the simulator does not support.

        Parameters
        ----------
        job
            The simulation.

        Raises
        ------
        InputError
            If a model, rule, drive or distribution is not supported.
        """

    def no_window(self, job: PeerJob) -> str | None:
        """Return the reason why state propagation is not a separate window whose energy can be measured, or None.

        Parameters
        ----------
        job
            The simulation.

        Returns
        -------
        str or None
            The reason.
        """

    def simulate(self, job: PeerJob, window: Window = unmeasured) -> PeerRun:
        """Construct and simulate the network; can be called only once in a process.

        Parameters
        ----------
        job
            The simulation.
        window
            Context that is entered by name during ``construction``, ``warmup`` and ``propagation``, unless
            `no_window` returns a reason.

        Returns
        -------
        PeerRun
            Wall times, spikes and memory.
        """


def exact_tables(job: PeerJob) -> Tables | None:
    """Return the weights and delays of `simcore` in exact mode, otherwise None.

    Raises
    ------
    InputError
        If the width is too small for the weights.
    """
    if job.connectivity != "exact":
        return None
    return make_tables(job.network, job.weight_bits, job.accept_quantisation)


def require_deterministic_drives(network: Network, trains_given: bool = False) -> None:
    """Refuse drives and sources that every simulator draws itself, because single spikes cannot be compared with them.

    Parameters
    ----------
    network
        The description.
    trains_given
        Whether the simulator receives the trains that `simcore` draws, if they have at most one spike in a step.

    Raises
    ------
    InputError
        If there is such a drive or source.
    """
    for drive in network.drives:
        if drive.name not in DETERMINISTIC_DRIVES:
            raise InputError(
                f"drive {drive.name}->{drive.target} is not allowed with exact connectivity: each simulator draws "
                "the input of this drive itself; use a direct current, or statistical connectivity"
            )
    for population in network.populations:
        source = population.source
        if source is not None and source.random and not (trains_given and source.at_most_one):
            raise InputError(
                f"population {population.name}.source = {source.name!r} is not allowed with exact connectivity: each "
                "simulator draws the spikes of this source itself; use spike trains, or statistical connectivity"
            )
