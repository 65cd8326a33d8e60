"""A sheet of a user: what it states is read in SI, and what is wrong is refused in a sentence."""

import pytest
from own_sheets import written_sheet

from simcore.accelerators.sheets.parser import load_accelerator
from simcore.errors import InputError

OWN = """
title = "Mine"
kind = "systolic array"

[sources]
Me = "my notebook, page 3"

[design]
dataflow = { value = "tick_batched", source = "Me" }
clock_hz = { value = 1.5, unit = "GHz", source = "Me", evidence = "vendor" }
lif_register_bits = { value = [4, 8], unit = "bit", source = "Me", evidence = "vendor" }

[memory]
dram_bandwidth_bits_per_s = { value = 34, unit = "GB/s", source = "Me", evidence = "secondary" }

[energies]
dram_access_j = { value = 0, unit = "fJ", source = ["Me"], evidence = "measured", scope = "all-in", node = "7 nm" }

[power]
adder_w = { table = [[8, 2], [16, 3.5]], over = "bits", unit = "uW", source = "Me", evidence = "vendor", node = "7 nm" }
power_share_at_tenth_load = { value = 88, unit = "%", source = "Me", evidence = "measured" }

[areas]
die_area_m2 = { value = 12, unit = "mm2", source = "Me", evidence = "vendor", node = "7 nm" }

[unpublished]
tdp_w = "I forgot"
"""
DRAM = OWN.split("[energies]\n")[1].split("\n")[0]
ADDER = OWN.split("[power]\n")[1].split("\n")[0]


@pytest.fixture
def own(tmp_path):
    """Write a sheet, changed by (old, new) pairs, and load it."""
    return lambda *changes: written_sheet(tmp_path, OWN, load_accelerator, changes)


def test_a_sheet_of_ones_own(own, tmp_path):
    mine = own()
    assert (mine.name, mine.title, mine.kind) == ("mine", "Mine", "systolic array")
    assert mine.value("clock_hz") == 1.5e9 and mine.values("lif_register_bits") == (4.0, 8.0)
    assert mine.table("adder_w") == ((8, 2e-6), (16, 3.5e-6)) and mine.row("adder_w", 16) == 3.5e-6
    assert mine.value("dram_access_j") == 0.0 and mine.fact("dram_access_j").scope == "all-in"
    assert mine.fact("dram_access_j").node == "7 nm" and mine.fact("clock_hz").node is None
    assert mine.value("power_share_at_tenth_load") == 0.88
    assert mine.word("dataflow") == "tick_batched"
    assert mine.why_absent("tdp_w") == "unpublished: I forgot"
    assert load_accelerator(str(tmp_path / "mine.toml")) == mine
    assert len(mine.sha256) == 64 and own(("I forgot", "I know")).sha256 != mine.sha256


@pytest.mark.parametrize(
    ("old", "new", "key", "si"),
    [
        ('34, unit = "GB/s"', '0.5, unit = "Tbit/s"', "dram_bandwidth_bits_per_s", 0.5e12),
        ('34, unit = "GB/s"', '12, unit = "bit/s"', "dram_bandwidth_bits_per_s", 12),
        ('34, unit = "GB/s"', '6.4, unit = "MB/s"', "dram_bandwidth_bits_per_s", 51.2e6),
        ('12, unit = "mm2"', '0.5, unit = "um2"', "die_area_m2", 0.5e-12),
        ('12, unit = "mm2"', '2, unit = "cm2"', "die_area_m2", 2e-4),
    ],
)
def test_units_are_converted_to_si(own, old, new, key, si):
    assert own((old, new)).value(key) == pytest.approx(si, rel=1e-15)


def measured(text):
    """A change that adds a table of measurements."""
    return ("[unpublished]", f"[measured]\n{text}\n[unpublished]")


def test_rates_by_energy_and_lists_of_shares(own):
    rate = 'multiply_accumulates_per_j = { value = 83.1, unit = "G/J", source = "Me", evidence = "measured" }'
    share = 'active_share = { value = [0, 12.5], unit = "%", source = "Me", evidence = "measured" }'
    assert own(measured(rate)).value("multiply_accumulates_per_j") == 83.1e9
    assert own(measured(share)).values("active_share") == (0.0, 0.125)


REFUSED = {
    "power in pJ": (('unit = "uW"', 'unit = "pJ"'), "power.adder_w.unit = 'pJ' is not allowed: use W, mW, uW or nW"),
    "energy in nW": (('unit = "fJ"', 'unit = "nW"'), "energies.dram_access_j.unit = 'nW' is not allowed: use J, mJ"),
    "unknown unit": (('unit = "GB/s"', 'unit = "GiB/s"'), "dram_bandwidth_bits_per_s.unit = 'GiB/s'"),
    "no unit": ((' unit = "fJ",', ""), "energies.dram_access_j.unit = None"),
    "unknown quantity": (("adder_w", "addder_w"), "power.addder_w is unknown; did you mean adder_w"),
    "table in a table": (("[energies]\n", "[memory.x]\n"), "memory.x is unknown"),
    "quantity of another table": (("[areas]\n", "[measured]\n"), "'measured.die_area_m2' .* belongs to .areas."),
    "quantity of a chip": ((DRAM, DRAM.replace("dram_access_j", "synop_j")), "energies.synop_j is unknown"),
    "quantity of another kind": (
        (DRAM, DRAM.replace("dram_access_j", "adc_j")),
        "'energies.adc_j' is not allowed: only .*'in-memory crossbar'.* this sheet is of kind 'systolic array'",
    ),
    "word of another kind": (
        ('kind = "systolic array"', 'kind = "spatial array"'),
        "'design.lif_register_bits' .* this sheet is of kind 'spatial array'",
    ),
    "unpublished of another kind": (("tdp_w =", "adc_m2 ="), "'unpublished.adc_m2' .* only sheets of kind 'in-memory"),
    "kind": (('"systolic array"', '"quantum"'), "kind = 'quantum' .* use systolic array, systolic array, training"),
    "kind of a chip": (('"systolic array"', '"digital clocked"'), "kind = 'digital clocked'"),
    "text of a chip": (("[sources]", 'neurons = "x"\n[sources]'), "the key 'neurons' is unknown"),
    "packing of a chip": (("[sources]", '[packing]\nrule = "cam"\n[sources]'), "the key 'packing' is unknown"),
    "no node of an energy": (
        (', node = "7 nm" }\n\n[power]', " }\n\n[power]"),
        "dram_access_j.node = None .* a technology node",
    ),
    "no node of a power": (
        (ADDER, ADDER.replace(', node = "7 nm"', "")),
        "power.adder_w.node = None .* such as .28 nm",
    ),
    "no node of an area": ((', node = "7 nm" }\n\n[unp', " }\n\n[unp"), "areas.die_area_m2.node = None"),
    "node is a number": (
        ('scope = "all-in", node = "7 nm"', 'scope = "all-in", node = 7'),
        "node = 7 .* must be a non-blank string",
    ),
    "no scope": ((' scope = "all-in",', ""), "dram_access_j.scope = None .* marginal or all-in"),
    "scope of a power": ((ADDER, ADDER.replace(" }", ', scope = "marginal" }')), "only an energy has a scope"),
    "evidence": (('"measured", scope', '"guessed", scope'), "'guessed' .* vendor, derived or secondary"),
    "no source": ((' source = ["Me"],', ""), "dram_access_j.source = None .* give a key of"),
    "undefined source": (
        ('source = ["Me"]', 'source = "You"'),
        "dram_access_j.source = 'You' .* use a key of .sources.: Me",
    ),
    "value of a table": (
        (ADDER, ADDER.replace('table = [[8, 2], [16, 3.5]], over = "bits"', "value = 2")),
        "give table",
    ),
    "table of a number": (("value = 12,", 'table = [[1, 2]], over = "bits",'), "give value, one number"),
    "table over cores": (('over = "bits"', 'over = "cores"'), "power.adder_w.over = 'cores' .* use bits"),
    "table over nothing": ((' over = "bits",', ""), "power.adder_w.over = None"),
    "widths that fall": (("[[8, 2], [16, 3.5]]", "[[16, 2], [8, 3.5]]"), "power.adder_w.table = .* must be ascending"),
    "negative": (("value = 12,", "value = -12,"), "die_area_m2.value = -12 .* finite number >= 0"),
    "area of nothing": (("value = 12,", "value = 0,"), "die_area_m2.value = 0 .* omit values that are unknown"),
    "half a bit": (("[4, 8]", "[4, 8.5]"), "lif_register_bits.value = 8.5 .* integer"),
    "word": (
        ('"tick_batched"', '"stationary"'),
        "dataflow.value = 'stationary' .* output_stationary, weight_stationary",
    ),
    "voltage": ((ADDER, ADDER.replace(" }", ", voltage_v = 0 }")), "power.adder_w.voltage_v = 0"),
    "both given and unpublished": (("tdp_w =", "clock_hz ="), "unpublished.clock_hz .* the sheet states clock_hz"),
    "unpublished nonsense": (("tdp_w =", "tdp ="), "unpublished: the key 'tdp' is unknown; did you mean"),
    "no TOML": (("[sources]", "[sources"), "is not valid TOML"),
}


@pytest.mark.parametrize("fault", REFUSED)
def test_a_wrong_sheet_is_refused(own, fault):
    change, message = REFUSED[fault]
    with pytest.raises(InputError, match=message) as refused:
        own(change)
    assert "mine.toml" in str(refused.value) and "\n" not in str(refused.value)
    assert "Decimal" not in str(refused.value)


def test_an_energy_needs_no_voltage(own):
    assert own().fact("dram_access_j").voltage_v is None
    stated = own((DRAM, DRAM.replace(" }", ", voltage_v = 0.9 }")))
    assert stated.fact("dram_access_j").voltage_v == 0.9


def test_what_is_no_file_is_refused(tmp_path):
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "none.toml", tmp_path, tmp_path / "binary.toml", "./sata"):
        with pytest.raises(InputError, match="accelerator = "):
            load_accelerator(path)


@pytest.mark.parametrize("value", [None, 3, b"sata", ["sata"], 1.5, ""])
def test_what_is_neither_a_name_nor_a_path_is_refused(value):
    with pytest.raises(InputError, match="accelerator = "):
        load_accelerator(value)


def test_an_unknown_accelerator_is_refused_with_near_names():
    with pytest.raises(InputError, match=r"accelerator = 'satta' is unknown: .*did you mean sata"):
        load_accelerator("satta")
    with pytest.raises(InputError, match="known names are estimate_28nm, eyeriss"):
        load_accelerator("xyzzy")
    with pytest.raises(InputError, match="accelerator = 'loihi1' is unknown"):
        load_accelerator("loihi1")
