"""Dry runs: arithmetic of the prediction, rates, the record, and that the rank which is played is the real one."""

import dataclasses
import json
import re
from pathlib import Path

import pytest

from benchnn.interconnects.exchange_time import CommunicationModel
from benchnn.model_source import describe_network, find_model, parameter_values
from benchnn.running import dry_run, message_costs
from benchnn.running.dry_run_prediction import MPI_BYTES, BetweenGroups, Measured, prediction
from benchnn.running.rates import given_rates
from simcore.comm.dry_run import DryRunCommunicator
from simcore.errors import UnavailableError
from simcore.network import AllToAll, FixedIndegree, FixedTotalNumber, Network, Population, Projection
from simcore.simulator import Simulator

DOCS = Path(__file__).parents[3] / "docs" / "result.md"
MODEL = CommunicationModel(latency_us=2.0, bandwidth_gb_s=0.5, source="given")
MESSAGES = ("--latency-us", 2, "--bandwidth-gb-s", 0.5)
NAMED_BY_USER = {"model.parameters": "NAME", "rates_hz": "POPULATION", "reasons": "KEY"}


@pytest.fixture
def dry(home, benchnn):
    """A short dry run of the small network: ``dry("--dry-run-ranks", 3)``."""

    def call(*arguments, model="small.py:small"):
        short = ("--time", 5, "--warmup", 1, "--threads", 1, "--out", "out", "--overwrite")
        return benchnn("run", model, *short, *arguments)

    return call


def play(dry, rank, ranks, *arguments):
    rate = ("--dry-run-rate", 20, *MESSAGES)
    return dry("--dry-run-ranks", ranks, "--dry-run-rank", rank, *rate, "--json", *arguments).record


def network(names="EI"):
    return Network([Population(name, 4) for name in names], resolution_ms=0.1)


def measured(**changes):
    some = Measured(
        threads=2,
        steps=1000,
        wall_s=0.5,
        work_s_per_step=80e-6,
        deliver_s_per_step=30e-6,
        update_s_per_step=50e-6,
        unpack_s_per_exchange=0.0,
        construction_s=1.0,
        routing_s=0.0,
        compile_s=0.1,
        memory_bytes={"peak_rss": 10**9, "synapses": 8, "index": 4, "state": 2},
        synapses=100,
        neurons=10,
        delivery="by_source",
        interval_steps=1,
        spikes=5,
        synaptic_events=7,
        received_words_per_exchange=3.5,
        largest_sent_words=8,
        destinations=3,
        origins=2,
    )
    return dataclasses.replace(some, **changes)


# --- arithmetic --------------------------------------------------------------------------------------------------


def test_the_exchange_is_added_to_a_step():
    # A block: a word for each of 1 step, and for twice 8 spikes.
    exchange_us = 2 * 2.0 + 3 * 4 * (1 + 16) / 500
    predicted = prediction(0.1, 4, "collective", MODEL, measured())
    assert predicted["exchange_us"] == pytest.approx(exchange_us)
    assert predicted["exchange_share"] == pytest.approx(exchange_us / (80 + exchange_us))
    assert predicted["real_time_factor"] == pytest.approx((80 + exchange_us) / 100)
    assert predicted["real_time_factor_hidden"] == pytest.approx(0.8)
    # Three blocks of others, and the MPI library.
    memory = 10**9 + 3 * 4 * 17 + MPI_BYTES
    assert (predicted["memory_per_rank_bytes"], predicted["memory_bytes"]) == (memory, 4 * memory)
    # Two blocks are received and three are sent.
    predicted = prediction(0.1, 4, "directed", MODEL, measured())
    assert predicted["memory_per_rank_bytes"] == 10**9 + 5 * 4 * 17 + MPI_BYTES


def test_the_blocks_of_others_are_unpacked_whatever_is_hidden():
    plain = prediction(0.1, 4, "collective", MODEL, measured(interval_steps=2))
    predicted = prediction(0.1, 4, "collective", MODEL, measured(interval_steps=2, unpack_s_per_exchange=40e-6))
    for key in ("real_time_factor", "real_time_factor_hidden"):
        assert predicted[key] - plain[key] == pytest.approx(0.2)


@pytest.mark.parametrize(("exchange", "blocks"), [("collective", 1), ("directed", 3)])
def test_counts_are_those_of_all_ranks(exchange, blocks):
    predicted = prediction(0.1, 4, exchange, MODEL, measured())
    assert predicted["bytes_sent_per_exchange"] == blocks * 4 * 17
    # 5 spikes and 7 events in 0.1 s of model time.
    assert predicted["spikes_per_model_s"] == pytest.approx(4 * 50)
    assert predicted["events_per_model_s"] == pytest.approx(4 * 70)


def test_what_exceeds_the_delivery_is_not_hidden():
    slow = CommunicationModel(100.0, 0.5, "given")
    predicted = prediction(0.1, 4, "collective", slow, measured())
    assert predicted["real_time_factor_hidden"] == pytest.approx((50 + predicted["exchange_us"]) / 100)


def test_an_interval_of_steps_shares_one_exchange():
    # A block: 10 steps, and at least 8 spikes.
    exchange_us = 3 * (2.0 + 4 * (10 + 8) / 500)
    predicted = prediction(0.1, 8, "directed", MODEL, measured(interval_steps=10, largest_sent_words=3))
    assert predicted["exchange_us"] == pytest.approx(exchange_us)
    assert predicted["real_time_factor"] == pytest.approx((80 + exchange_us / 10) / 100)


def between_groups(**changes):
    some = BetweenGroups(
        group_ranks=4,
        interval_steps=10,
        unpack_s_per_exchange=20e-6,
        received_words_per_exchange=4.0,
        largest_sent_words=50,
        destinations=5,
        origins=6,
    )
    return dataclasses.replace(some, **changes)


@pytest.mark.parametrize(
    ("exchange", "near", "far"), [("collective", (2, 1, 3), (4, 1, 15)), ("directed", (3, 3, 5), (5, 5, 11))]
)
def test_two_exchanges_are_added_in_their_own_intervals(exchange, near, far):
    """Of each exchange: latencies of a message, blocks that are sent, and blocks for which there is memory."""
    predicted = prediction(
        0.1, 16, exchange, MODEL, measured(unpack_s_per_exchange=2e-6, between_groups=between_groups())
    )
    bytes_near, bytes_far = 4 * (1 + 16), 4 * (10 + 100)
    times = [
        MODEL.exchange_s(exchange, ranks, destinations, size) * 1e6
        for ranks, destinations, size in ((4, 3, bytes_near), (16, 5, bytes_far))
    ]
    assert [time > 2.0 * latencies for time, (latencies, *_) in zip(times, (near, far), strict=True)] == [True, True]
    per_step = times[0] + times[1] / 10
    # Ten exchanges in the group for each one between groups.
    assert predicted["exchange_us"] == pytest.approx(per_step / 1.1)
    assert predicted["real_time_factor"] == pytest.approx((80 + 2 + 20 / 10 + per_step) / 100)
    assert predicted["bytes_sent_per_exchange"] == round((10 * near[1] * bytes_near + far[1] * bytes_far) / 11)
    assert predicted["memory_per_rank_bytes"] == 10**9 + near[2] * bytes_near + far[2] * bytes_far + MPI_BYTES


def test_a_rank_that_is_alone_in_its_group_exchanges_between_groups_only():
    groups_of_one = measured(between_groups=between_groups(group_ranks=1))
    predicted = prediction(0.1, 16, "collective", MODEL, groups_of_one)
    assert predicted["exchange_us"] == pytest.approx(MODEL.exchange_s("collective", 16, 5, 4 * 110) * 1e6)
    assert predicted["bytes_sent_per_exchange"] == 4 * 110


def test_one_rank_exchanges_nothing(dry):
    predicted = prediction(0.1, 1, "collective", None, measured())
    assert predicted["exchange_us"] == predicted["exchange_share"] == 0.0
    assert predicted["real_time_factor"] == predicted["real_time_factor_hidden"] == pytest.approx(0.8)
    record = dry("--dry-run-ranks", 1, "--dry-run-rate", 20, "--json").record
    assert record["communication"] is None
    assert record["reasons"] == {
        "communication": "a single rank does not exchange spikes",
        "measured.between_groups": "all ranks form one group",
    }


# --- rates -------------------------------------------------------------------------------------------------------


def test_rates_are_those_given_last():
    assert given_rates(("5",), "x.py:f", {}, network()) == ({"E": 5.0, "I": 5.0}, "given")
    assert given_rates(("5", "I=7", "E=0"), "x.py:f", {}, network()) == ({"E": 0.0, "I": 7.0}, "given")


def test_known_rates_are_used_and_may_be_replaced():
    model = find_model("pd14")
    parameters = parameter_values(model, {}, {})
    full = describe_network(model, parameters)
    rates, source = given_rates((), "pd14", parameters, full)
    assert rates["L4E"] == pytest.approx(4.45, abs=0.05) and "full_mean_rates" in source
    changed, source = given_rates(("L4E=9",), "pd14", parameters, full)
    assert changed == rates | {"L4E": 9.0}
    assert source.startswith("given for L4E; simulated rates")
    small = parameter_values(model, {"scale": "0.1"}, {})
    with pytest.raises(ValueError, match="dry_run_rate is missing: the rates of L23E, "):
        given_rates((), "pd14", small, describe_network(model, small))


@pytest.mark.parametrize(
    ("rate", "words"),
    [
        ("fast", ["'fast'", "HZ or POPULATION=HZ"]),
        ("E=", ["'E='", "HZ or POPULATION=HZ"]),
        ("", ["''", "empty"]),
        ("X=3", ["'X=3'", "E, I"]),
        ("=3", ["'=3'", "E, I"]),
        ("E=5=3", ["E, I"]),
        ("-1", ["'-1'", "[0, 10000] Hz"]),
        ("1e5", ["'1e5'", "at most one spike per step"]),
        ("nan", ["'nan'"]),
        ("inf", ["'inf'"]),
        ("E=3", ["is missing", "of I"]),
    ],
)
def test_wrong_rates(dry, rate, words):
    refusal = dry("--dry-run-ranks", 2, f"--dry-run-rate={rate}", *MESSAGES).refusal
    assert "dry_run_rate" in refusal
    for word in words:
        assert word in refusal


# --- the rank that is played -------------------------------------------------------------------------------------


@pytest.mark.parametrize("exchange", ["collective", "directed"])
def test_each_rank_has_its_part_of_the_network(dry, run_small, exchange):
    model = run_small("--json", out="whole").record["model"]
    records = [play(dry, rank, 3, "--exchange", exchange) for rank in range(3)]
    assert [record["measured"]["neurons"] for record in records] == [9, 8, 8]
    assert sum(record["measured"]["synapses"] for record in records) == model["synapses"]
    assert {record["model"]["neurons"] for record in records} == {model["neurons"]}


def test_the_parts_together_are_the_network_to_the_bit():
    names = {"A": 13, "B": 4}
    edges = [
        Projection("A", "B", FixedTotalNumber(50), 20.0, 1.5),
        Projection("B", "A", FixedIndegree(3), -20.0, 0.8),
        Projection("A", "A", AllToAll(), 5.0, 1.0),
    ]
    net = Network([Population(*pair) for pair in names.items()], edges)

    def parts(ranks):
        for rank in range(ranks):
            comm = DryRunCommunicator(rank, ranks, [0.0, 0.0])
            with Simulator(net, threads=2, comm=comm, seed=3) as simulator:
                made = simulator._engine.construction
                yield made.synapses, made.network_digest

    whole = [sum(column) for column in zip(*parts(1), strict=True)]
    split = [sum(column) for column in zip(*parts(4), strict=True)]
    assert whole[0] == split[0] == 50 + 39 + 169
    assert whole[1] % 2**128 == split[1] % 2**128


def test_a_rank_without_neurons(dry):
    record = play(dry, 39, 40)
    assert (record["measured"]["neurons"], record["measured"]["synapses"]) == (0, 0)


def test_the_other_ranks_spike_at_the_given_rates(dry):
    def received(rate, *arguments):
        options = ("--dry-run-ranks", 5, "--dry-run-rate", rate, *MESSAGES, "--time", 500, "--json")
        return dry(*options, *arguments).record["measured"]["received_words_per_exchange"]

    # 20 neurons of the other ranks, 5 steps of 0.1 ms an exchange: 1.0 spikes in 1,000 exchanges.
    assert received(100.0) == pytest.approx(1.0, abs=0.15)
    assert received(0.0) == 0.0
    # Only E has targets, but I, 4 of the 20, has none.
    assert received(100.0, "--exchange", "directed") == pytest.approx(0.8, abs=0.15)


# --- the record --------------------------------------------------------------------------------------------------


def keys_of(value, key=""):
    if not isinstance(value, dict):
        return {key}
    if key in NAMED_BY_USER:
        return {f"{key}.{NAMED_BY_USER[key]}"}
    return {leaf for name, child in value.items() for leaf in keys_of(child, f"{key}.{name}" if key else name)}


def test_every_key_is_documented_and_every_documented_key_is_written(dry, home):
    section = DOCS.read_text().partition("\n## dry_run.json\n")[2].partition("\n## ")[0]
    rows = re.findall(r"^\| `([^`]+)` \|([^|]+)\|([^|]+)\|$", section, re.MULTILINE)
    assert all(kind.strip() and meaning.strip() for _, kind, meaning in rows)
    record = play(dry, 1, 2)
    assert keys_of(record) == {key for key, _, _ in rows}
    assert json.loads((home / "out" / "dry_run.json").read_text()) == record


def test_the_record_says_what_was_played(dry):
    record = play(dry, 1, 4, "--exchange", "directed", "--threads", 2, "--delivery", "just_in_time")
    assert record["played"] == {"rank": 1, "ranks": 4, "threads": 2}
    assert record["communication"] == {
        "latency_us": 2.0, "bandwidth_gb_s": 0.5, "source": "given", "ranks_per_node": 1, "inside_node": None
    }  # fmt: skip
    assert record["rates_hz"] == {"E": 20.0, "I": 20.0} and record["rates_source"] == "given"
    assert record["exchange"] == "directed"
    of_record = record["measured"]
    assert (of_record["steps"], of_record["interval_steps"], of_record["delivery"]) == (50, 5, "just_in_time")
    assert of_record["update_s_per_step"] > 0.0 and 0.0 < of_record["deliver_s_per_step"] < of_record["wall_s"]
    predicted = record["predicted"]
    assert predicted["memory_bytes"] > 4 * (of_record["memory_bytes"]["peak_rss"] + MPI_BYTES)
    assert 0.0 < predicted["real_time_factor_hidden"] < predicted["real_time_factor"]
    model = CommunicationModel(**record["communication"])
    again = prediction(0.1, 4, "directed", model, Measured(**of_record))
    assert again == predicted


def test_the_summary_tells_the_prediction_and_where_the_record_is(dry, home):
    finished = dry("--dry-run-ranks", 3, "--dry-run-rate", 20, *MESSAGES)
    assert finished.code == 0
    rows = [" ".join(line.split()) for line in finished.out.splitlines()]
    assert "rates of the other ranks' neurons: 20 Hz (given)" in rows
    assert "predicted for 3 ranks, if each needs as much time and memory as this rank" in rows
    assert rows[-1] == "written to out/dry_run.json"
    assert [path.name for path in (home / "out").iterdir()] == ["dry_run.json"]


def test_placements_are_compared_before_anything_is_built(dry, home):
    (home / "areas.py").write_text(
        "from simcore.network import FixedIndegree, Network, Population, Projection\n\n\n"
        "def areas():\n"
        "    populations = [Population(name, size, area=name[0]) for name, size in (('A1', 9), ('B', 12), ('A2', 3))]\n"
        "    pairs = [('A1', 'A2'), ('A2', 'A1'), ('B', 'B')]\n"
        "    return Network(populations, [Projection(a, b, FixedIndegree(3), 1.0, 1.0) for a, b in pairs])\n"
    )
    arguments = ("--dry-run-ranks", 4, "--dry-run-rate", 20, *MESSAGES, "--exchange", "directed", "--json")
    finished = dry(*arguments, "--placement", "areas", "--dry-run-rank", 3, model="areas.py:areas")
    lines = [" ".join(line.split()) for line in finished.err.splitlines()]
    table = lines[lines.index("benchnn: placements on 4 ranks, expected values") :]
    assert table[3].startswith("round_robin 1 6 / 6.0 / 6 1.000 ")
    assert table[5].startswith("* areas 2 6 / 6.0 / 6 1.000 ")
    assert "benchnn: constructing rank 3 of 4: 6 of 24 neurons" in table[6]
    record = finished.record
    assert record["placement"] == "areas" and record["measured"]["neurons"] == 6
    rows = {row["name"]: row for row in record["placements"]}
    assert list(rows) == ["round_robin", "by_population", "areas"]
    # The spikes of an area stay on its two ranks, where one of them is.
    assert rows["areas"]["directed"]["destinations"] < 1.0 < rows["round_robin"]["directed"]["destinations"]
    # Neurons of area B, on the ranks 2 and 3: three synapses each.
    assert record["measured"]["synapses"] == 18 and record["measured"]["destinations"] == 1
    assert record["measured"]["origins"] == 1


@pytest.mark.parametrize("exchange", ["collective", "directed"])
def test_groups_of_ranks_exchange_spikes_less_often_where_delays_allow_it(dry, home, exchange):
    (home / "far.py").write_text(
        "from simcore.network import FixedIndegree, Network, Population, Projection\n\n\n"
        "def far(delay=0.6):\n"
        "    populations = [Population(name, 40, area=name) for name in 'AB']\n"
        "    pairs = [(a, b, 0.2 if a == b else delay) for a in 'AB' for b in 'AB']\n"
        "    return Network(populations, [Projection(a, b, FixedIndegree(9), 1.0, d) for a, b, d in pairs])\n"
    )
    options = ("--dry-run-ranks", 4, "--dry-run-rate", 2000, *MESSAGES, "--exchange", exchange, "--placement", "areas")
    finished = dry(*options, "--json", model="far.py:far")
    record = finished.record
    of_record, between = record["measured"], record["measured"]["between_groups"]
    assert (of_record["interval_steps"], of_record["destinations"], of_record["origins"]) == (2, 1, 1)
    assert (between["group_ranks"], between["interval_steps"]) == (2, 6)
    assert (between["destinations"], between["origins"]) == (2, 2)
    # Two thirds of the others' neurons are in the other group, and are heard three times less often.
    assert between["received_words_per_exchange"] > 3 * of_record["received_words_per_exchange"] > 0.0
    model = CommunicationModel(**record["communication"])
    assert prediction(0.1, 4, exchange, model, Measured.of_record(of_record)) == record["predicted"]
    assert "measured.between_groups" not in record["reasons"]
    one = dry(*options, "--json", "--param", "delay=0.3", model="far.py:far").record
    assert one["measured"]["between_groups"] is None and one["measured"]["interval_steps"] == 2
    assert "and 3 steps between them; two intervals need" in one["reasons"]["measured.between_groups"]
    text = dry(*options, model="far.py:far").out
    assert f"{exchange}, every 2 steps within groups of ranks, every 6 steps between them" in text


def test_areas_need_areas(dry, home):
    finished = dry("--dry-run-ranks", 2, "--dry-run-rate", 20, *MESSAGES, "--placement", "areas")
    assert finished.code == 2 and "placement = 'areas' is not allowed: population" in finished.err
    assert "constructing" not in finished.err and not (home / "out").exists()


def test_infinite_parameters_are_strict_json(dry):
    finished = dry("--dry-run-ranks", 2, "--dry-run-rate", 1, *MESSAGES, "--param", "limit=inf", "--json")
    assert json.loads(finished.out, parse_constant=pytest.fail)["model"]["parameters"]["limit"] == "inf"


def test_times_of_a_config_file_hold(home, benchnn):
    (home / "run.toml").write_text('[run]\nmodel = "small.py:small"\ntime_ms = 3\nthreads = 1\n')
    options = ("--config", "run.toml", "--dry-run-ranks", 2, "--dry-run-rate", 1, *MESSAGES, "--json")
    assert benchnn("run", *options).record["measured"]["steps"] == 30
    assert benchnn("run", *options, "--time", 2).record["measured"]["steps"] == 20


# --- refusals ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["--dry-run-ranks", "0"], ["dry_run_ranks = 0", "[1, 1000000]"]),
        (["--dry-run-ranks", "1000001"], ["dry_run_ranks = 1000001"]),
        (["--dry-run-ranks", "many"], ["ranks", "'many'", "a whole number"]),
        (["--dry-run-ranks", "3", "--dry-run-rank", "3"], ["dry_run_rank = 3", "[0, 2]"]),
        (["--dry-run-ranks", "3", "--dry-run-rank", "-1"], ["dry_run_rank = -1"]),
        (["--dry-run-rank", "1"], ["dry_run_ranks is missing"]),
        (["--latency-us", "1"], ["dry_run_ranks is missing"]),
        (["--dry-run-ranks", "3", "--latency-us", "0"], ["latency_us = 0.0", "must be in"]),
        (["--dry-run-ranks", "3", "--latency-us", "inf"], ["latency_us = inf"]),
        (["--dry-run-ranks", "3", "--bandwidth-gb-s", "-1"], ["bandwidth_gb_s = -1.0"]),
        (["--dry-run-ranks", "3", "--ranks-per-node", "0"], ["ranks_per_node = 0", ">= 1"]),
        (["--dry-run-ranks", "3", "--node-latency-us", "1"], ["node_latency_us = 1.0", "--ranks-per-node"]),
        (["--dry-run-ranks", "3", "--interconnect", "infinband_hdr"], ["infinband_hdr", "infiniband_hdr"]),
        (["--interconnect", "infiniband_hdr"], ["dry_run_ranks is missing"]),
        (["--dry-run-ranks", "3", "--backend", "oracle"], ["backend = 'oracle'", "cpu"]),
        (["--dry-run-ranks", "3", "--threads", "5000"], ["threads = 5000", "1024"]),
        (["--dry-run-ranks", "3", "--time", "0"], ["time_ms = 0.0"]),
        (["--dry-run-ranks", "3", "--record", "spikes"], ["record", "does not support recording"]),
        (["--dry-run-ranks", "3", "--checkpoint-every", "5"], ["checkpoint_every_ms = 5.0", "checkpoints"]),
        (["--dry-run-ranks", "3", "--resume", "nosuch"], ["nosuch"]),
    ],
)
def test_nonsense_is_refused_before_anything_is_built(dry, home, monkeypatch, arguments, words):
    monkeypatch.setattr(dry_run, "Simulator", lambda *_, **__: pytest.fail("the network was built"))
    refusal = dry("--dry-run-rate", 20, *arguments).refusal
    for word in words:
        assert word in refusal
    assert not (home / "out").exists()


def test_a_dry_run_that_is_there_is_refused(home, benchnn):
    run = ("run", "small.py:small", "--time", 1, "--warmup", 0, "--threads", 1, "--out", "out")
    options = ("--dry-run-ranks", 2, "--dry-run-rate", 1, *MESSAGES)
    assert benchnn(*run, *options).code == 0
    assert "already contains a dry run" in benchnn(*run, *options).refusal
    assert benchnn(*run, *options, "--overwrite").code == 0


def test_messages_that_can_be_neither_measured_nor_are_given(dry, monkeypatch, home):
    def nowhere():
        raise UnavailableError("no mpiexec")

    monkeypatch.setattr(message_costs, "mpi_launcher", nowhere)
    finished = dry("--dry-run-ranks", 2, "--dry-run-rate", 1)
    assert finished.code == 1 and "pass --latency-us and --bandwidth-gb-s" in finished.err.splitlines()[-1]
    assert not (home / "out").exists()
