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
    assert "weight_bits = 9" in benchnn(*brunel, "--chip", "loihi1", "--weight-bits", 9).refusal
    assert "of layers, not of" in benchnn(*brunel, "--chip", "speck", "--neurons-per-core", 9).refusal
