"""The time of an exchange of spikes: latencies and bytes, inside nodes and between them."""

import pytest

from benchnn.interconnects.exchange_time import CommunicationModel
from benchnn.interconnects.interconnect import Link

FLAT = CommunicationModel(latency_us=2.0, bandwidth_gb_s=0.5, source="given")
# 1,000 bytes take 2 us between nodes and 0.5 us inside; latencies are 2 us and 0.25 us.
NODES = CommunicationModel(2.0, 0.5, "given", 4, Link(0.25, 2.0, "given"))


@pytest.mark.parametrize(
    ("kind", "ranks", "destinations", "microseconds"),
    [
        ("collective", 1, 0, 0.0),
        ("collective", 2, 1, 2 + 2),
        ("collective", 5, 4, 3 * 2 + 4 * 2),
        ("collective", 8, 0, 3 * 2 + 7 * 2),
        ("directed", 8, 3, 3 * 2 + 3 * 2),
        ("directed", 8, 0, 0.0),
    ],
)
def test_an_exchange_costs_latencies_and_bytes(kind, ranks, destinations, microseconds):
    assert FLAT.exchange_s(kind, ranks, destinations, block_bytes=1000) == pytest.approx(1e-6 * microseconds)


@pytest.mark.parametrize(
    ("ranks", "microseconds"),
    [
        # One node: recursive doubling costs 2 latencies and 3 blocks, a ring 3 of both.
        (4, 2 * 0.25 + 3 * 0.5),
        (3, 2 * 0.25 + 2 * 0.5),
        # Two nodes: each of the four ranks gets 4 blocks through one adapter, 32 us; the ring is faster.
        (8, 7 * (2 + 2)),
    ],
)
def test_ranks_of_a_node_exchange_by_memory_and_share_its_adapter(ranks, microseconds):
    assert NODES.exchange_s("collective", ranks, 0, block_bytes=1000) == pytest.approx(1e-6 * microseconds)


def test_small_blocks_take_few_rounds():
    # 64 ranks of 16 nodes: 2 rounds inside a node, 4 between nodes; 240 blocks of 1 byte through each adapter.
    expected = 2 * 0.25 + 4 * 2 + 3 * 0.0005 + 4 * 60 * 0.002
    assert NODES.exchange_s("collective", 64, 0, block_bytes=1) == pytest.approx(1e-6 * expected)


def test_directed_messages_share_the_adapter_as_far_as_they_leave_the_node():
    # Of 14 destinations among 15 others 2.8 are in the node; four ranks share the adapter.
    expected = 2.8 * (0.25 + 0.5) + 11.2 * (2 + 4 * 2)
    assert NODES.exchange_s("directed", 16, 14, block_bytes=1000) == pytest.approx(1e-6 * expected)
