"""A fresh simulation for every test, and the network that it describes."""

import pytest

pytest.importorskip("pyNN")

import benchnn.pynn as pynn
from benchnn.pynn import simulator
from benchnn.pynn.network import described_network


@pytest.fixture
def sim():
    """The backend, set up with steps of 0.1 ms and one thread."""
    pynn.setup(timestep=0.1, threads=1)
    yield pynn
    pynn.end()


@pytest.fixture
def network():
    """The parts that the script has made so far, as a network of the simulator."""
    state = simulator.state
    return lambda: described_network(state.populations, state.projections, {}, state.dt).network
