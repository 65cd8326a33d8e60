"""``benchnn map --compare``: every row is what ``benchnn map`` tells of that mapping, and the report draws all."""

import json

import pytest

NETWORK = ("pd14", "--param", "scale=0.02", "--param", "k_scaling=0.05", "--chip", "loihi1", "--neurons-per-core", 128)


@pytest.fixture
def compared(benchnn, home):
    done = benchnn(
        "map",
        *NETWORK,
        "--compare",
        "--mappers",
        "in_order,random",
        "--places",
        "in_order,anneal",
        "--out",
        "c",
        "--json",
    )
    assert done.code == 0
    return json.loads(done.out)


def test_rows_are_those_of_single_mappings(benchnn, compared):
    assert [(row["mapper"], row["place"]) for row in compared["rows"]] == [
        (mapper, place) for mapper in ("in_order", "random") for place in ("in_order", "anneal")
    ]
    for row in compared["rows"]:
        single = json.loads(benchnn("map", *NETWORK, "--mapper", row["mapper"], "--place", row["place"], "--json").out)
        expected = single["expected"]
        assert row["cores"] == single["cores"] and row["refusal"] == single["refusal"]
        for key in ("messages_per_s", "hops_per_s", "mean_hops", "busiest_link_messages_per_s"):
            assert row[key] == pytest.approx(expected[key], rel=1e-9), key
        assert row["over_bound"] == pytest.approx(expected["messages_per_s"] / expected["messages_bound_per_s"] - 1.0)
        assert row["state"] == expected["binding"]["state"]
        # The one from drawn edges, the other from populations in closed form.
        for part, seconds in expected["mean_step_s"].items():
            assert row["step_time_s"][part] == pytest.approx(seconds, rel=0.1), part
        assert row["energy_j"] > 0.0 and row["energy_per_spike_j"] == pytest.approx(
            row["energy_j"] / compared["model"]["neurons"]
        )
        assert row["spike_loss"] is None and row["reasons"]["spike_loss"] == "contention is not modelled"


def test_places_change_hops_and_latencies_but_no_message(compared):
    rows = {(row["mapper"], row["place"]): row for row in compared["rows"]}
    for mapper in ("in_order", "random"):
        ordered, annealed = rows[mapper, "in_order"], rows[mapper, "anneal"]
        assert annealed["hops_per_s"] < ordered["hops_per_s"]
        assert annealed["mean_hops"] < ordered["mean_hops"] and annealed["latency_s"]["mean"] > 0.0
        for key in ("messages_per_s", "over_bound", "busiest_core_synops_per_step"):
            assert annealed[key] == ordered[key]
        assert sorted(annealed["loads"]["core_synops_per_s"]) == sorted(ordered["loads"]["core_synops_per_s"])


def test_the_report_draws_all_mappings_side_by_side(benchnn, home, compared):
    assert benchnn("report", "c").code == 0
    page = (home / "c" / "report.html").read_text()
    for words in (
        "Mappings of pd14 on loihi1",
        "in_order, anneal",
        "random, in_order",
        "Expected messages/s on the links",
    ):
        assert words in page


def test_the_table_tells_columns_and_reasons(benchnn):
    done = benchnn("map", *NETWORK, "--compare", "--mappers", "in_order", "--places", "in_order")
    assert done.code == 0
    for words in ("over bound", "busiest link", "bound by", "spike_loss is unknown: contention is not modelled"):
        assert words in done.out


def test_what_cannot_be_used_has_a_row_that_says_why(benchnn):
    done = benchnn("map", *NETWORK, "--compare", "--mappers", "in_order,nobody", "--places", "in_order", "--json")
    failed = json.loads(done.out)["rows"][1]
    assert done.code == 0 and failed["mapper"] == "nobody" and "is unknown" in failed["error"]


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        (("--compare", "--mapper", "greedy"), "mapper = 'greedy' is not allowed: with --compare, use --mappers"),
        (("--compare", "--place", "anneal"), "place = 'anneal' is not allowed: with --compare, use --mappers"),
        (("--mappers", "greedy"), "mappers = 'greedy' is not allowed: it requires --compare"),
        (("--compare", "--mappers", "greedy,greedy"), "greedy appears twice"),
        (("--compare", "--places", "in order"), "places = 'in order' is not allowed: use names of"),
    ],
)
def test_options_that_contradict_each_other_are_refused(benchnn, options, refusal):
    assert refusal in benchnn("map", *NETWORK, *options).refusal


def test_a_comparison_is_not_overwritten_unasked(benchnn, compared):
    again = ("map", *NETWORK, "--compare", "--mappers", "in_order", "--places", "in_order", "--out", "c")
    assert "already contains a comparison of mappings" in benchnn(*again).refusal
    assert benchnn(*again, "--overwrite").code == 0


BUS = """
title = "A bus"
kind = "digital clocked"
neurons = "any"

[sources]
Own = "invented for this test"

[limits]
cores_per_chip = { value = 16, unit = "1", source = "Own", evidence = "vendor" }
neurons_per_core = { value = 20, unit = "1", source = "Own", evidence = "vendor" }

[network]
topology = { value = "ladder_bus", source = "Own" }
cores_per_router = { value = 1, unit = "1", source = "Own", evidence = "vendor" }
schedule_groups_per_step = { value = 1, unit = "1", source = "Own", evidence = "vendor" }
"""


@pytest.mark.thorough
def test_a_segmented_bus_loses_messages_without_a_schedule_group(benchnn, home):
    (home / "bus.toml").write_text(BUS)
    network = ("map", "brunel", "--param", "order=40", "--chip", "bus.toml", "--compare", "--mappers", "in_order")
    few, many = (
        json.loads(benchnn(*network, "--places", "in_order", "--rates", rate, "--json").out)["rows"][0]["spike_loss"]
        for rate in ("1", "300")
    )
    assert 0.0 <= few < many < 1.0
    (home / "bus.toml").write_text("".join(line for line in BUS.splitlines(True) if "groups" not in line))
    row = json.loads(benchnn(*network, "--places", "in_order", "--json").out)["rows"][0]
    assert row["spike_loss"] is None and "schedule_groups_per_step" in row["reasons"]["spike_loss"]
