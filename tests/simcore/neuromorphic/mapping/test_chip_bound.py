"""The fewest chips that published capacities leave, whatever the mapping."""

import pytest

from simcore.neuromorphic import load_chip
from simcore.neuromorphic.mapping.chip_bound import chip_bound

SHEET = """
title = "a chip"
kind = "digital clocked"
neurons = "LIF"

[sources]
A = "a paper"

[limits]
{limits}
"""


def chip(tmp_path, **limits):
    units = {key: "bit" if "bits" in key else "1" for key in limits}
    lines = (
        f'{key} = {{ value = {value}, unit = "{units[key]}", source = "A", evidence = "vendor" }}'
        for key, value in limits.items()
    )
    (tmp_path / "a.toml").write_text(SHEET.format(limits="\n".join(lines)))
    return load_chip(tmp_path / "a.toml")


@pytest.mark.parametrize(
    ("limits", "chips"),
    [
        # 1,000 neurons, 50,000 synapses of 8 bits.
        ({"neurons_per_core": 10, "cores_per_chip": 20}, 5),
        ({"neurons_per_core": 10, "cores_per_chip": 100}, 1),
        ({"neurons_per_chip": 999}, 2),
        ({"synapses_per_chip": 10_000}, 5),
        ({"synapses_per_core": 1000, "cores_per_chip": 7}, 8),
        ({"synapse_memory_bits_per_core": 1000, "cores_per_chip": 100}, 4),
        ({"synapse_memory_bits_per_chip": 399_999}, 2),
        ({"neurons_per_chip": 100, "synapses_per_chip": 10_000}, 10),
        ({"neurons_per_core": 10}, None),
        ({"fan_in_per_neuron": 3, "axons_in_per_core": 5, "cores_per_chip": 2}, None),
    ],
)
def test_the_tightest_capacity_decides(tmp_path, limits, chips):
    found = chip_bound(chip(tmp_path, **limits), 1000, 50_000, 8)
    assert found.chips == chips


def test_what_is_not_known_has_its_reason(tmp_path):
    found = chip_bound(chip(tmp_path, neurons_per_core=10, neurons_per_chip=500), 1000, 50_000, 8)
    assert [(one.quantity, one.demanded, one.per_chip) for one in found.capacities] == [("neurons_per_chip", 1000, 500)]
    assert found.unknown["neurons_per_core"] == "cores per chip: not in the sheet"
    assert found.unknown["axons_in_per_core"] == "not in the sheet"
    assert "neurons_per_chip" not in found.unknown


def test_the_whole_brain_of_the_fly_needs_one_loihi_2_by_what_is_published():
    loihi2 = load_chip("loihi2")
    found = chip_bound(loihi2, 138_660, 15_092_004, 8)
    demanded = {one.quantity: one.demanded / one.per_chip for one in found.capacities}
    assert found.chips == 1 and demanded["synapse_memory_bits_per_core"] == pytest.approx(0.9, abs=0.001)
    assert {"axons_in_per_core", "axons_out_per_core", "fan_in_per_neuron"} <= set(found.unknown)
    (published,) = loihi2.networks
    assert (published.model, published.chips, published.sources) == ("flywire", 12, ("Wang2025",))
