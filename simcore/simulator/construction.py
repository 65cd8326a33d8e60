"""Construction of this rank's part of a network, with checks that it is possible."""

from simcore.backends import Backend, Engine, Plan, backends
from simcore.cpus import Pinning
from simcore.errors import InputError, require
from simcore.memory import require_memory
from simcore.network import Network
from simcore.simulator.memory_estimate import advice, expected_parts


def check_objects(network: object, backend: object, comm: object) -> None:
    """Require the correct types of network, backend name and communicator."""
    require(isinstance(network, Network), "network", network, "use a simcore.network.Network")
    require(isinstance(backend, str), "backend", backend, f"use {', '.join(backends.known())}")
    known = comm is None or all(hasattr(comm, name) for name in ("rank", "size", "gather", "agree"))
    require(known, "comm", comm, "use a communicator of simcore.comm")


def expected_memory(backend: Backend, plan: Plan, ranks_on_node: int) -> tuple[dict[str, float], InputError | None]:
    """Return the expected bytes of a rank by part, and the error if backend or node do not allow the network."""
    what = "the network" if ranks_on_node == 1 else f"the part of {ranks_on_node} ranks"
    parts: dict[str, float] = {}
    try:
        parts = expected_parts(backend, plan)
        require_memory(parts, what, ranks_on_node, advice(backend, plan, ranks_on_node))
    except InputError as error:
        return parts, error
    return parts, None


def built(backend: Backend, plan: Plan, pinning: Pinning | None) -> Engine:
    """Build the engine; if this fails, release the claimed CPUs."""
    try:
        return backend.build(plan)
    except BaseException:
        # The traceback keeps the simulator alive.
        if pinning is not None:
            pinning.claims.release()
        raise
