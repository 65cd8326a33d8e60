"""The sheets of the accelerators say what is published, with source, evidence and node."""

import pickle

import pytest

from simcore.accelerators.sheets.parser import accelerator_names, load_accelerator
from simcore.accelerators.sheets.quantities import KINDS, QUANTITIES, WORDS
from simcore.errors import InputError
from simcore.neuromorphic.sheets.units import UNITS

ACCELERATORS = [
    "estimate_28nm",
    "eyeriss",
    "neurometer",
    "sata",
    "sata_2024",
    "sata_dense",
    "sata_training",
    "spikesim_65nm",
    "spikesim_nice",
    "tpu_v1",
    "tpu_v2",
]
KIB = 8192

SATA = {
    "clock_hz": 400e6,
    "power_clock_hz": 250e6,
    "multiply_accumulate_units": 128,
    "rows": 16,
    "columns": 8,
    "accumulator_bits": 8,
    "and_bits": 8,
    "accumulator_register_bits": 16,
    "lif_operand_bits": 16,
    "lif_register_bits": (4, 8),
    "weight_bits": 8,
    "output_bits": 8,
    "input_buffer_bits": 32_768 * 8,
    "weight_buffer_bits": 147_456 * 8,
    "output_buffer_bits": 32_768 * 8,
    "sram_access_bits": 256,
    "dram_bits": 2**32,
    "dram_access_bits": 1024,
    "scratchpad_ungated_bits": (9 + 8) * 8,
    "scratchpad_gated_bits": 9 * 8,
    "sram_read_j": {32 * KIB: 11.0295e-12, 144 * KIB: 28.6315e-12},
    "sram_write_j": {32 * KIB: 12.772e-12, 144 * KIB: 28.2197e-12},
    "dram_access_j": 468.762e-12,
    "sram_leakage_w": {32 * KIB: 6.25862e-3, 144 * KIB: 24.9086e-3},
    "register_w": {2: 3.191e-6, 4: 6.37e-6, 8: 12.49e-6, 16: 25.11e-6, 32: 49.75e-6},
    "adder_w": {2: 2.47e-6, 4: 8.73e-6, 8: 16.89e-6, 16: 36.7e-6, 32: 75.8e-6},
    "comparator_w": {2: 1.323e-6, 4: 3.64e-6, 8: 9.08e-6, 16: 19.55e-6, 32: 42.5e-6},
    "and_w": {8: 2.35e-6, 16: 4.74e-6},
    "register_leakage_w": {2: 5.42e-9, 4: 10.2e-9, 8: 20.1e-9, 16: 40.2e-9, 32: 80.2e-9},
    "adder_leakage_w": {2: 3.07e-9, 4: 8.6e-9, 8: 17.0e-9, 16: 35e-9, 32: 70.8e-9},
    "comparator_leakage_w": {2: 1.56e-9, 4: 3.98e-9, 8: 8.76e-9, 16: 18.2e-9, 32: 37.1e-9},
    "and_leakage_w": {8: 4.81e-9},
    "register_m2": {2: 9.24e-12, 4: 17.47e-12, 8: 34.27e-12, 16: 68.04e-12, 32: 135.07e-12},
    "adder_m2": {2: 4.704e-12, 4: 13.776e-12, 8: 22.176e-12, 16: 45.024e-12, 32: 90.72e-12},
    "comparator_m2": {2: 2.856e-12, 4: 7.056e-12, 8: 15.456e-12, 16: 32.424e-12, 32: 66.36e-12},
    "and_m2": {8: 6.72e-12, 16: 13.44e-12},
}
SPIKES_ONLY = ("and_bits", "and_w", "and_leakage_w", "and_m2", "lif_operand_bits", "lif_register_bits")
MULTIPLIERS = {
    "multiplier_w": {2: 1.551e-6, 4: 12.18e-6, 8: 82.1e-6, 16: 511e-6, 32: 2786e-6},
    "multiplier_m2": {2: 3.528e-12, 4: 23.016e-12, 8: 101.472e-12, 16: 441.504e-12, 32: 1797.264e-12},
}
PUBLISHED = {
    "neurometer": {
        "clock_hz": 700e6,
        "peak_operations_per_s": 92e12,
        "on_chip_memory_bits": 32e6 * 8,
        "dram_bandwidth_bits_per_s": 700e9 * 8,
        "bisection_bandwidth_bits_per_s": 256e9 * 8,
        "tdp_w": 300,
        "die_area_m2": 500e-6,
    },
    "sata": {**SATA, **MULTIPLIERS},
    "sata_2024": {
        **SATA,
        "input_buffer_bits": 8 * KIB,
        "scratchpad_ungated_bits": (9 + 64) * 8,
        "scratchpad_gated_bits": 288 * 8,
        "sram_read_j": {8 * KIB: 6.65794e-12, **SATA["sram_read_j"]},
        "sram_write_j": {8 * KIB: 7.03328e-12, **SATA["sram_write_j"]},
        "sram_leakage_w": {8 * KIB: 1.81265e-3, **SATA["sram_leakage_w"]},
    },
    "sata_dense": {
        **{key: number for key, number in SATA.items() if key not in SPIKES_ONLY},
        "multiplier_bits": 8,
        "operand_register_bits": (8, 8, 16),
        "activation_bits": 16,
        "scratchpad_ungated_bits": 96 * 8,
        "scratchpad_gated_bits": 224 * 8,
        "multiplier_w": {2: 1.551e-6, 4: 12.18e-6, 8: 82.1e-6, 16: 511e-6, 32: 2.786e-3},
        "multiplier_leakage_w": {2: 1.96e-9, 4: 12.9e-9, 8: 61.3e-9, 16: 279e-9, 32: 1.166e-6},
        "multiplier_m2": {2: 3.528e-12, 4: 23.016e-12, 8: 101.472e-12, 16: 441.504e-12, 32: 1797.264e-12},
    },
    "sata_training": {
        "operand_bits": 16,
        "multiply_relative": 0.239,
        "accumulate_relative": 0.0389,
        "add_relative": 0.00967,
        "and_relative": 0.000794,
        "compare_relative": 0.00309,
        "mux_relative": 0.00172,
        "register_relative": 0.0301,
        "shift_relative": 0.00605,
        "dram_relative": 55.58,
        "sram_relative": 1.95,
        "scratchpad_relative": 0.2779,
    },
    "spikesim_65nm": {
        "clock_hz": 250e6,
        "crossbar_rows": 64,
        "columns_per_adc": 8,
        "elements_per_tile": 8,
        "cycle_clocks": 26,
        "subtractors_per_group": 16,
        "state_bits": 22,
        "layer_start_share": 0.75,
        "crossbar_element_j": 1.76423e-12,
        "adc_j": 2.03084e-12,
        "mux_j": 94.245e-15,
        "subtractor_j": 1.15e-18,
        "temporary_buffer_j": 0.2e-12,
        "tile_buffer_j": 397e-12,
        "h_tree_j": 19.64e-12 * 8,
        "fetch_j": 4.64e-12,
        "neuron_j": 1.274e-12 * 4,
        "crossbar_element_m2": 26.2144e-12,
        "adc_m2": 693.633e-12,
        "mux_m2": 45.9e-12,
        "subtractor_m2": 13_411.41498e-12,
        "temporary_buffer_m2": 484.643999e-12,
        "tile_buffer_m2": 0.7391e-12 * 64 * 128,
        "h_tree_m2": 216_830e-12 * 2,
        "sram_bit_m2": 0.7391e-12,
    },
    "spikesim_nice": {
        "crossbar_rows": 64,
        "read_voltage_v": 0.1,
        "adc_bits": (4, 8),
        "full_scale_a": {4: 0.783736e-4, 8: 1.33236e-3},
        "base_resistance_ohm": 19.139e3,
        "cell_levels": (0, 1, 2, 4, 8),
        "open_resistance_ohm": 1e8,
        "off_resistance_ohm": 200e3,
    },
    "estimate_28nm": {
        "power_clock_hz": 250e6,
        "accumulator_bits": 8,
        "register_w": {8: 12.49e-6},
        "adder_w": {8: 16.89e-6},
        "multiplier_w": {8: 82.1e-6},
    },
    "eyeriss": {
        "clock_hz": 200e6,
        "peak_operations_per_s": 2 * 33.6e9,
        "multiply_accumulate_units": 168,
        "operand_bits": 16,
        "rows": 12,
        "columns": 14,
        "on_chip_memory_bits": (108 + 73.5) * KIB,
        "global_buffer_bits": 108 * KIB,
        "scratchpad_weight_bits": 224 * 16,
        "scratchpad_input_bits": 12 * 16,
        "scratchpad_sum_bits": 24 * 16,
        "multiply_accumulate_relative": 1,
        "neighbour_relative": 2,
        "dram_relative": 200,
        "sram_relative": 6,
        "scratchpad_relative": 1,
        "busy_w": 0.278,
        "frames_per_s": 34.7,
        "multiply_accumulates_per_s": 23.1e9,
        "multiply_accumulates_per_j": 83.1e9,
        "active_share": (0.88,),
        "dram_traffic_bits": 15.4e6 * 8,
    },
    "tpu_v1": {
        "clock_hz": 700e6,
        "peak_operations_per_s": 92e12,
        "multiply_accumulate_units": 65_536,
        "operand_bits": 8,
        "sum_bits": 32,
        "arrays": 1,
        "rows": 256,
        "columns": 256,
        "on_chip_memory_bits": 28 * 2**23,
        "dram_bandwidth_bits_per_s": 34e9 * 8,
        "global_buffer_bits": 24 * 2**23,
        "accumulator_memory_bits": 4096 * 256 * 32,
        "weight_tile_bits": 65_536 * 8,
        "weight_fifo_tiles": 4,
        "tdp_w": 75,
        "busy_w": 40,
        "power_share_at_tenth_load": 0.88,
        "server_tdp_w": 861,
        "server_busy_w": 384,
        "server_idle_w": 290,
        "die_area_m2": 331e-6,
        "array_area_share": 0.24,
        "global_buffer_area_share": 0.29,
        "accumulator_area_share": 0.06,
        "array_power_share": 0.56,
        "operations_per_s": (12.3e12, 9.7e12, 3.7e12, 2.8e12, 86.0e12, 14.1e12),
        "active_share": (0.127, 0.106, 0.082, 0.105, 0.782, 0.462),
        "weight_stall_share": (0.539, 0.442, 0.581, 0.621, 0.0, 0.281),
    },
    "tpu_v2": {
        "clock_hz": 700e6,
        "peak_operations_per_s": 2 * 2 * 128**2 * 700e6,
        "multiply_accumulate_units": 2 * 128**2,
        "operand_bits": 16,
        "sum_bits": 32,
        "arrays": 2,
        "rows": 128,
        "columns": 128,
        "dram_bandwidth_bits_per_s": 700e9 * 8,
        "link_bandwidth_bits_per_s": 496e9,
        "global_buffer_bits": 8e6 * 8,
        "tdp_w": 280,
        "die_area_m2": 611e-6,
    },
}
WORDED = {
    "sata": {"process": "28 nm", "dataflow": "tick_batched", "accounting": "sata_2023"},
    "sata_2024": {"process": "28 nm", "dataflow": "tick_batched", "accounting": "sata_2024"},
    "sata_dense": {"process": "28 nm", "dataflow": "tick_batched", "accounting": "sata_2024"},
    "neurometer": {},
    "sata_training": {},
    "spikesim_65nm": {"process": "65 nm, RRAM"},
    "spikesim_nice": {"process": "RRAM"},
    "estimate_28nm": {"process": "28 nm"},
    "eyeriss": {"process": "65 nm", "dataflow": "row_stationary"},
    "tpu_v1": {"process": "28 nm", "dataflow": "weight_stationary"},
    "tpu_v2": {"process": "16 nm", "corner": "0.75 V", "dataflow": "weight_stationary"},
}
EVIDENCE = {
    "sata": {
        "vendor": "clock_hz input_buffer_bits lif_register_bits",
        "derived": "power_clock_hz",
        "simulated": "adder_w sram_read_j dram_access_j register_m2 and_leakage_w",
    },
    "sata_training": {"simulated": "multiply_relative sram_relative", "derived": "dram_relative scratchpad_relative"},
    "estimate_28nm": {"derived": "power_clock_hz accumulator_bits", "simulated": "adder_w multiplier_w"},
    "eyeriss": {
        "measured": "busy_w frames_per_s multiply_accumulates_per_j",
        "secondary": "dram_relative sram_relative neighbour_relative",
    },
    "tpu_v1": {
        "vendor": "tdp_w dram_bandwidth_bits_per_s array_area_share global_buffer_area_share",
        "measured": "busy_w",
        "secondary": "operations_per_s active_share weight_stall_share server_busy_w server_idle_w "
        "array_power_share accumulator_area_share",
    },
    "tpu_v2": {"secondary": "tdp_w die_area_m2 link_bandwidth_bits_per_s", "derived": "peak_operations_per_s"},
}


def number(fact):
    """The value, list or table of a fact."""
    return dict(fact.table) or fact.values or fact.value


def test_all_accelerators_are_there():
    assert accelerator_names() == ACCELERATORS
    assert {load_accelerator(name).kind for name in ACCELERATORS} == set(KINDS)


@pytest.mark.parametrize("name", ACCELERATORS)
def test_numbers_are_those_that_are_published(name):
    found = {fact.quantity.key: number(fact) for fact in load_accelerator(name).facts}
    assert found.keys() == PUBLISHED[name].keys()
    for key, expected in PUBLISHED[name].items():
        assert found[key] == pytest.approx(expected, rel=1e-12), key


@pytest.mark.parametrize("name", ACCELERATORS)
def test_words(name):
    accelerator = load_accelerator(name)
    assert {word.key: word.value for word in accelerator.words} == WORDED[name]


@pytest.mark.parametrize("name", ACCELERATORS)
def test_every_number_has_its_marks(name):
    accelerator = load_accelerator(name)
    for fact in accelerator.facts:
        assert fact.sources and fact.evidence
        assert (fact.node is not None) == (fact.quantity.unit in ("J", "W", "m2")), fact.quantity.key
        assert fact.scope == ("marginal" if fact.quantity.unit == "J" else None)
    used = {key for stated in (*accelerator.facts, *accelerator.words) for key in stated.sources}
    assert used == set(dict(accelerator.sources))


@pytest.mark.parametrize("name", EVIDENCE)
def test_evidence_is_what_it_is(name):
    accelerator = load_accelerator(name)
    for evidence, keys in EVIDENCE[name].items():
        assert {accelerator.fact(key).evidence for key in keys.split()} == {evidence}


def test_the_memory_outside_the_chip_is_of_another_node():
    for name in ("sata", "sata_2024", "sata_dense"):
        accelerator = load_accelerator(name)
        nodes = {fact.quantity.key: fact.node for fact in accelerator.facts if fact.node is not None}
        assert nodes.pop("dram_access_j") == "32 nm"
        assert set(nodes.values()) == {"28 nm"}


@pytest.mark.parametrize("name", ["sata", "sata_2024"])
def test_the_parts_of_a_systolic_array_have_rows(name):
    accelerator = load_accelerator(name)
    for key in ("input_buffer_bits", "weight_buffer_bits", "output_buffer_bits"):
        for table in ("sram_read_j", "sram_write_j", "sram_leakage_w"):
            assert accelerator.row(table, accelerator.count(key)) is not None
    for suffix in ("_w", "_leakage_w", "_m2"):
        assert accelerator.row(f"and{suffix}", accelerator.count("and_bits")) is not None
        assert accelerator.row(f"adder{suffix}", accelerator.count("accumulator_bits")) is not None
        for bits in (2, 4, 8, 16, 32):
            for part in ("register", "adder", "comparator"):
                assert accelerator.row(f"{part}{suffix}", bits) is not None


def test_published_sums_follow_from_the_sheets():
    estimate, spikesim = load_accelerator("estimate_28nm"), load_accelerator("spikesim_65nm").value
    accumulation_w = estimate.row("adder_w", 8) + estimate.row("register_w", 8)
    assert accumulation_w / estimate.value("power_clock_hz") == pytest.approx(0.11752e-12, rel=1e-6)
    element_j = 9 * spikesim("crossbar_element_j") + 8 * (spikesim("adc_j") + spikesim("mux_j"))
    others_j = sum(map(spikesim, ("h_tree_j", "fetch_j", "neuron_j", "tile_buffer_j")))
    grouped_j = 8 * element_j + 16 * 8 * spikesim("subtractor_j") + 8 * spikesim("temporary_buffer_j")
    assert others_j + grouped_j == pytest.approx(828.486e-12, rel=1e-6)


def test_nothing_is_interpolated():
    sata = load_accelerator("sata")
    assert sata.row("adder_w", 8) == 16.89e-6
    assert sata.row("adder_w", 12) is None and sata.row("sram_read_j", 64 * KIB) is None
    assert sata.values("lif_register_bits") == (4.0, 8.0) and sata.values("rows") == ()
    for key, what in (("adder_w", "table over bits"), ("lif_register_bits", "list")):
        with pytest.raises(InputError, match=f"{key} is a {what}"):
            sata.value(key)


def test_absent_says_why():
    sata, tpu = load_accelerator("sata"), load_accelerator("tpu_v1")
    assert sata.value("dram_bandwidth_bits_per_s") is None and sata.word("corner") is None
    assert sata.why_absent("dram_bandwidth_bits_per_s").startswith("unpublished: transfers are assumed to be hidden")
    assert sata.why_absent("corner").startswith("unpublished: neither the voltage nor the corner")
    assert "blocks of 1 byte" in sata.why_absent("sram_m2")
    assert tpu.value("idle_w") is None and tpu.why_absent("register_w").startswith("unpublished: ")
    assert tpu.why_absent("and_m2") == "not in the sheet"


def test_an_unknown_key_is_refused():
    for ask in (load_accelerator("sata").value, load_accelerator("sata").fact):
        with pytest.raises(InputError, match="'adder_pj' is unknown; did you mean adder_"):
            ask("adder_pj")
    with pytest.raises(InputError, match="did you mean dataflow"):
        load_accelerator("sata").word("data_flow")


def test_an_accelerator_can_be_sent_to_other_ranks():
    sata = load_accelerator("sata")
    assert pickle.loads(pickle.dumps(sata)) == sata  # noqa: S301 - our own bytes
    assert hash(sata) == hash(load_accelerator("sata"))


def test_quantities_are_in_the_unit_of_their_name():
    ends = {
        "_s": "s",
        "_j": "J",
        "_w": "W",
        "_hz": "1/s",
        "_m2": "m2",
        "_bits": "bit",
        "_per_s": "1/s",
        "_ohm": "Ohm",
        "_v": "V",
        "_a": "A",
    }
    ends |= {"_per_j": "1/J", "_relative": "relative", "_share": "share", "_bits_per_s": "bit/s"}
    dimensions = {unit.dimension for unit in UNITS.values()}
    for quantity in QUANTITIES.values():
        unit = [ends[end] for end in sorted(ends, key=len) if quantity.key.endswith(end)][-1:]
        assert quantity.unit in dimensions
        assert not unit or quantity.unit == unit[0], quantity.key
    groups = {quantity.group for quantity in QUANTITIES.values()}
    assert {question.group for question in WORDS.values()} <= groups
    assert {kind for entry in (*QUANTITIES.values(), *WORDS.values()) for kind in entry.kinds} <= set(KINDS)
