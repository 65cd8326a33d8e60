"""Costs of messages: given, of an interconnect, or measured where neither is there, and only where they are needed."""

import pytest

from benchnn.interconnects.interconnect import Link, load_interconnect
from benchnn.running import message_costs
from benchnn.running.message_costs import MEASURED, MessageOptions, communication_model

HERE = Link(0.5, 5.0, MEASURED)


@pytest.fixture
def probes(monkeypatch):
    """Stands for the measurement, and counts how often it is made."""
    made = []

    def probe():
        made.append(1)
        return HERE

    monkeypatch.setattr(message_costs, "measured_link", probe)
    return made


def values(model):
    return model.latency_us, model.bandwidth_gb_s


def test_one_rank_sends_nothing(probes):
    assert communication_model(MessageOptions(), 1) is None
    assert probes == []


def test_what_is_given_is_not_measured(probes):
    model = communication_model(MessageOptions(latency_us=2.0, bandwidth_gb_s=3.0), 8)
    assert (values(model), model.source, model.inside_node) == ((2.0, 3.0), "given", None)
    assert probes == []


def test_nothing_given_is_measured_once(probes):
    model = communication_model(MessageOptions(ranks_per_node=4), 8)
    assert values(model) == (0.5, 5.0) and model.inside_node == HERE and model.source == MEASURED
    assert len(probes) == 1
    assert communication_model(MessageOptions(ranks_per_node=4), 8, HERE) == model
    assert len(probes) == 1


def test_given_values_replace_those_of_an_interconnect(probes):
    named = load_interconnect("infiniband_hdr")
    model = communication_model(MessageOptions("infiniband_hdr"), 8)
    assert (values(model), model.source) == ((named.latency_us, named.bandwidth_gb_s), named.source)
    changed = communication_model(MessageOptions("infiniband_hdr", latency_us=9.0), 8)
    assert values(changed) == (9.0, named.bandwidth_gb_s)
    assert changed.source == f"latency given; {named.source}"
    assert probes == []


def test_inside_a_node_costs_are_measured_and_those_between_nodes_need_not_be(probes):
    model = communication_model(MessageOptions("infiniband_hdr", ranks_per_node=2), 8)
    assert model.inside_node == HERE and model.latency_us == load_interconnect("infiniband_hdr").latency_us
    near = MessageOptions(ranks_per_node=8, node_latency_us=0.1, node_bandwidth_gb_s=9.0)
    inside = communication_model(near, 8)
    assert inside.inside_node == Link(0.1, 9.0, "given")
    assert len(probes) == 1
