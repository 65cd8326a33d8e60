"""A fresh simulation for every test, and the network that it describes."""

import pytest


@pytest.fixture
def sim():
    """The backend, set up with steps of 0.1 ms and one thread."""
    pytest.importorskip("pyNN")
    import benchnn.pynn

    benchnn.pynn.setup(timestep=0.1, threads=1)
    yield benchnn.pynn
    benchnn.pynn.end()


@pytest.fixture
def network(sim):
    """The parts that the script has made so far, as a network of the simulator."""
    from benchnn.pynn.network import described_network

    state = sim.simulator.state
    return lambda: described_network(state.populations, state.projections, {}, state.dt).network
