"""Invented chips and networks for the tests of networks-on-chip."""

import numpy as np
from hypothesis import strategies as st

from simcore.neuromorphic.mapping.axons import Axons
from simcore.neuromorphic.noc.system import TOPOLOGIES, make_system
from simcore.neuromorphic.sheets.quantities import QUANTITIES
from simcore.neuromorphic.sheets.sheet import Chip, Fact, Word

SIDES = st.integers(1, 5)


def sheet(topology, routing=None, multicast=None, **numbers):
    """A chip of which only the network is known."""
    words = {"topology": topology, "routing": routing, "multicast": multicast}
    facts = [Fact(QUANTITIES[key], str(value), ("Test",), "vendor", value) for key, value in numbers.items()]
    return Chip(
        "mine",
        "My chip",
        "digital clocked",
        "any",
        facts=tuple(facts),
        words=tuple(Word(key, value, ("Test",)) for key, value in words.items() if value is not None),
        sources=(("Test", "a test"),),
    )


@st.composite
def systems(draw, topologies=tuple(TOPOLOGIES)):
    topology = draw(st.sampled_from(topologies))
    routing = draw(st.sampled_from([None, "table", *TOPOLOGIES[topology].routings]))
    width, height, per_router = draw(SIDES), draw(SIDES), draw(st.integers(1, 3))
    per_chip = width * height * per_router
    chip = sheet(
        topology,
        routing,
        draw(st.booleans()),
        cores_per_chip=per_chip,
        cores_per_router=per_router,
        mesh_width=width,
        mesh_height=height,
    )
    return make_system(chip, draw(st.integers(1, 7 * per_chip)))


def tiles(system):
    return np.unique(system.router_of_core)


def way(system, origin, target):
    """Links of one message."""
    first, end = system.runs(np.array([origin], np.int32), np.array([target], np.int32))
    assert first.dtype == end.dtype == np.int32
    return [link for low, high in zip(first[:, 0], end[:, 0], strict=True) for link in range(low, high)]


def axons_to(*destinations):
    """Axons of sources 0, 1, ... to these cores."""
    starts = np.cumsum([0, *map(len, destinations)])
    cores = np.array([core for cores in destinations for core in cores], np.int32)
    n = len(cores)
    return Axons(np.arange(len(destinations)), starts, cores, np.ones(n, np.int32), np.zeros(n, np.bool_))


@st.composite
def networks(draw, n_cores):
    """Axons of a few neurons, and the core of each."""
    core = st.integers(0, n_cores - 1)
    destinations = draw(st.lists(st.lists(core, max_size=12, unique=True).map(sorted), min_size=1, max_size=12))
    core_of = np.array([draw(core) for _ in destinations])
    return axons_to(*destinations), core_of


def link_loads(routes, source_index, n_links):
    """Messages that one spike of a source puts onto each link, int64 (links,)."""
    entries = slice(routes.starts[source_index], routes.starts[source_index + 1])
    differences = np.zeros(n_links + 1, np.int64)
    differences[routes.positions[entries]] = routes.changes[entries]
    return np.cumsum(differences[:-1])
