"""The record: arithmetic, nulls and reasons, and that docs/result.md explains every key."""

import dataclasses
import json
import math
import re
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from benchnn.energy.instrument import Domain
from benchnn.energy.measuring import NodeEnergy
from benchnn.energy.record import RunEnergy, energy_part
from benchnn.energy.recorder import Measured, Span
from benchnn.record.json_text import to_json
from benchnn.record.machine import Unknown
from benchnn.record.plasticity import PlasticPart
from benchnn.record.provenance import finish, make_provenance
from benchnn.record.ranks import RankMeasurement, Statistics
from benchnn.record.result import BackendPart, Counts, ModelPart, Result, SimulatorPart, make_result
from benchnn.record.summary import summary
from benchnn.running.placed import placement_part
from simcore.comm.communicator import ExchangeCounts
from simcore.network import FixedIndegree, Network, Population, Projection
from simcore.placement.choice import make_placement
from simcore.registry import PlugIn

DOCS = Path(__file__).parents[3] / "docs" / "result.md"
NAMED_BY_USER = {
    "model.parameters": "NAME",
    "model.populations": "POPULATION",
    "mean_rate_hz": "POPULATION",
    "memory_parts": "PART",
    "suppressed_spikes": "POPULATION",
    "active_neurons": "POPULATION",
    "provenance.options": "OPTION",
    "provenance.packages": "PACKAGE",
    "reasons": "KEY",
}
"""Objects whose keys are no part of the schema, and how the page writes them."""


def rank(host="a", propagation=2.0, phases=((0.5, 1.0, 0.1, 0.0),) * 2, synapses=400, exchanged=None, everywhere=0):
    names = ("deliver", "update", "communicate", "record")
    phase_s = {name: [thread[column] for thread in phases] for column, name in enumerate(names)}
    wall_s = {"construction": 3.0, "routing": 0.0, "preparation": 0.5, "compile": 0.1, "warmup": 0.2}
    memory = {"peak_rss": 10_000, "synapses": synapses, "index": 100, "state": 50}
    wall_s["propagation"] = propagation
    exchange_s, counts = exchanged or (0.0, ExchangeCounts())
    return RankMeasurement(host, len(phases), wall_s, phase_s, memory, exchange_s, counts, global_exchanges=everywhere)


def some_model(**changes):
    populations = {
        "E": {"neuron_model": "iaf_psc_exp", "neurons": 8},
        "I": {"neuron_model": "iaf_psc_exp", "neurons": 2},
    }
    model = ModelPart("m", {"n": 8, "limit": math.inf, "note": None}, 10, 100, 0.1, 0.1, 4.8, populations)
    return dataclasses.replace(model, **changes)


def some_counts(model_time_ms=4000.0, spikes=(64, 40), events=1000, resumed_at_ms=None, timed=None):
    """Counts of a window of which this process simulated all, or `timed`: (ms, events)."""
    timed_ms, timed_events = timed or (model_time_ms, events)
    numbers = dict(zip("EI", spikes, strict=True))
    digests = ("f" * 32, "0" * 32, "1" * 32)
    return Counts(model_time_ms, 500.0, False, numbers, events, *digests, resumed_at_ms, timed_ms, timed_events)


def some_energy(propagation_j=None):
    """The energy of a node's package; by default there is no meter."""
    if propagation_j is None:
        return RunEnergy(None, {"energy": "no meter"}, Span(100.0, 102.0, 2.0))
    windows = {"idle": 4.0, "construction": 30.0, "warmup": 2.0, "propagation": propagation_j}
    measured = Measured(Domain("powercap", "package-0", "package"), windows, None)
    part, reasons = energy_part([NodeEnergy("a", (measured,), None)], None, 0.5, 2.0)
    return RunEnergy(part, reasons, Span(100.0, 102.0, 2.0))


def some_result(ranks=None, counts=None, model=None, exchange=None, energy=None, power_w=None):
    return make_result(
        "m-1",
        ["benchnn", "run", "m"],
        SimulatorPart("simcore", "0.1.0"),
        model or some_model(),
        1,
        BackendPart("cpu", "float32", 16, "just_in_time", exchange, [], "asked for"),
        counts or some_counts(),
        ranks or [rank()],
        finish(make_provenance(datetime.now(UTC), {"model": "m"}, "0" * 64), "1" * 64),
        energy or some_energy(),
        power_w,
    )


def nothing_simulated():
    return some_result([rank(propagation=0.0, phases=())], some_counts(0.0, (0, 0), 0))


def two_ranks():
    """Ranks of two hosts that exchanged spikes."""
    exchanged = [(0.5, ExchangeCounts(40_000, 800, 1600, 3)), (1.0, ExchangeCounts(40_000, 1600, 800, 3))]
    ranks = [rank(host, exchanged=what, everywhere=40_000) for host, what in zip("ab", exchanged, strict=True)]
    return some_result(ranks, exchange="x")


def some_placement(exchange="directed"):
    """The part of the placement of a run on two ranks."""
    network = Network([Population("A", 5), Population("B", 5)], [Projection("A", "B", FixedIndegree(2), 1.0, 1.0)])
    plan = SimpleNamespace(options=SimpleNamespace(model="m"), parameters={}, network=network)
    comm = SimpleNamespace(size=2, from_root=lambda make: make())
    described = SimpleNamespace(placement=make_placement(network, "by_population", 2, 1))
    intervals = {"interval_steps": 2, "between_groups_steps": 10, "interval_reason": "delays"}
    simulator = SimpleNamespace(comm=comm, plan=described, exchange=exchange, **intervals)
    part, reasons = placement_part(plan, simulator)
    assert reasons == {}
    return part


def resumed():
    """A process that simulated the last quarter of the window."""
    return some_result(counts=some_counts(resumed_at_ms=3500.0, timed=(1000.0, 300)))


def resumed_at_the_end():
    """A process that had nothing to simulate."""
    counts = some_counts(resumed_at_ms=4500.0, timed=(0.0, 0))
    return some_result([rank(propagation=0.0, phases=())], counts)


def keys_of(value, key=""):
    """Dotted keys of the leaves; statistics are leaves, and names that users choose are placeholders."""
    if value is None and key == "communication":
        # Of one rank; the page explains what several have.
        return keys_of(json.loads(to_json(two_ranks()))[key], key)
    if value is None and key == "layout.placement":
        # Likewise.
        return keys_of(some_placement(), key)
    if value is None and key in ("energy", "energy_estimate"):
        # On a node without meters; the page explains what others have.
        return keys_of(json.loads(to_json(some_result(energy=some_energy(200.0), power_w=80.0)))[key], key)
    if key == "plug_ins" and not value:
        # Of a run of what is built in; the page explains those that are not.
        return {f"{key}.{part.name}" for part in dataclasses.fields(PlugIn)}
    if isinstance(value, list) and value and isinstance(value[0], dict):
        return {f"{key}.{name}" for name in value[0]}
    if value is None and key == "plasticity":
        # Of a network without plastic projections; the page explains what others have.
        names = {part.name for part in dataclasses.fields(PlasticPart)} - {"parameters"} | {"parameters.NAME"}
        return {f"{key}.NUMBER.{name}" for name in names}
    if value is None and key == "suppressed_spikes":
        # Of a network whose models have none; the page explains what others have.
        return {f"{key}.{NAMED_BY_USER[key]}"}
    if not isinstance(value, dict) or set(value) == {"min", "mean", "max", "sum"}:
        return {key}
    placeholder = NAMED_BY_USER.get(key)
    if placeholder is not None and key not in ("model.populations", "memory_parts"):
        return {f"{key}.{placeholder}"}
    children = ((placeholder or name, child) for name, child in value.items())
    return {leaf for name, child in children for leaf in keys_of(child, f"{key}.{name}" if key else name)}


def page():
    """What docs/result.md says of result.json."""
    return DOCS.read_text().partition("\n## dry_run.json\n")[0]


def documented_keys():
    """First column of the page's tables."""
    return set(re.findall(r"^\| `([^`]+)` \|", page(), re.MULTILINE))


def null_keys(value, key=""):
    if value is None:
        return {key}
    if not isinstance(value, dict):
        return set()
    return {leaf for name, child in value.items() for leaf in null_keys(child, f"{key}.{name}" if key else name)}


# --- the page and the record -------------------------------------------------------------------------------------


def test_every_key_is_documented_and_every_documented_key_is_written(run_small):
    record = run_small("--json", "--record", "spikes").record
    assert keys_of(record) == documented_keys()


def test_every_line_of_the_page_names_type_and_meaning():
    rows = [line for line in DOCS.read_text().splitlines() if line.startswith("| `")]
    for row in rows:
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        assert len(cells) == 3 and all(cells), row


def test_statistics_are_marked_on_the_page():
    record = json.loads(to_json(two_ranks()))
    for part in ("wall_s", "phases_s", "memory_bytes", "communication"):
        for name in record[part]:
            assert re.search(rf"^\| `{part}.{name}` \| statistics[, ]", page(), re.MULTILINE), (part, name)


def test_top_level_keys_and_their_order(run_small):
    record = run_small("--json").record
    assert list(record) == [field.name for field in dataclasses.fields(Result)]
    assert record["schema_version"] == 1
    assert record["command"][:3] == ["benchnn", "run", "small.py:small"]


# --- measured or null --------------------------------------------------------------------------------------------


@pytest.mark.parametrize("make", [some_result, nothing_simulated, two_ranks, resumed, resumed_at_the_end])
def test_every_null_has_a_reason_and_every_reason_a_null(make):
    record = json.loads(to_json(make()))
    nulls = {key for key in null_keys(record) if not key.startswith("model.parameters.")}
    assert nulls == set(record["reasons"])
    assert all(record["reasons"].values())


def test_nulls_of_a_real_run_have_reasons(run_small):
    record = run_small("--json", model="small.py:single").record
    assert null_keys(record) == set(record["reasons"])
    assert record["reasons"]["bytes_per_synapse"] == "the network has no synapses"
    assert record["reasons"]["model.min_delay_ms"] == "the network has no projections"


def test_suppressed_spikes_of_a_real_run(run_small):
    run = run_small("--json", "--time", 0.5, "--warmup", 0.2, model="small.py:adaptive")
    assert list(run.record["suppressed_spikes"]) == ["X"]
    assert run.record["suppressed_spikes"]["X"] > 0
    assert "suppressed_spikes" not in run.record["reasons"]


def test_energy_is_null_and_not_zero():
    record = json.loads(to_json(some_result()))
    assert record["energy"] is None and record["energy_per_synaptic_event_uj"] is None
    assert record["energy_estimate"] is None
    assert record["reasons"]["energy"] == record["reasons"]["energy_per_synaptic_event_uj"] == "no meter"


def test_energy_of_the_window_over_its_events():
    record = json.loads(to_json(some_result(energy=some_energy(200.0), power_w=80.0)))
    energy = record["energy"]
    assert record["energy_per_synaptic_event_uj"] == 200.0 * 1e6 / 1000
    assert (energy["idle_w"], energy["mean_power_w"], energy["propagation_j"]) == (8.0, 100.0, 200.0)
    assert energy["covers"] == ["package"]
    assert record["energy_estimate"]["propagation_j"] == 160.0
    nulls = {key for key in null_keys(record) if "energy" in key}
    expected = {"energy.slurm_job", "energy.power_w", "energy.power_every_ms"}
    assert nulls == expected == {key for key in record["reasons"] if "energy" in key}
    rows = [
        " ".join(line.split()) for line in summary(some_result(energy=some_energy(200.0), power_w=80.0)).splitlines()
    ]
    assert "energy per event 200,000 uJ 200 J, 100 W of package, idle 8 W" in rows
    assert any(row.startswith("estimated 1.6e+05 uJ 80 W per node") for row in rows)


def test_energy_of_a_resumed_run_is_of_the_events_that_its_process_timed():
    counts = some_counts(resumed_at_ms=2500.0, timed=(2000.0, 400))
    assert some_result(counts=counts, energy=some_energy(200.0)).energy_per_synaptic_event_uj == 200.0 * 1e6 / 400


def test_unknown_facts_become_null_with_their_reason():
    result = some_result()
    provenance = dataclasses.replace(result.provenance, cpu_model=Unknown("no /proc"), slurm_job_id="7")
    again = make_result(
        result.run_id,
        result.command,
        result.simulator,
        result.model,
        result.seed,
        result.backend,
        some_counts(1.0, (0, 0), 0),
        [rank()],
        provenance,
        some_energy(),
    )
    record = json.loads(to_json(again))
    assert record["provenance"]["cpu_model"] is None
    assert record["reasons"]["provenance.cpu_model"] == "no /proc"
    assert record["provenance"]["slurm_job_id"] == "7"
    assert "provenance.slurm_job_id" not in record["reasons"]


def test_a_phase_that_is_not_timed():
    silent = dataclasses.replace(rank(), phase_s={"deliver": [1.0]})
    result = some_result([silent])
    assert result.phases_s["deliver"] == Statistics(1.0, 1.0, 1.0, 1.0)
    assert result.phases_s["update"] is None
    assert result.reasons["phases_s.update"] == "the backend does not time this phase"


def test_one_rank_communicates_nothing():
    result = some_result()
    assert result.communication is None and result.backend.exchange is None
    assert (
        result.reasons["communication"]
        == result.reasons["backend.exchange"]
        == "a single rank does not exchange spikes"
    )


def test_a_run_that_is_resumed_when_all_is_simulated_has_counts_and_no_times():
    result = resumed_at_the_end()
    assert (result.spikes, result.synaptic_events) == (104, 1000)
    assert result.mean_rate_hz == {"E": 2.0, "I": 5.0}
    assert result.real_time_factor is None and result.synaptic_events_per_s is None
    for key in ("real_time_factor", "synaptic_events_per_s", "phases_s.deliver"):
        assert result.reasons[key] == "the measured window ended before the checkpoint"


# --- arithmetic --------------------------------------------------------------------------------------------------


def test_the_slowest_rank_counts():
    result = some_result([rank("a", 2.0), rank("b", 6.0), rank("a", 4.0)])
    assert result.wall_s["propagation"] == Statistics(2.0, 4.0, 6.0, 12.0)
    assert result.real_time_factor == 1.5
    assert result.synaptic_events_per_s == pytest.approx(1000 / 6.0)
    assert result.layout == {
        "ranks": 3,
        "threads_per_rank": 2,
        "hosts": ["a", "b"],
        "pinned_cpus": None,
        "placement": None,
    }


def test_what_is_expected_of_a_placement_is_recorded():
    part = some_placement()
    assert part["name"] == "by_population" and part["groups"] == 2
    assert part["neurons"] == {"min": 5, "mean": 5.0, "max": 5, "sum": 10}
    assert part["rates_source"] == "unknown, 10 Hz assumed for all neurons"
    # Updates count 10,000 a second; the neurons of B receive two times 10 events more.
    assert part["expected_load_imbalance"] == pytest.approx(50_100 / 50_050)
    reached = 1.0 - 0.8**10
    traffic = part["expected_traffic"]
    assert traffic["destinations"] == pytest.approx(0.5 * reached)
    assert traffic["leaving_share"] == pytest.approx(0.5 * reached)
    assert some_placement("collective")["expected_traffic"]["destinations"] == 1.0
    assert part["exchange_interval_steps"] == {"within_groups": 2, "between_groups": 10}
    assert part["exchange_interval_reason"] == "delays"


def test_pinned_cpus_are_reported_by_rank():
    why = "3 threads have 2 CPUs"
    pinned = dataclasses.replace(rank("a", 2.0), pinned_cpus="0-1")
    loose = dataclasses.replace(rank("a", 2.0), not_pinned_because=why)
    both = some_result([pinned, loose])
    assert both.layout["pinned_cpus"] == ["0-1", None]
    assert both.reasons["layout.pinned_cpus"] == f"1 of 2 ranks, rank 1: {why}"
    assert f"threads are not pinned: 1 of 2 ranks, rank 1: {why}" in summary(both)
    none = some_result([loose])
    assert none.layout["pinned_cpus"] is None and none.reasons["layout.pinned_cpus"] == why
    whole = some_result([pinned])
    assert whole.layout["pinned_cpus"] == ["0-1"] and "layout.pinned_cpus" not in whole.reasons
    assert "pinned" not in summary(whole)


def test_phases_are_over_all_threads():
    ranks = [rank(phases=((1.0, 0.0, 0.0, 0.0), (2.0, 0.0, 0.0, 0.0))), rank(phases=((6.0, 0.0, 0.0, 0.0),))]
    assert some_result(ranks).phases_s["deliver"] == Statistics(1.0, 3.0, 6.0, 9.0)


def test_load_imbalance_is_the_busiest_thread_over_the_mean():
    ranks = [rank(phases=((1.0, 1.0, 0.0, 0.0), (2.0, 0.0, 0.0, 0.0))), rank(phases=((6.0, 0.0, 0.0, 0.0),))]
    assert some_result(ranks).load_imbalance == {"deliver": 2.0, "update": 3.0}


def test_waits_of_threads_are_summed_over_ranks_up_to_the_longest():
    waits = ((2, 3, 0, 0), (1, 0, 5, 0, 0))
    result = some_result([dataclasses.replace(rank(), waits=counts) for counts in waits])
    assert result.thread_waits_log2_ns == [3, 3, 5] and "thread_waits_log2_ns" not in result.reasons
    assert json.loads(to_json(result))["thread_waits_log2_ns"] == [3, 3, 5]
    line = "threads waited for each other 11 times: half below 4 ns, 99 % below 8 ns, all below 8 ns"
    assert line in summary(result).splitlines()


@pytest.mark.parametrize(
    ("phases", "counts", "why"),
    [
        (((0.5, 1.0, 0.1, 0.0),), None, "a single thread does not wait"),
        (((0.5, 1.0, 0.1, 0.0),) * 2, None, "the backend does not report waits of threads"),
        (((0.5, 1.0, 0.1, 0.0),) * 2, some_counts(timed=(0.0, 0)), "no model time was timed"),
    ],
)
def test_waits_that_are_not_known_have_a_reason(phases, counts, why):
    result = some_result([rank(phases=phases)], counts)
    assert result.thread_waits_log2_ns is None and result.reasons["thread_waits_log2_ns"] == why
    assert "each other" not in summary(result)


def test_suppressed_spikes_are_reported_where_a_model_can_have_any():
    counts = dataclasses.replace(some_counts(), suppressed_spikes={"E": 1200, "I": 0})
    result = some_result(counts=counts)
    assert result.suppressed_spikes == {"E": 1200, "I": 0}
    assert "suppressed_spikes" not in result.reasons
    rows = [" ".join(line.split()) for line in summary(result).splitlines()]
    assert "suppressed 1,200 warning: second spikes of a neuron in a step were not sent" in rows
    none = some_result(counts=dataclasses.replace(counts, suppressed_spikes={"E": 0}))
    assert "suppressed" not in summary(none)
    assert some_result().reasons["suppressed_spikes"] == "the neuron models of the network cannot spike twice in a step"


def test_communication_is_over_ranks():
    result = two_ranks()
    assert result.communication == {
        "exchange_s": Statistics(0.5, 0.75, 1.0, 1.5),
        "exchanges": Statistics(40_000, 40_000.0, 40_000, 80_000),
        "bytes_sent": Statistics(800, 1200.0, 1600, 2400),
        "bytes_received": Statistics(800, 1200.0, 1600, 2400),
        "overflows": Statistics(3, 3.0, 3, 6),
        "global_exchanges": Statistics(40_000, 40_000.0, 40_000, 80_000),
    }
    assert result.layout["hosts"] == ["a", "b"]


def test_times_of_a_resumed_run_are_those_of_its_last_process():
    result = resumed()
    expected = {"model_time_ms": 4000.0, "warmup_ms": 500.0, "resumed_at_ms": 3500.0, "timed_ms": 1000.0}
    span = {"propagation_start_unix_s": 100.0, "propagation_end_unix_s": 102.0, "propagation_clock_step_s": 0.0}
    assert result.time == expected | span
    assert result.real_time_factor == 2.0  # 2 s for 1,000 ms
    assert result.synaptic_events_per_s == 150.0  # 300 events in 2 s
    assert (result.spikes, result.synaptic_events) == (104, 1000)
    assert result.mean_rate_hz == {"E": 2.0, "I": 5.0}


def test_rates_and_bytes():
    result = some_result([rank(synapses=300), rank(synapses=500)])
    assert result.mean_rate_hz == {"E": 2.0, "I": 5.0}
    assert result.spikes == 104
    assert result.bytes_per_synapse == (300 + 500 + 2 * 100) / 100
    assert result.memory_bytes["synapses"] == Statistics(300, 400.0, 500, 800)
    assert isinstance(result.memory_bytes["synapses"].sum, int)


def test_expected_and_used_memory_of_each_part_are_over_ranks():
    parts = {"synapses": (400.2, 400), "rest": (9e3, 9600), "sum": (9400.2, 10_000)}
    ranks = [dataclasses.replace(rank(), memory_parts=parts), dataclasses.replace(rank(), memory_parts=parts)]
    result = some_result(ranks)
    assert result.memory_parts["synapses"]["expected_bytes"] == Statistics(400, 400.0, 400, 800)
    assert result.memory_parts["sum"]["used_bytes"] == Statistics(10_000, 10_000.0, 10_000, 20_000)
    rows = [" ".join(line.split()) for line in summary(result).splitlines()]
    assert "rest 18 kB 19.2 kB +6.7 %" in rows
    assert some_result().memory_parts is None and "memory_parts" in some_result().reasons


def test_strict_json_in_ascii():
    text = to_json(some_result(model=some_model(name="päparse.py:\udcff")))
    record = json.loads(text, parse_constant=pytest.fail)
    assert text.isascii()
    assert record["model"]["parameters"] == {"n": 8, "limit": "inf", "note": None}


# --- summary -----------------------------------------------------------------------------------------------------


def test_summary_tells_costs_per_event_and_update():
    rows = [" ".join(line.split()) for line in summary(some_result()).splitlines()]
    assert rows[0] == "m: 10 neurons, 100 synapses, 2 populations"
    assert "real-time factor 0.5 2.000 s for 4,000 ms of model time, after 500 ms of warm-up" in rows
    # 2 threads x 0.5 s for 1,000 events, 2 x 1 s for 40,000 steps of 10 neurons
    assert "synaptic events 1,000 1,000,000 ns of thread time each, 500 per second of wall time" in rows
    assert "neuron updates 400,000 5,000 ns of thread time each" in rows
    assert "deliver 0.500 25.0 % 0.500 s" in rows
    assert "other 0.400 20.0 %" in rows
    assert "E 8 2.000" in rows
    assert "synapses 400 B 4.00" in rows
    assert "synapses + index 5.00" in rows
    assert "energy per event - not measured: no meter" in rows
    assert f"spike digest {'f' * 32}" in rows


def test_summary_of_many_populations_shows_the_extremes_of_the_rates_and_the_others_together():
    names = [f"P{number:02d}" for number in range(41)]
    populations = {name: {"neuron_model": "iaf_psc_exp", "neurons": 2} for name in names}
    # 4 s of 2 neurons: as many spikes/s as the number of the population
    numbers = {name: 8 * number for number, name in enumerate(names)}
    counts = dataclasses.replace(some_counts(), spikes=numbers)
    result = some_result(counts=counts, model=some_model(populations=populations, neurons=82))
    rows = [" ".join(line.split()) for line in summary(result).splitlines()]
    first = rows.index("population neurons rate (1/s)")
    assert rows[first + 1 : first + 3] == ["P40 2 40.000", "P39 2 39.000"]
    assert rows[first + 9 : first + 11] == ["25 others 50 20.000", "P07 2 7.000"]
    assert rows[first + 17 : first + 20] == ["P00 2 0.000", "all 82 20.000", ""]


def test_updates_of_neurons_at_rest_are_not_among_those_that_took_time():
    counts = dataclasses.replace(some_counts(), skipped_updates=300_000)
    result = some_result(counts=counts)
    assert result.skipped_update_share == 0.75 and "skipped_update_share" not in result.reasons
    rows = [" ".join(line.split()) for line in summary(result).splitlines()]
    # 2 x 1 s for a quarter of 40,000 steps of 10 neurons
    assert "neuron updates 100,000 20,000 ns of thread time each" in rows
    assert "skipped 300,000 75.0 % of all updates, of neurons exactly at rest" in rows
    none = some_result()
    assert none.skipped_update_share is None and "each neuron" in none.reasons["skipped_update_share"]
    assert "skipped" not in summary(none)


def test_summary_of_ranks_tells_exchange_and_imbalance():
    rows = [" ".join(line.split()) for line in summary(two_ranks()).splitlines()]
    assert "2 ranks x 2 threads on 2 hosts, x exchange" in rows
    assert "exchange of ranks 0.750 37.5 % 1.000 s" in rows
    assert "load imbalance (busiest thread over mean): deliver 1.00, update 1.00" in rows


def test_summary_of_a_resumed_run():
    rows = [" ".join(line.split()) for line in summary(resumed()).splitlines()]
    assert "real-time factor 2 2.000 s for 1,000 ms of model time, resumed at 3,500 ms" in rows
    # 2 threads x 0.5 s for 300 events; 2 x 1 s for 10,000 steps of 10 neurons
    assert "synaptic events 1,000 3,333,333 ns of thread time each, 150 per second of wall time" in rows
    assert "neuron updates 100,000 20,000 ns of thread time each" in rows
    text = " ".join(summary(resumed_at_the_end()).split())
    assert "real-time factor not measured: the measured window ended before the checkpoint" in text


def test_summary_of_nothing():
    text = summary(nothing_simulated())
    assert "real-time factor not measured: no model time was simulated" in " ".join(text.split())
    assert "nan" not in text and "None" not in text
