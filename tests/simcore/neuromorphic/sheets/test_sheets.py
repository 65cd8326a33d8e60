"""The sheets of the chips say what is published, with the evidence that it has."""

import pickle

import pytest

from simcore.errors import InputError
from simcore.neuromorphic import chip_names, load_chip
from simcore.neuromorphic.sheets.quantities import PACKINGS, QUANTITIES
from simcore.neuromorphic.sheets.units import UNITS

CHIPS = """
akida1000 brainscales2 darwin3 dynap_se loihi1 loihi1_sanafe loihi2 odin speck spinnaker1 spinnaker2 tianjic truenorth
""".split()  # noqa: SIM905 - a list of strings would be broken into 13 lines

PUBLISHED = {
    "loihi1": {
        "memory_bits_per_chip": 33e6 * 8,
        "cores_per_chip": 128,
        "neurons_per_core": 1024,
        "neurons_per_chip": 131_072,
        "chips_per_system": 16_384,
        "synapse_memory_bits_per_core": 16_384 * 64,
        "axons_in_per_core": 4096,
        "axons_out_per_core": 4096,
        "weight_bits_max": 9,
        "delay_steps_max": 62,
        "delay_steps_full_core": 8,
        "message_bits": 32,
        "cores_per_router": 4,
        "mesh_width": 8,
        "mesh_height": 4,
        "link_bandwidth_spikes_per_s": 3.44e9,
        "die_area_m2": 60e-6,
        "synop_j": 23.6e-12,
        "plasticity_j": 120e-12,
        "update_active_j": 81e-12,
        "update_inactive_j": 52e-12,
        "within_tile_j": 1.7e-12,
        "hop_ew_j": 3e-12,
        "hop_ns_j": 4e-12,
        "synop_s": 3.5e-9,
        "plasticity_s": 6.1e-9,
        "update_active_s": 8.4e-9,
        "update_inactive_s": 5.3e-9,
        "within_tile_s": 2.1e-9,
        "hop_ew_s": 4.1e-9,
        "hop_ns_s": 6.5e-9,
        "static_w_per_chip": 104.4e-3,
    },
    "loihi1_sanafe": {
        "synop_j": 35.5e-12,
        "synop_s": 3.8e-9,
        "update_inactive_j": 51.2e-12,
        "update_inactive_s": 6.0e-9,
        "update_active_j": (51.2 + 21.6) * 1e-12,
        "update_active_s": (6.0 + 3.7) * 1e-9,
        "spike_out_j": 69.3e-12,
        "spike_out_s": 30e-9,
        "message_out_j": 111e-12,
        "message_out_s": 5.1e-9,
        "message_in_s": 16e-9,
        "hop_ew_j": 3.0e-12,
        "hop_ns_j": 4.2e-12,
        "hop_ew_s": 4.1e-9,
        "hop_ns_s": 6.5e-9,
        "link_buffer_messages": 16,
        "cores_per_chip": 128,
        "neurons_per_core": 1024,
        "neurons_per_chip": 131_072,
        "synapse_memory_bits_per_core": 16_384 * 64,
        "axons_in_per_core": 4096,
        "axons_out_per_core": 4096,
        "weight_bits_max": 9,
        "delay_steps_max": 62,
        "delay_steps_full_core": 8,
        "cores_per_router": 4,
        "mesh_width": 8,
        "mesh_height": 4,
    },
    "loihi2": {
        "cores_per_chip": 128,
        "neurons_per_core": 8192,
        "neurons_per_chip": 1e6,
        "synapses_per_chip": 120e6,
        "memory_bits_per_core": 192 * 1024 * 8,
        "synapse_memory_bits_per_core": 128 * 1024 * 8,
        "weight_bits_max": 8,
        "payload_bits": 32,
        "cores_per_router": 4,
        "mesh_width": 8,
        "mesh_height": 4,
        "die_area_m2": 31e-6,
        "barrier_s": 200e-9,
        "synop_s": 3.5e-9 / 5,
        "update_active_s": 8.4e-9 / 2,
        "update_inactive_s": 5.3e-9 / 2,
    },
    "truenorth": {
        "synapses_per_core": 256 * 256,
        "synapse_memory_bits_per_core": 256 * 256,
        "cores_per_router": 1,
        "cores_per_chip": 4096,
        "neurons_per_core": 256,
        "axons_in_per_core": 256,
        "fan_in_per_neuron": 256,
        "fan_out_per_neuron": 256,
        "destinations_per_neuron": 1,
        "weight_bits_max": 9,
        "state_bits": 20,
        "delay_steps_max": 15,
        "memory_bits_per_core": 104_448,
        "mesh_width": 64,
        "mesh_height": 64,
        "reach_routers": 255,
        "message_bits": 32,
        "die_area_m2": 4.3e-4,
        "tick_s": 1e-3,
        "tick_min_s": 47.6e-6,
        "synop_j": 2.297e-12,
        "synop_all_in_j": 26e-12,
        "hop_ew_j": 2.3e-12,
        "hop_ns_j": 2.3e-12,
        "chip_to_chip_bit_j": 26e-12,
        "static_w_per_chip": 64.43e-3,
        "total_w_per_chip": 72e-3,
    },
    "spinnaker1": {
        "memory_bits_per_core": 96 * 1024 * 8,
        "cores_per_router": 16,
        "cores_per_chip": 16,
        "chips_per_board": 48,
        "clock_hz": 200e6,
        "synapse_memory_bits_per_chip": 123_469_792 * 8,
        "router_entries_per_router": 1023,
        "delay_steps_max": 16,
        "weight_bits_max": 16,
        "message_bits": 40,
        "message_out_j": 1e-9,
        "hop_ew_j": 1e-9,
        "hop_ns_j": 40 * 25e-12,
        "static_w_per_chip": 0.35,
        "static_w_per_core": 0.034,
        "board_w": 26.84,
    },
    "spinnaker2": {
        "cores_per_chip": 152,
        "router_entries_per_router": 16_384,
        "clock_hz": 300e6,
        "memory_bits_per_chip": 19e6 * 8,
        "cores_per_router": 4,
    },
    "brainscales2": {
        "neurons_per_chip": 512,
        "cores_per_chip": 1,
        "neurons_per_core": 512,
        "synapses_per_core": 131_072,
        "fan_in_per_neuron": 256,
        "weight_bits_max": 6,
        "acceleration": 1000,
        "total_w_per_chip": 1.0,
    },
    "akida1000": {"cores_per_chip": 80, "memory_bits_per_chip": 8e6 * 8, "weight_bits_max": 4},
    "speck": {
        "synop_s": 33.3e-9,
        "cores_per_chip": 9,
        "neurons_per_chip": 327_680,
        "weight_bits_max": 8,
        "state_bits": 16,
        "static_w_per_chip": 0.42e-3,
    },
    "dynap_se": {
        "neurons_per_chip": 4 * 256,
        "cores_per_chip": 4,
        "chips_per_system": 4,
        "neurons_per_core": 256,
        "fan_in_per_neuron": 64,
        "destinations_per_neuron": 4,
        "weight_bits_max": 4,
        "reach_routers": 7,
        "die_area_m2": 98e-6,
    },
    "tianjic": {
        "cores_per_chip": 156,
        "neurons_per_core": 256,
        "fan_in_per_neuron": 256,
        "fan_out_per_neuron": 256,
        "memory_bits_per_core": 22e3 * 8,
        "clock_hz": 300e6,
        "die_area_m2": 3.8e-3**2,
        "tick_s": 16.8e-6,
        "total_w_per_chip": 0.4,
    },
    "darwin3": {
        "cores_per_router": 1,
        "cores_per_chip": 6 * 6 * 4 * 4 - 1,
        "neurons_per_core": 4096,
        "neurons_per_chip": 2.35e6,
        "mesh_width": 24,
        "mesh_height": 24,
        "clock_hz": 333e6,
        "synop_j": 5.47e-12,
    },
    "odin": {
        "clock_hz": 75e6,
        "neurons_per_chip": 256,
        "synapse_memory_bits_per_core": 65_536 * (3 + 1),
        "synop_cycles": 2,
        "cores_per_chip": 1,
        "neurons_per_core": 256,
        "synapses_per_core": 65_536,
        "weight_bits_max": 3,
        "fan_in_per_neuron": 256,
        "die_area_m2": 0.086e-6,
        "synop_j": 8.43e-12,
        "synop_all_in_j": 12.7e-12,
        "clock_cycle_j": 1.78e-12,
        "static_w_per_chip": 27.3e-6,
    },
}

LOIHI_PACKING = {
    "block_synapses": 64,
    "block_overhead_bits": 4 + 6,
    "word_bits": 64,
    "weight_bits": (0, 1, 2, 3, 4, 5, 6, 8),
    "index_bits": (0, 6, 7, 8, 9, 10, 11, 12),
    "delay_field_bits": 6,
    "tag_field_bits": 9,
    "neuron_configurations": 32,
    "threshold_configurations": 8,
    "synapse_configurations": 8,
    "compartment_offset_max": 256,
}
KI = 1024
PACKED = {
    "loihi1": ("loihi", LOIHI_PACKING),
    "loihi1_sanafe": ("loihi", LOIHI_PACKING),
    "truenorth": ("dense_crossbar", {"rows": 256, "columns": 256, "crosspoint_bits": 1}),
    "odin": ("dense_crossbar", {"rows": 256, "columns": 256, "crosspoint_bits": 4}),
    "brainscales2": ("dense_crossbar", {"rows": 256, "columns": 512, "crosspoint_bits": 6}),
    "dynap_se": ("cam", {"cam_words_per_neuron": 64, "tags_per_neuron": 4}),
    "speck": (
        "words",
        {
            "kernel_words": tuple(KI * words for words in (16, 16, 16, 32, 32, 64, 64, 16, 16)),
            "neuron_words": tuple(KI * words for words in (64, 64, 64, 32, 32, 16, 16, 16, 16)),
            "bias_words": (1024,) * 9,
            "weight_word_bits": 8,
            "neuron_word_bits": 16,
            "destinations_per_core": 2,
            "input_side_max": 128,
            "output_side_max": 64,
            "channels_max": 1024,
            "kernel_side_max": 16,
            "strides": (1, 2, 4, 8),
            "padding_max": 7,
            "pooling": (1, 2, 4),
        },
    ),
}
EVIDENCE = {
    # chip: {evidence: keys}, of energies, times and powers.
    "loihi1": {
        "simulated": "synop_j update_active_j update_inactive_j within_tile_j hop_ew_j hop_ns_j plasticity_j "
        "synop_s update_active_s update_inactive_s within_tile_s hop_ew_s hop_ns_s barrier_s plasticity_s",
        "measured": "barrier_chips_s",
        "derived": "static_w_per_chip",
    },
    "truenorth": {"derived": "synop_j static_w_per_chip", "measured": "synop_all_in_j hop_ew_j hop_ns_j"},
    "spinnaker1": {"vendor": "message_out_j hop_ew_j static_w_per_chip static_w_per_core board_w"},
    "loihi2": {"derived": "synop_s update_active_s update_inactive_s", "vendor": "barrier_s"},
    "darwin3": {"measured": "synop_j", "derived": "neurons_per_core cores_per_chip"},
    "odin": {"measured": "synop_j clock_cycle_j static_w_per_chip"},
    "speck": {"measured": "static_w_per_chip"},
}
VOLTAGES = {
    ("loihi1", "synop_j"): 0.75,
    ("truenorth", "synop_j"): 0.8,
    ("truenorth", "synop_all_in_j"): 0.775,
    ("truenorth", "chip_to_chip_bit_j"): 1.8,
    ("darwin3", "synop_j"): 0.8,
    ("odin", "synop_j"): 0.55,
    ("tianjic", "total_w_per_chip"): 0.9,
    ("spinnaker1", "hop_ew_j"): None,
    ("loihi1_sanafe", "synop_j"): None,
}


def all_facts(chip):
    return [*chip.facts, *(chip.packing.facts if chip.packing else ())]


def test_all_chips_are_there():
    assert chip_names() == CHIPS


@pytest.mark.parametrize("name", CHIPS)
def test_numbers_are_those_that_are_published(name):
    chip = load_chip(name)
    found = {fact.quantity.key: fact.value for fact in chip.facts if fact.value is not None}
    assert found == pytest.approx(PUBLISHED[name], rel=1e-12)


@pytest.mark.parametrize("name", CHIPS)
def test_cores_pack_synapses_as_published(name):
    packing = load_chip(name).packing
    rule, parameters = PACKED.get(name, (None, {}))
    assert (packing.rule if packing else None) == rule
    for key, expected in parameters.items():
        assert (packing.values(key) if isinstance(expected, tuple) else packing.value(key)) == expected


def test_barriers_are_tables():
    loihi, fitted = load_chip("loihi1"), load_chip("loihi1_sanafe")
    assert loihi.table("barrier_s") == ((1, 113e-9), (32, 465e-9))
    assert loihi.table("barrier_chips_s") == ((256, 14.3e-6), (768, 16.2e-6))
    assert fitted.table("barrier_s") == ((1, 0.6e-6), (2, 1.0e-6), (4, 1.4e-6), (29, 1.8e-6))
    assert loihi.fact("barrier_s").over == fitted.fact("barrier_s").over == "tiles"
    assert load_chip("loihi2").table("barrier_s") == ()
    with pytest.raises(InputError, match="barrier_s is a table over tiles"):
        loihi.value("barrier_s")


@pytest.mark.parametrize("name", EVIDENCE)
def test_evidence_is_what_it_is(name):
    chip = load_chip(name)
    for evidence, keys in EVIDENCE[name].items():
        assert {chip.fact(key).evidence for key in keys.split()} == {evidence}


def test_voltages():
    for (name, key), voltage in VOLTAGES.items():
        fact = load_chip(name).fact(key)
        assert fact.voltage_v == voltage
        assert voltage is not None or "voltage" in fact.note


@pytest.mark.parametrize("name", CHIPS)
def test_no_number_of_a_sheet_is_zero(name):
    for fact in all_facts(load_chip(name)):
        assert fact.value != 0.0
        assert all(number > 0.0 for _, number in fact.table)
        assert fact.quantity.key in ("weight_bits", "index_bits") or 0.0 not in fact.values


@pytest.mark.parametrize("name", CHIPS)
def test_every_source_is_used(name):
    chip = load_chip(name)
    used = {key for stated in (*all_facts(chip), *chip.words, *chip.networks) for key in stated.sources}
    assert used == set(dict(chip.sources))


@pytest.mark.parametrize("name", CHIPS)
def test_an_all_in_energy_stands_apart_from_marginal_ones(name):
    for fact in load_chip(name).facts:
        if fact.quantity.unit == "J":
            assert fact.scope == ("all-in" if fact.quantity.key == "synop_all_in_j" else "marginal")


@pytest.mark.parametrize("name", CHIPS)
def test_what_is_said_of_grids_fits_together(name):
    chip = load_chip(name)
    grid = [chip.count(key) for key in ("mesh_width", "mesh_height", "cores_per_router", "cores_per_chip")]
    if None not in grid:
        # Darwin3's processor takes the place of a core.
        assert grid[0] * grid[1] * grid[2] == grid[3] + (name == "darwin3")
    if name == "speck":
        assert sum(chip.packing.values("neuron_words")) == chip.value("neurons_per_chip")


def test_what_hops_cost_is_not_counted_twice():
    chip = load_chip("truenorth")
    assert {"hop_ew_j", "hop_ns_j"} <= set(chip.fact("synop_j").includes)
    assert chip.fact("hop_ew_j").includes == load_chip("loihi1").fact("synop_j").includes == ()


def test_absent_says_why():
    chip = load_chip("loihi2")
    assert chip.value("synop_j") is None and chip.count("delay_steps_max") is None
    assert chip.why_absent("synop_j").startswith("unpublished: energies of operations are not public")
    assert chip.why_absent("tick_s") == "not in the sheet"


def test_words():
    assert load_chip("loihi1").word("multicast") is False
    assert load_chip("spinnaker1").word("topology") == "triangular_torus"
    assert load_chip("odin").word("topology") is None
    with pytest.raises(InputError, match="did you mean topology"):
        load_chip("odin").word("topolgy")


def test_an_unknown_quantity_is_refused():
    with pytest.raises(InputError, match="'synop_pj' is unknown; did you mean synop_j"):
        load_chip("odin").value("synop_pj")


def test_a_chip_can_be_sent_to_other_ranks():
    chip = load_chip("loihi1")
    assert pickle.loads(pickle.dumps(chip)) == chip  # noqa: S301 - our own bytes
    assert hash(chip) == hash(load_chip("loihi1"))


def test_quantities_are_in_the_unit_of_their_name():
    ends = {"_s": "s", "_j": "J", "_w": "W", "_hz": "1/s", "_m2": "m2", "_bits": "bit", "_per_s": "1/s"}
    dimensions = {unit.dimension for unit in UNITS.values()}
    for quantity in (*QUANTITIES.values(), *(one for parameters in PACKINGS.values() for one in parameters)):
        unit = [ends[end] for end in sorted(ends, key=len) if quantity.key.endswith(end)][-1:]
        assert quantity.unit in dimensions
        assert not unit or quantity.unit == unit[0], quantity.key
