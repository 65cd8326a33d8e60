"""Two runs beside each other."""

import re

import pytest

from benchnn.results.comparison import agreement, differences, to_text


def test_what_differs_is_reported_and_nothing_else(record):
    a = record(1)
    b = record(2, layout__ranks=4, provenance__packages={"numba": "0.61", "h5py": "3"}, real_time_factor=0.5)
    assert differences(a, b) == [
        ("layout.ranks", 1, 4),
        ("provenance.packages.numba", "0.60", "0.61"),
        ("provenance.packages.h5py", None, "3"),
    ]
    text = to_text(a, b)
    assert ["real_time_factor", "1", "0.5", "0.5"] in [line.split() for line in text.splitlines()]
    assert "energy" not in text
    assert "configuration: equal" in to_text(a, record(3))


@pytest.mark.parametrize(
    ("changes", "sentence", "broken"),
    [
        ({"layout__ranks": 4}, "spikes are equal: digest aaaa", False),
        ({"spike_digest": "c"}, "SPIKES DIFFER in equal networks, which is an error: .* including the code", True),
        ({"spike_digest": "c", "provenance__source_digest": "x"}, "SPIKES DIFFER .* except the code$", True),
        ({"spike_digest": "c", "network_digest": "x"}, "SPIKES DIFFER in different networks", True),
        ({"spike_digest": "c", "seed": 2}, "spikes differ, which is allowed: seed differs$", False),
        ({"spike_digest": "c", "backend__weight_bits": 8}, "which is allowed: backend.weight_bits differs", False),
        (
            {"spike_digest": "c", "model__parameters__scale": 1},
            "which is allowed: model.parameters.scale differs$",
            False,
        ),
        ({"spike_digest": "c", "interrupted": True}, "which is allowed: B was interrupted", False),
        ({"spike_digest": "c", "simulator__name": "nest"}, "which is allowed: simulator.name differs", False),
        (
            {"spike_digest": None},
            "cannot be compared: B does not have a spike digest: the key is missing from the record",
            False,
        ),
    ],
)
def test_agreement(record, changes, sentence, broken):
    found = agreement(record(1), record(2, **changes))
    assert re.search(sentence, found.sentence) and found.broken is broken


@pytest.mark.parametrize(
    ("changes", "sentence", "broken"),
    [
        ({"weight_digest": "b"}, "spikes are equal: digest a+$", False),
        ({"weight_digest": "c"}, "spikes are equal: .*; WEIGHTS DIFFER, which is an error", True),
        (
            {"weight_digest": "c", "model__parameters__scale": 1},
            "weights differ, which is allowed: model.parameters",
            False,
        ),
    ],
)
def test_weights_are_compared_where_spikes_are_equal(record, changes, sentence, broken):
    a, b = record(1, weight_digest="b"), record(2, **changes)
    found = agreement(a, b)
    assert re.search(sentence, found.sentence) and found.broken is broken
    assert "weight_digest" in to_text(a, b) and "weight_digest" not in to_text(record(1), record(2))
