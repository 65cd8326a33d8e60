"""A sheet of a user: what it states is read in SI, and what is wrong is refused in a sentence."""

import pytest
from own_sheets import written_sheet

from simcore.errors import InputError
from simcore.neuromorphic import load_chip

OWN = """
title = "Mine"
kind = "digital clocked"
neurons = "two"

[sources]
Me = "my notebook, page 3"

[limits]
neurons_per_core = { value = 3, unit = "Ki", source = "Me", evidence = "vendor" }
weight_bits_max = { value = 1, unit = "B", source = "Me", evidence = "vendor" }

[network]
topology = { value = "ring", source = "Me" }

[energies]
synop_j = { value = 0, unit = "fJ", source = ["Me"], evidence = "measured", scope = "all-in", voltage_v = 1 }

[times]
barrier_s = { table = [[1, 2], [4, 3.5]], over = "cores", unit = "us", source = "Me", evidence = "simulated" }

[unpublished]
synop_s = "I forgot"
"""
SYNOP = OWN.split("[energies]\n")[1].split("\n")[0]
NEURONS = OWN.split("[limits]\n")[1].split("\n")[0]
BARRIER = OWN.split("[times]\n")[1].split("\n")[0]
NETWORKS = '[networks]\nflywire = { chips = 12, source = "Me", note = "all of it" }\n[unpublished]'


@pytest.fixture
def own(tmp_path):
    """Write a sheet, changed by (old, new) pairs, and load it."""
    return lambda *changes: written_sheet(tmp_path, OWN, load_chip, changes)


def test_a_sheet_of_ones_own(own, tmp_path):
    chip = own()
    assert (chip.name, chip.title, chip.kind) == ("mine", "Mine", "digital clocked")
    assert chip.value("neurons_per_core") == 3072 and chip.count("weight_bits_max") == 8
    assert chip.value("synop_j") == 0.0 and chip.fact("synop_j").scope == "all-in"
    assert chip.table("barrier_s") == ((1, 2e-6), (4, 3.5e-6))
    assert chip.why_absent("synop_s") == "unpublished: I forgot"
    assert chip.packing is None
    assert load_chip(str(tmp_path / "mine.toml")) == chip


@pytest.mark.parametrize(
    ("unit", "factor"),
    [("J", 1.0), ("mJ", 1e-3), ("uJ", 1e-6), ("nJ", 1e-9), ("pJ", 1e-12), ("fJ", 1e-15), ("uW/MHz", 1e-12)],
)
def test_units_of_energy(own, unit, factor):
    assert own(('value = 0, unit = "fJ"', f'value = 3.5, unit = "{unit}"')).value("synop_j") == pytest.approx(
        3.5 * factor
    )


@pytest.mark.parametrize(
    ("key", "group", "given", "si"),
    [
        ("tick_s", "times", '3.5, unit = "ns"', 3.5e-9),
        ("tick_s", "times", '1, unit = "ms"', 1e-3),
        ("tick_s", "times", '250, unit = "ps"', 250e-12),
        ("board_w", "power", '104.4, unit = "mW"', 104.4e-3),
        ("board_w", "power", '27.3, unit = "uW"', 27.3e-6),
        ("state_bits", "limits", '2.5, unit = "kB"', 20_000),
        ("state_bits", "limits", '1, unit = "MiB"', 8 * 2**20),
        ("clock_hz", "design", '333, unit = "MHz"', 333e6),
        ("link_bandwidth_spikes_per_s", "network", '3.44, unit = "G/s"', 3.44e9),
        ("die_area_m2", "design", '4.3, unit = "cm2"', 4.3e-4),
        ("synapses_per_chip", "limits", '1.2, unit = "M"', 1_200_000),
    ],
)
def test_units_are_converted_to_si_without_rounding_twice(own, key, group, given, si):
    fact = f'[{group}]\n{key} = {{ value = {given}, source = "Me", evidence = "vendor" }}\n'
    change = (f"[{group}]\n", fact) if f"[{group}]\n" in OWN else ("[unpublished]\n", f"{fact}[unpublished]\n")
    assert own(change).value(key) == si


PACKING = '[packing]\nrule = "cam"\ntags_per_neuron = { value = 4, unit = "1", source = "Me", evidence = "vendor" }\n'
REFUSED = {
    "unknown unit": (('unit = "fJ"', 'unit = "eV"'), "energies.synop_j.unit = 'eV' is not allowed: use J, mJ, uJ"),
    "unit of another dimension": (('unit = "fJ"', 'unit = "ns"'), "energies.synop_j.unit = 'ns'"),
    "no unit": ((' unit = "fJ",', ""), "energies.synop_j.unit = None"),
    "unit is a list": (('unit = "fJ"', 'unit = ["fJ"]'), r"energies.synop_j.unit = \['fJ'\]"),
    "unknown quantity": (("synop_j", "synops_j"), "energies.synops_j is unknown; did you mean synop_j"),
    "quantity of another table": (("[energies]\n", "[power]\n"), "'power.synop_j' .* belongs to .energies."),
    "unknown table": (("[energies]", "[energy]"), "the key 'energy' is unknown; did you mean energies"),
    "unknown key": (("scope", "scpoe"), "energies.synop_j: the key 'scpoe' is unknown; did you mean scope"),
    "no source": ((' source = ["Me"],', ""), "energies.synop_j.source = None .* give a key of"),
    "empty source": (('source = ["Me"]', "source = []"), r"energies.synop_j.source = \[\]"),
    "undefined source": (
        ('source = ["Me"]', 'source = "You"'),
        "energies.synop_j.source = 'You' .* use a key of .sources.: Me",
    ),
    "evidence": (('"measured"', '"guessed"'), "evidence = 'guessed' .* use measured, simulated, vendor or derived"),
    "no evidence": ((' evidence = "measured",', ""), "energies.synop_j.evidence = None"),
    "negative": (("value = 0", "value = -23.6"), "energies.synop_j.value = -23.6 .* >= 0"),
    "title of two lines": (('title = "', 'title = "\\n'), "title = .* must be one line of text"),
    "title with an escape": (('title = "', 'title = "\\u001b[2J'), "title = .* must be one line of text"),
    "a tick of no time": (
        ("[times]\n", '[times]\ntick_s = { value = 0, unit = "s", source = "Me", evidence = "vendor" }\n'),
        "times.tick_s.value = 0 .* omit values that are unknown",
    ),
    "more than can be counted": (("value = 3,", f"value = {2**53 + 1},"), "neurons_per_core.value = .* up to 9,007,"),
    "negative count": (
        ("value = 3,", "value = -3,"),
        "limits.neurons_per_core.value = -3",
    ),
    "no scope": ((' scope = "all-in",', ""), "energies.synop_j.scope = None .* marginal or all-in"),
    "wrong scope": (('"all-in"', '"total"'), "energies.synop_j.scope = 'total'"),
    "scope of a count": ((NEURONS, NEURONS.replace(" }", ', scope = "marginal" }')), "only an energy has a scope"),
    "marginal all-in": (
        (SYNOP, SYNOP.replace("synop_j", "synop_all_in_j").replace('"all-in"', '"marginal"')),
        "synop_all_in_j.scope = 'marginal' .* the scope of an energy is all-in",
    ),
    "nan": (("value = 0", "value = nan"), "energies.synop_j.value = nan .* finite number"),
    "infinite": (("value = 0", "value = inf"), "energies.synop_j.value = inf"),
    "huge": (("value = 0", "value = 1e400"), "energies.synop_j.value = inf .* finite number"),
    "endless": (("value = 0", f"value = 1e{'9' * 30}"), "whose exponent is out of range"),
    "text": (("value = 0", 'value = "0"'), "energies.synop_j.value = '0'"),
    "truth": (("value = 0", "value = true"), "energies.synop_j.value = True"),
    "plain number": ((SYNOP, "synop_j = 23.6"), "energies.synop_j = 23.6 .* write a table"),
    "no value": (("value = 0,", ""), r"energies.synop_j = \[\] .* give value, one number"),
    "table of a number": (("value = 0,", "table = [[1, 2]],"), "give value, one number"),
    "half a neuron": (("value = 3,", "value = 0.3,"), "limits.neurons_per_core.value = 0.3 .* integer"),
    "no neurons": (("value = 3,", "value = 0,"), "limits.neurons_per_core.value = 0 .* omit values that are unknown"),
    "no voltage": ((", voltage_v = 1", ""), "energies.synop_j.voltage_v = None .* or a note with the reason"),
    "voltage": (("voltage_v = 1", "voltage_v = -1"), "energies.synop_j.voltage_v = -1"),
    "voltage is nan": (("voltage_v = 1", "voltage_v = nan"), "energies.synop_j.voltage_v = nan"),
    "table and value": (("table = [", "value = 1, table = ["), "give either value or table"),
    "table over nothing": ((' over = "cores",', ""), "times.barrier_s.over = None"),
    "table over apples": (('"cores"', '"apples"'), "times.barrier_s.over = 'apples' .* use cores, tiles or chips"),
    "counts that fall": (("[[1, 2], [4, 3.5]]", "[[4, 2], [1, 3.5]]"), "times.barrier_s.table = .* must be ascending"),
    "rows of three": (("[[1, 2], [4, 3.5]]", "[[1, 2, 3]]"), "must be rows of a count and a number"),
    "negative row": (("[4, 3.5]", "[4, -3.5]"), "times.barrier_s.table = -3.5"),
    "word": (('"ring"', '"donut"'), "network.topology.value = 'donut' .* mesh, torus, triangular_torus"),
    "word without a source": (('value = "ring", source = "Me"', 'value = "ring"'), "network.topology.source = None"),
    "1 is not true": (
        ('topology = { value = "ring"', "multicast = { value = 1"),
        "multicast.value = 1 .* True or False",
    ),
    "includes nonsense": (
        (SYNOP, SYNOP.replace(" }", ', includes = ["hop_j"] }')),
        "includes = .'hop_j'. is not allowed",
    ),
    "includes itself": ((SYNOP, SYNOP.replace(" }", ', includes = ["synop_j"] }')), "keys of other energies"),
    "includes itself by way of another": (
        (
            SYNOP,
            SYNOP.replace(" }", ', includes = ["hop_ew_j"] }\n')
            + SYNOP.replace("synop_j", "hop_ew_j").replace(" }", ', includes = ["synop_j"] }'),
        ),
        "synop_j.includes = .'hop_ew_j'. .* cannot contain itself",
    ),
    "count includes": (
        (NEURONS, NEURONS.replace(" }", ', includes = ["synop_j"] }')),
        "only energies and powers may list",
    ),
    "kind": (('"digital clocked"', '"quantum"'), "kind = 'quantum' .* digital asynchronous"),
    "no title": (('title = "Mine"', ""), "title = None"),
    "both given and unpublished": (('synop_s = "I', 'synop_j = "I'), "unpublished.synop_j .* the sheet states synop_j"),
    "unpublished nonsense": (('synop_s = "I', 'synp_s = "I'), "unpublished: the key 'synp_s' is unknown"),
    "unpublished number": (('"I forgot"', "0"), "unpublished.synop_s = 0 .* must be a non-blank string"),
    "group is no table": (("[unpublished]\nsynop_s", "[[unpublished]]\nsynop_s"), "unpublished = .* must be a table"),
    "packing rule": (("[unpublished]", '[packing]\nrule = "zip"\n[unpublished]'), "packing.rule = 'zip' .* use loihi"),
    "packing parameter missing": (("[unpublished]", f"{PACKING}[unpublished]"), "cam_words_per_neuron is missing"),
    "packing parameter unknown": (
        ("[unpublished]", f"{PACKING.replace('tags', 'flags')}[unpublished]"),
        "packing: the key 'flags_per_neuron' is unknown",
    ),
    "network of no chips": (("[unpublished]", NETWORKS.replace("12", "0")), "networks.flywire.chips = 0"),
    "network of half a chip": (("[unpublished]", NETWORKS.replace("12", "0.5")), "networks.flywire.chips = 0.5"),
    "network of no source": (("[unpublished]", NETWORKS.replace('"Me"', '"You"')), "networks.flywire.source = 'You'"),
    "network of unknown keys": (
        ("[unpublished]", NETWORKS.replace("chips", "boards")),
        "networks.flywire: the key 'boards' is unknown",
    ),
    "network in a number": (("[unpublished]", "[networks]\nflywire = 12\n[unpublished]"), "networks.flywire = 12"),
    "no TOML": (("[sources]", "[sources"), "is not valid TOML"),
    "doubled key": ((NEURONS, f"{NEURONS}\n{NEURONS}"), "is not valid TOML"),
}


def test_networks_of_others_are_read(own):
    (network,) = own(("[unpublished]", NETWORKS)).networks
    assert (network.model, network.chips, network.sources, network.note) == ("flywire", 12, ("Me",), "all of it")
    assert own().networks == ()


def test_a_power_may_contain_energies(own):
    power = 'static_w_per_core = { value = 1, unit = "W", source = "Me", evidence = "vendor", includes = ["synop_j"] }'
    assert own(("[unpublished]", f"[power]\n{power}\n[unpublished]")).fact("static_w_per_core").includes == ("synop_j",)


@pytest.mark.parametrize("fault", REFUSED)
def test_a_wrong_sheet_is_refused(own, fault):
    change, message = REFUSED[fault]
    with pytest.raises(InputError, match=message) as refused:
        own(change)
    assert "mine.toml" in str(refused.value) and "\n" not in str(refused.value)
    assert "Decimal" not in str(refused.value)


def test_what_is_no_file_is_refused(tmp_path):
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")
    for path in (tmp_path / "none.toml", tmp_path, tmp_path / "binary.toml", "./loihi1"):
        with pytest.raises(InputError, match="chip = "):
            load_chip(path)


def test_an_unknown_chip_is_refused_with_near_names():
    with pytest.raises(InputError, match=r"chip = 'lohi1' is unknown: .*did you mean loihi1 or loihi2"):
        load_chip("lohi1")
    with pytest.raises(InputError, match="known names are akida1000, brainscales2"):
        load_chip("xyzzy")
