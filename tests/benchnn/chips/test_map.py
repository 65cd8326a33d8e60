"""``benchnn map``: the table, the verdict, the expected traffic, what is adapted, and what is refused."""

import json

import pytest

BRUNEL = ("map", "brunel", "--param", "order=20")
A_RUN = {
    "schema_version": 1,
    "run_id": "a",
    "model": {"name": "brunel"},
    "layout": {"ranks": 1},
    "provenance": {"started_utc": "2026-01-01T00:00:00+00:00"},
}


def test_a_network_that_fits(benchnn):
    done = benchnn(*BRUNEL, "--chip", "loihi1", "--neurons-per-core", 10)
    assert done.code == 0 and done.out.endswith("no published limit is exceeded\n")
    rows = {line.split()[0]: line.split() for line in done.out.splitlines() if "_" in line}
    assert rows["neurons_per_core"][1:] == ["1,024", "10", "core", "0", "fits"]
    assert "10 cores, 1 chip\n" in done.out


def test_every_exceeded_limit_is_named_and_the_exit_code_tells(benchnn):
    done = benchnn("map", "pd14", "--param", "scale=0.02", "--chip", "truenorth", "--json")
    record = json.loads(done.out)
    assert done.code == 1 and record["exceeded"] == [one["quantity"] for one in record["limits"] if one["over"]]
    assert {"axons_in_per_core", "destinations_per_neuron", "delay_steps_max"} <= set(record["exceeded"])
    assert record["cores"] == -(-record["model"]["neurons"] // 256)
    assert "axons in, more than the limit of 256 (exceeded by 7 of 7 cores); " in record["refusal"]
    assert f"{record['refusal']}\n" in benchnn("map", "pd14", "--param", "scale=0.02", "--chip", "truenorth").out


def test_adapted_networks_fit_and_tell_what_was_changed(benchnn):
    pd14 = ("map", "pd14", "--param", "scale=0.02", "--chip", "loihi1", "--weight-bits", 5)
    assert json.loads(benchnn(*pd14, "--json").out)["adaptation"] is None
    done = benchnn(*pd14, "--on-violation", "adapt")
    record = json.loads(benchnn(*pd14, "--on-violation", "adapt", "--json").out)
    assert done.code == 0 and record["exceeded"] == [] and record["refusal"] is None
    adaptation = record["adaptation"]
    assert adaptation["cores_before"] == 2 and adaptation["cores_after"] == record["cores"] > 2
    assert adaptation["weight_bits"] == 5
    assert adaptation["synapses_quantised"] == pytest.approx(record["synapses"], rel=0.01)
    assert 0.0 < adaptation["sd_change_max"] < 0.5
    assert f"adapted: 2 cores split into {record['cores']}, {adaptation['neurons_moved']:,} neurons moved; " in done.out


def test_expected_traffic_follows_the_rates(benchnn, home):
    mapped = (*BRUNEL, "--chip", "loihi1", "--neurons-per-core", 10, "--json")
    one, three = (json.loads(benchnn(*mapped, *rates).out)["expected"] for rates in ((), ("--rates", "3")))
    assert set(one["rates_hz"].values()) == {1.0} and set(three["rates_hz"].values()) == {3.0}
    assert three["messages_per_s"] == pytest.approx(3.0 * one["messages_per_s"])
    assert one["messages_per_step"] == pytest.approx(one["messages_per_s"] * 1e-4)
    # Each of 100 neurons has 10 of the 80 excitatory and 20 inhibitory neurons as sources of each kind.
    assert one["synaptic_events_per_s"] == json.loads(benchnn(*mapped).out)["synapses"]
    (home / "measured").mkdir()
    (home / "measured" / "result.json").write_text(json.dumps({**A_RUN, "mean_rate_hz": {"E": 0.0, "I": 6.5}}))
    measured = json.loads(benchnn(*mapped, "--rates", "measured").out)["expected"]
    assert measured["rates_hz"] == {"E": 0.0, "I": 6.5}
    assert 0.0 < measured["messages_per_s"] < 6.5 * one["messages_per_s"]
    assert "expected at 0 to 6.5 spikes/s per neuron: " in benchnn(*mapped[:-1], "--rates", "measured").out


def test_the_distance_to_the_bound_on_messages_is_reported(benchnn):
    mapped = ("map", "pd14", "--param", "scale=0.02", "--chip", "loihi1", "--neurons-per-core", 20)
    record = json.loads(benchnn(*mapped, "--json").out)["expected"]
    bound, fullest = record["messages_bound_per_s"], record["neurons_of_fullest_core"]
    assert record["reasons"] == {} and fullest == 20
    # The drawn synapses may be some fewer than expected.
    assert 0.99 * bound < record["messages_per_s"] < 1.1 * bound
    over = f"within {100.0 * (record['messages_per_s'] / bound - 1.0):.1f} % of the bound of {bound:,.0f} messages/s"
    assert (
        f"{over} for mappings that ignore the drawn synapses, with at most 20 neurons per core\n"
        in benchnn(*mapped).out
    )


def test_a_network_of_unlike_neurons_has_no_bound_and_says_why(benchnn, home):
    (home / "listed.py").write_text(
        "from simcore.network import *\n"
        "def listed():\n"
        "    return Network([Population('A', 4)], [Projection('A', 'A', OneToOne(), 1.0)])\n"
    )
    mapped = ("map", "listed.py:listed", "--chip", "loihi1")
    expected = json.loads(benchnn(*mapped, "--json").out)["expected"]
    assert expected["messages_bound_per_s"] is None
    assert expected["reasons"]["messages_bound_per_s"].endswith("projection A -> A is one_to_one")
    assert "the bound on messages is unknown: neurons of a population are not exchangeable" in benchnn(*mapped).out


def test_the_mean_step_is_reported_by_part_with_what_binds_and_the_bound(benchnn):
    mapped = (*BRUNEL, "--chip", "loihi1", "--neurons-per-core", 50)
    expected = json.loads(benchnn(*mapped, "--json").out)["expected"]
    times, bound = expected["mean_step_s"], expected["step_bound"]
    # 2 cores of a tile, with 50 neurons each that get 10 events a second.
    assert times["compute"] == pytest.approx(420e-9) and times["memory"] == pytest.approx(50 * 10 * 1e-4 * 3.5e-9)
    assert times["total"] == pytest.approx(420e-9 + 113e-9)
    assert expected["binding"] == {"state": "compute", "core": 0, "link": None}
    assert (bound["part"], bound["amount"]) == ("compute", -(-100 // bound["cores"]))
    assert bound["seconds"] <= times["total"]
    text = benchnn(*mapped).out
    assert "expected mean step: " in text and "bound by compute of core 0\n" in text
    assert f"within {100.0 * (times['total'] / bound['seconds'] - 1.0):.1f} % of the bound: no mapping has" in text


def test_a_mean_step_that_is_not_known_says_why(benchnn):
    expected = json.loads(benchnn(*BRUNEL, "--chip", "spinnaker1", "--neurons-per-core", 50, "--json").out)["expected"]
    assert expected["mean_step_s"]["total"] is None and expected["step_bound"] is None
    assert "synop_s" in expected["reasons"]["mean_step_s.memory"]
    assert expected["reasons"]["step_bound"] == "neither memory access nor computation has a published time"
    fixed = json.loads(benchnn(*BRUNEL, "--chip", "truenorth", "--json").out)["expected"]
    assert fixed["mean_step_s"]["total"] == 1e-3 and fixed["reasons"]["step_bound"] == "a step has a fixed time"


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("-1", "rate of E = -1.0 is not allowed: must be a finite rate >= 0, in 1/s"),
        ("nan", "rate of E = nan is not allowed"),
        ("nowhere", "rates = 'nowhere' is not allowed: use a number in 1/s, or the folder of a result"),
        ("broken", "rates = 'broken' cannot be used: broken: not valid JSON"),
        ("timeless", "rates = 'timeless' is not allowed: use a result whose record contains mean_rate_hz"),
        ("other", "rate of I = None is not allowed"),
    ],
)
def test_wrong_rates_are_refused(benchnn, home, text, refusal):
    (home / "broken").write_text("{")
    (home / "timeless").write_text(json.dumps({**A_RUN, "mean_rate_hz": None}))
    (home / "other").write_text(json.dumps({**A_RUN, "mean_rate_hz": {"E": 1.0}}))
    assert refusal in benchnn(*BRUNEL, "--chip", "loihi1", "--rates", text).refusal


def test_wrong_input_is_refused(benchnn):
    assert "did you mean loihi" in benchnn(*BRUNEL, "--chip", "loihi").refusal
    assert "neurons_per_core is missing: spinnaker1 has no limit" in benchnn(*BRUNEL, "--chip", "spinnaker1").refusal
    assert "neurons_per_core = 0" in benchnn(*BRUNEL, "--chip", "loihi1", "--neurons-per-core", 0).refusal
    assert "mapper = 'best'" in benchnn(*BRUNEL, "--chip", "loihi1", "--mapper", "best").refusal
    assert "weight_bits = 33" in benchnn(*BRUNEL, "--chip", "loihi1", "--weight-bits", 33).refusal
    assert "use error or adapt" in benchnn(*BRUNEL, "--chip", "loihi1", "--on-violation", "ignore").refusal


def test_what_is_unknown_has_its_reason(benchnn):
    for options, reason in (
        (("--chip", "loihi1", "--weight-bits", 9), "the packing rule has no weight fields of 9 bits"),
        (("--chip", "speck", "--neurons-per-core", 10**30), "the rule 'words' does not apply to arbitrary connections"),
        (("--chip", "dynap_se", "--weight-bits", 5), "the rule 'cam' does not apply to arbitrary connections"),
    ):
        record = json.loads(benchnn(*BRUNEL, *options, "--json").out)
        memory = next(one for one in record["limits"] if one["quantity"] == "synapse_memory_bits_per_core")
        assert memory["largest"] is None and memory["over"] == 0
        assert memory["allowed"] is None or reason in memory["reason"]


def test_tables_of_routers_are_checked(benchnn):
    done = benchnn(*BRUNEL, "--chip", "spinnaker1", "--neurons-per-core", 2, "--json")
    checks = {one["quantity"]: one for one in json.loads(done.out)["limits"]}
    check, merging = checks["router_entries_per_router"], checks["router_entries_per_router"]["merging"]
    assert check["allowed"] == 1023
    assert 0 < merging["different_routes"] <= check["largest"] <= merging["unmerged"] <= merging["unmerged_max"]
    assert checks["neurons_per_core"]["merging"] is None
    text = benchnn(*BRUNEL, "--chip", "spinnaker1", "--neurons-per-core", 2).out
    assert f"fits; {merging['unmerged']:,} before merging" in text


def test_a_full_core_of_loihi_allows_fewer_delays_and_a_crossbar_has_its_columns(benchnn, home):
    (home / "slow.py").write_text(
        "from simcore.network import FixedIndegree, Network, Population, Projection\n"
        "def slow():\n    edges = [Projection('A', 'A', FixedIndegree(2), 1.0, 6.0)]\n"
        "    return Network([Population('A', 1024)], edges)\n"
    )
    record = json.loads(benchnn("map", "slow.py:slow", "--chip", "loihi1", "--json").out)
    assert record["exceeded"] == ["delay_steps_full_core"]
    record = json.loads(benchnn("map", "slow.py:slow", "--chip", "odin", "--neurons-per-core", 1024, "--json").out)
    assert {"neurons_per_core", "crossbar columns"} <= set(record["exceeded"])


def test_number_of_cores_objective_and_effort(benchnn):
    mapped = (*BRUNEL, "--chip", "loihi1", "--cores", 9, "--json")
    dealt = json.loads(benchnn(*mapped).out)
    annealed = (*mapped, "--mapper", "anneal", "--effort", 20_000)
    found = [json.loads(benchnn(*annealed, *objective).out) for objective in ((), ("--objective", "messages"))]
    assert dealt["cores"] == found[0]["cores"] == 9 and found[0] == found[1]
    assert found[0]["expected"]["messages_per_s"] < dealt["expected"]["messages_per_s"]
    assert benchnn(*annealed, "--objective", "hops").code == 0


@pytest.mark.parametrize(
    ("options", "said"),
    [
        (("--cores", 101), "cores = 101 is not allowed"),
        (("--cores", "few"), "cores = 'few'"),
        (("--mapper", "in_order", "--objective", "hops"), "mapper in_order does not support it; use anneal"),
        (("--objective", "speed"), "use messages, hops, link or step_time"),
        (("--effort", "-1"), "effort = -1 is not allowed"),
    ],
)
def test_wrong_aims_are_refused(benchnn, options, said):
    done = benchnn(*BRUNEL, "--chip", "loihi1", *options)
    assert done.code == 2 and said in done.err


def test_the_fewest_chips_and_those_of_others_are_reported(benchnn):
    fly = ("map", "flywire", "--param", "scale=0.01", "--chip", "loihi2")
    lines = benchnn(*fly).out.splitlines()
    least, others, unknown, published = (
        next(line for line in lines if word in line)
        for word in (
            "at least 1 chip",
            "other published capacities",
            "unknown and therefore",
            "published: 12 chips [Wang2025]",
        )
    )
    assert "bits of weights" in least and "synapse_memory_bits_per_core" in least and published
    assert "neurons_per_core 1" in others and "axons_in_per_core" in unknown
    record = json.loads(benchnn(*fly, "--json").out)
    assert record["least_chips"]["chips"] == 1 and record["published"]["chips"] == 12
    capacity = next(one for one in record["least_chips"]["capacities"] if one["quantity"] == "neurons_per_core")
    assert (capacity["demanded"], capacity["per_chip"]) == (record["model"]["neurons"], 128 * 8192)
    assert json.loads(benchnn(*BRUNEL, "--chip", "loihi2", "--json").out)["published"] is None
