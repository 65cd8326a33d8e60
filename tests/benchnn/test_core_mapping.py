"""``benchnn map``: the table, the verdict, and what is refused."""

import json


def test_a_network_that_fits(benchnn):
    done = benchnn("map", "brunel", "--param", "order=20", "--chip", "loihi1", "--neurons-per-core", 10)
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


def test_wrong_input_is_refused(benchnn):
    brunel = ("map", "brunel", "--param", "order=20")
    assert "did you mean loihi" in benchnn(*brunel, "--chip", "loihi").refusal
    assert "neurons_per_core is missing: spinnaker1 has no limit" in benchnn(*brunel, "--chip", "spinnaker1").refusal
    assert "neurons_per_core = 0" in benchnn(*brunel, "--chip", "loihi1", "--neurons-per-core", 0).refusal
    assert "mapper = 'best'" in benchnn(*brunel, "--chip", "loihi1", "--mapper", "best").refusal
    assert "weight_bits = 33" in benchnn(*brunel, "--chip", "loihi1", "--weight-bits", 33).refusal


def test_what_cannot_be_told_has_its_reason(benchnn):
    brunel = ("map", "brunel", "--param", "order=20", "--json")
    for options, reason in (
        (("--chip", "loihi1", "--weight-bits", 9), "weight fields of 9 bits have no packing"),
        (("--chip", "speck", "--neurons-per-core", 10**30), "the rule 'words' is not of arbitrary connections"),
        (("--chip", "dynap_se"), "the rule 'cam' is not of arbitrary connections"),
    ):
        record = json.loads(benchnn(*brunel, *options).out)
        memory = next(one for one in record["limits"] if one["quantity"] == "synapse_memory_bits_per_core")
        assert memory["largest"] is None and memory["over"] == 0
        assert memory["allowed"] is None or reason in memory["reason"]


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
