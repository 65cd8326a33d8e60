"""``benchnn run --chip``: a network on the cores of a chip while it runs."""

import hashlib
import json
import re
import signal
import weakref
from pathlib import Path

import h5py
import numpy as np
import pytest

import simcore
from benchnn.chips import emulation
from benchnn.chips.traffic_file import read_traffic
from benchnn.record.chip_summary import chip_lines
from benchnn.running import slices
from benchnn.running.storage import Storage
from simcore.neuromorphic.noc.routes import make_routes
from simcore.neuromorphic.traffic.meter import TrafficMeter
from simcore.recording.parts import SpikeParts
from simcore.recording.sonata import read_spikes

DOCS = Path(__file__).parents[3] / "docs" / "chip_runs.md"
CHIPS = Path(simcore.__file__).parent / "neuromorphic" / "sheets"
ON_LOIHI = ("--chip", "loihi1", "--neurons-per-core", 4)
PLASTIC = """
from simcore.network import FixedIndegree, FixedOutdegree, Network, Normal, Population, Projection, Stdp, Tsodyks2


def plastic():
    a, b = (Population(name, 12, params={"I_e": Normal(mean=600.0, std=50.0)}) for name in "AB")
    rules = [FixedIndegree(6), FixedOutdegree(2)]
    return Network([a, b], [
        Projection("A", "B", rules[0], 20.0, plasticity=Stdp()),
        Projection("A", "A", rules[1], 5.0, plasticity=Tsodyks2()),
    ])
"""
FEW_BITS = ("--param", "weight=201.3", "--chip-weight-bits", 3)


def chip_of(folder):
    chip = json.loads((folder / "result.json").read_text())["chip"]
    return {key: value for key, value in chip.items() if key != "wall_s"}


def test_a_network_that_fits_runs_as_without_a_chip(run_small, home):
    plain = run_small("--json", out="plain").record
    assert plain["chip"] is None and plain["reasons"]["chip"] == "the run did not use a chip; use --chip"
    record = run_small("--json", *ON_LOIHI).record
    assert record["spikes"] > 0
    for key in ("spike_digest", "network_digest", "synaptic_events", "spikes"):
        assert record[key] == plain[key]
    chip = record["chip"]
    assert (chip["name"], chip["cores"], chip["chips"], chip["adaptation"]) == ("loihi1", 7, 1, None)
    assert record["reasons"]["chip.adaptation"] == "no adaptation was needed"
    assert sorted(path.name for path in (home / "out").iterdir()) == ["result.json", "traffic.h5"]


def test_the_file_adds_up_to_the_record(run_small, home):
    record = run_small("--json", *ON_LOIHI, "--record", "link_messages", "--record", "spikes").record
    chip, traffic = record["chip"], record["chip"]["network_on_chip"]
    with h5py.File(home / "out" / "traffic.h5") as file:
        assert dict(file.attrs) == {"chip": "loihi1", "model": "small.py:small", "resolution_ms": 0.1, "first_step": 50}
        steps, cores, links = (
            {key: file[group][key][:] for key in file[group]} for group in ("steps", "cores", "links")
        )
        loads = file["link_messages"][:]
    # Sent in the window, where `synaptic_events` counts those that arrive in it.
    assert steps["synops"].sum() == cores["synops"].sum() > 0
    assert abs(steps["synops"].sum() - record["synaptic_events"]) < 0.2 * record["synaptic_events"]
    assert steps["spikes"].sum() == cores["spikes"].sum() == record["spikes"]
    assert steps["messages"].sum() == traffic["messages_in"] == traffic["messages_out"] == cores["messages_out"].sum()
    assert steps["hops"].sum() == links["messages"].sum() == loads.sum() == traffic["hops"] > 0
    np.testing.assert_array_equal(loads.max(axis=1), steps["link_messages_max"])
    np.testing.assert_array_equal(loads.max(axis=0), links["messages_max"])
    assert cores["neurons"].tolist() == [4] * 6 + [1]
    busiest = loads.sum(axis=0).argmax()
    assert traffic["busiest_link"] == [links["origin"][busiest], links["target"][busiest]]
    assert steps["total_s"].sum() == pytest.approx(chip["step_time_s"]["sum"])
    assert chip["emulated_real_time_factor"] == pytest.approx(chip["step_time_s"]["mean"] / 1e-4)
    # In the step of a spike, stamped with its end.
    stamps = np.rint(np.concatenate(list(read_spikes(home / "out" / "spikes.h5").times_ms.values())) / 0.1).astype(int)
    np.testing.assert_array_equal(np.bincount(stamps - 51, minlength=200), steps["spikes"])


def test_the_energy_is_that_of_the_counts(run_small):
    chip = run_small("--json", *ON_LOIHI).record["chip"]
    energy, counts = chip["energy_j"], chip["network_on_chip"]
    events = energy["total"] / (chip["energy_per_synaptic_event_pj"] * 1e-12)
    assert energy["synop"] == pytest.approx(23.6e-12 * events)
    assert energy["update"] == pytest.approx(81e-12 * 25 * 200)
    assert energy["static"] == pytest.approx(0.1044 * chip["step_time_s"]["sum"])
    assert 1.7e-12 * counts["within_tile"] < energy["hop"] < 1.7e-12 * counts["within_tile"] + 4e-12 * counts["hops"]
    assert energy["total"] == pytest.approx(sum(value for key, value in energy.items() if value and key != "total"))


def test_operations_of_neurobench_are_those_of_weights_that_are_not_zero(run_small):
    metrics = run_small("--json", *ON_LOIHI).record["chip"]["neurobench"]
    assert metrics["effective_acs"] == pytest.approx(metrics["synops_mean"] * 7 * 200)
    assert (metrics["connection_sparsity"], metrics["dense_synops"]) == (0.0, 200 * 200)
    record = run_small("--json", *ON_LOIHI, "--param", "weight=0.0", "--param", "input=dc", out="zero").record
    assert record["chip"]["neurobench"]["connection_sparsity"] is None
    assert record["reasons"]["chip.neurobench.connection_sparsity"] == "synapses with a weight of 0 were not counted"


def test_what_a_sheet_lacks_is_null_with_the_reason(run_small):
    record = run_small("--json", "--chip", "spinnaker1", "--neurons-per-core", 4).record
    assert record["chip"]["energy_j"]["synop"] is None
    assert record["reasons"]["chip.energy_j.synop"] == "synop_j is part of static_w_per_core"
    assert record["chip"]["step_time_s"] is None
    assert record["reasons"]["chip.emulated_real_time_factor"] == record["reasons"]["chip.step_time_s"]


def test_plastic_synapses_are_updated_on_the_chip(run_small, home):
    (home / "plastic.py").write_text(PLASTIC)
    record = run_small("--json", "--record", "spikes", *ON_LOIHI, model="plastic.py:plastic").record
    chip, updates = record["chip"], record["chip"]["plasticity"]
    with h5py.File(home / "out" / "traffic.h5") as file:
        steps, cores = ({key: file[group][key][:] for key in file[group]} for group in ("steps", "cores"))
    spikes = read_spikes(home / "out" / "spikes.h5").times_ms
    # Each neuron of B has 6 plastic synapses, each of A one state.
    assert updates["resource_updates"] == len(spikes["A"]) > 0
    assert steps["weight_updates"].sum() == cores["weight_updates"].sum() == updates["weight_updates"]
    assert updates["weight_updates"] - 6 * len(spikes["B"]) == steps["synops"].sum() - 2 * len(spikes["A"]) > 0
    assert steps["weight_updates_max"].max() == updates["weight_updates_max"] > 0
    assert chip["energy_j"]["plasticity"] == pytest.approx(120e-12 * updates["weight_updates"])
    assert chip["step_time_s"]["plasticity"] == pytest.approx(6.1e-9 * steps["weight_updates_max"].mean())
    assert chip["lower_bounds"]["energy_j.plasticity"].startswith("short_term_j")
    assert chip["neurobench"]["connection_sparsity"] is None
    assert set(nulls_of(chip, "chip")) <= set(record["reasons"])
    stated = " ".join(" ".join(chip_lines(chip, record["reasons"])).split())
    assert f"weight updates {updates['weight_updates']:,} at most {updates['weight_updates_max']}" in stated
    assert f"short-term plasticity {updates['resource_updates']}" in stated
    # Times of updates belong to memory.
    found = read_traffic(home / "out" / "traffic.h5").profile.memory_s
    np.testing.assert_array_equal(found, np.maximum(steps["memory_s"], steps["plasticity_s"]))
    plain = run_small("--json", model="plastic.py:plastic", out="plain").record
    assert plain["spike_digest"] == record["spike_digest"]


def nulls_of(value, key):
    if value is None:
        return [key]
    return (
        [null for name in value for null in nulls_of(value[name], f"{key}.{name}")] if isinstance(value, dict) else []
    )


@pytest.mark.parametrize(
    ("model", "options"),
    [
        ("small.py:small", ()),
        ("small.py:small", ("--param", "input=dc")),
        ("small.py:small", ("--time", 0)),
        ("small.py:small", ("--chip", "spinnaker1")),
        ("small.py:single", ()),
        ("small.py:single", ("--tick", 1)),
    ],
)
def test_every_null_has_its_reason_and_every_reason_its_null(run_small, model, options):
    record = run_small("--json", *ON_LOIHI, *options, model=model).record
    stated = {key for key in record["reasons"] if key.startswith("chip.")}
    nulls = set(nulls_of(record["chip"], "chip"))
    # Parts of what is null have reasons of their own.
    assert nulls <= stated and all(key.rpartition(".")[0] in nulls for key in stated - nulls)
    assert "chip.tick_s" in stated or "--tick" in options


def test_spikes_that_nobody_asked_for_are_not_written(run_small, monkeypatch):
    monkeypatch.delattr(SpikeParts, "append")
    assert run_small(*ON_LOIHI).code == 0
    with pytest.raises(AttributeError):
        run_small(*ON_LOIHI, "--record", "spikes", out="recorded")


def test_a_fixed_time_of_a_step_has_deadlines(run_small):
    short = run_small("--json", *ON_LOIHI, "--tick", 1e-7, out="short").record["chip"]
    assert short["missed_deadlines"] == 200
    long = run_small("--json", *ON_LOIHI, "--tick", 0.1, out="long").record["chip"]
    assert long["missed_deadlines"] == 0 and long["emulated_real_time_factor"] == pytest.approx(1.0)


def test_a_network_that_does_not_fit_is_refused_before_it_is_built(run_small, home):
    refused = run_small(*ON_LOIHI, *FEW_BITS)
    assert "loihi1: the network does not fit" in refused.refusal and "bits per weight" in refused.refusal
    assert "constructing" not in refused.err
    assert not (home / "out").exists()


def test_tables_of_routers_that_are_too_small_are_refused_or_reported(run_small, home):
    sheet = (CHIPS / "spinnaker1.toml").read_text()
    (home / "small_tables.toml").write_text(sheet.replace("value = 1023", "value = 3"))
    on_chip = ("--chip", "small_tables.toml", "--neurons-per-core", 2)
    assert "entries, more than the limit of 3" in run_small(*on_chip).refusal
    finished = run_small(*on_chip, "--on-violation", "adapt")
    assert finished.code == 0 and "limits still exceeded: router_entries_per_router" in finished.out


def test_the_adapted_network_is_the_one_that_runs(run_small):
    plain = run_small("--json", "--param", "weight=201.3", out="plain").record
    record = run_small("--json", *ON_LOIHI, *FEW_BITS, "--on-violation", "adapt").record
    adaptation = record["chip"]["adaptation"]
    assert adaptation["weight_bits"] == 3 and adaptation["synapses_quantised"] == 200
    assert record["network_digest"] != plain["network_digest"]
    assert "adapted: " in run_small(*ON_LOIHI, *FEW_BITS, "--on-violation", "adapt", out="text").out


def test_neither_mapper_nor_threads_change_a_spike(run_small, home):
    records = [
        run_small("--json", *ON_LOIHI, "--mapper", mapper, "--threads", threads, out=f"{mapper}{threads}").record
        for mapper in ("in_order", "random")
        for threads in (1, 3)
    ]
    assert len({record["spike_digest"] for record in records}) == 1
    assert chip_of(home / "random1") == chip_of(home / "random3") != chip_of(home / "in_order1")
    files = [(home / f"random{threads}" / "traffic.h5").read_bytes() for threads in (1, 3)]
    assert files[0] == files[1]


def test_a_stopped_run_goes_on_counting(run_small, benchnn, home, monkeypatch):
    (home / "mine.toml").write_text((CHIPS / "loihi1.toml").read_text())
    options = ("--chip", "mine.toml", "--neurons-per-core", 4, "--record", "link_messages")
    after_slice = Storage.after_slice

    def then_stop(self, reached):
        after_slice(self, reached)
        if self._simulator.step == 137:
            signal.raise_signal(signal.SIGTERM)

    with monkeypatch.context() as patched:
        patched.setattr(slices, "FIRST_SLICE_STEPS", 1)
        patched.setattr(slices, "SLICE_S", 0.0)
        patched.setattr(Storage, "after_slice", then_stop)
        assert run_small(*options).code == 1
    with h5py.File(home / "out" / "traffic.h5") as file:
        assert len(file["steps/synops"]) == 137 - 50
    (home / "elsewhere").mkdir()
    with monkeypatch.context() as patched:
        patched.chdir("elsewhere")
        assert benchnn("run", "--resume", "../out").code == 0
    assert run_small(*options, out="whole").code == 0
    assert chip_of(home / "out") == chip_of(home / "whole")
    assert (home / "out" / "traffic.h5").read_bytes() == (home / "whole" / "traffic.h5").read_bytes()
    assert sorted(path.name for path in (home / "out").iterdir()) == ["result.json", "traffic.h5"]
    again = run_small("--resume", "out", "--chip", "loihi2")
    assert again.code == 2


def test_every_key_is_documented(run_small):
    documented = set()
    for cell in re.findall(r"^\| (`chip\.[^|]*) \|", DOCS.read_text(), re.MULTILINE):
        first, *others = re.findall(r"`([^`]+)`", cell)
        parent = first.rpartition(".")[0]
        documented |= {first, *(f"{parent}{other}" if other.startswith(".") else other for other in others)}
    chip = run_small("--json", *ON_LOIHI).record["chip"]
    for key in ("network_on_chip", "per_core", "plasticity", "step_time_s", "energy_j", "wall_s"):
        chip |= {f"{key}.{name}": value for name, value in chip.pop(key).items()}
    assert {f"chip.{key}" for key in chip} == documented


def test_no_model_time(run_small):
    record = run_small("--json", *ON_LOIHI, "--time", 0).record
    assert record["chip"]["network_on_chip"]["messages_in"] == 0
    assert record["reasons"]["chip.step_time_s"] == "no model time was simulated"
    assert record["chip"]["floorline"] is None


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--mapper", "random"), "mapper = 'random' is not allowed: it requires --chip"),
        (("--record", "link_messages"), "record = 'link_messages' is not allowed: it requires --chip"),
        (("--chip", "loihi9"), "chip = 'loihi9' is unknown: use a known name, or the path of a sheet"),
        (("--chip", "loihi1", "--mapper", "best"), "mapper = 'best'"),
        (
            ("--chip", "loihi1", "--on-violation", "ignore"),
            "on_violation = 'ignore' is not allowed: use error or adapt",
        ),
        (("--chip", "loihi1", "--neurons-per-core", 0), "neurons_per_core = 0"),
        (("--chip", "loihi1", "--tick", 0), "tick_ms = 0.0 is not allowed"),
        (("--chip", "brainscales2", "--tick", 1), "tick_s = 0.001 is not allowed: brainscales2 does not run in steps"),
        (("--chip", ""), "chip = '' is not allowed"),
        (("--chip", "truenorth", "--tick", 0.01), "tick_s = 1e-05 is not allowed: must be at least 4.76e-05 s on"),
        (
            (*ON_LOIHI, "--record", "link_messages", "--time", 1e8),
            "too little memory: recording the messages on links needs about",
        ),
        ((*ON_LOIHI, "--time", 9e8), "too little memory: counting the events on a chip in each step needs about"),
        (("--chip", "loihi1", "--simulator", "nest"), "chip = 'loihi1' is not allowed"),
        (
            ("--chip", "loihi1", "--dry-run-ranks", 2),
            "chip = 'loihi1' is not allowed: a dry run does not support chips",
        ),
    ],
)
def test_wrong_input_is_refused_in_a_sentence(run_small, home, arguments, words):
    refused = run_small(*arguments, backend="cpu")
    assert words in refused.refusal and "constructing" not in refused.err
    assert not (home / "out").exists()


def test_the_record_holds_the_digest_of_a_sheet_in_a_file(run_small, home):
    sheet = (CHIPS / "loihi1.toml").read_bytes()
    (home / "mine.toml").write_bytes(sheet)
    chip = run_small("--json", "--chip", "mine.toml", "--neurons-per-core", 4).record["chip"]
    assert chip["name"] == "mine" and chip["sheet_sha256"] == hashlib.sha256(sheet).hexdigest()


def test_only_the_meter_keeps_what_spikes_cause(run_small, monkeypatch):
    kept = []

    def route(*given):
        routes = make_routes(*given)
        kept.extend(weakref.ref(part) for part in (given[1], routes))
        return routes

    def gone(self, *steps):
        assert [part() for part in kept] == [None, None]

    monkeypatch.setattr(emulation, "make_routes", route)
    monkeypatch.setattr(TrafficMeter, "observe", gone)
    assert run_small(*ON_LOIHI).code == 0 and len(kept) == 2


RELAYS = """
from simcore.network import AllToAll, Network, Population, Projection, SpikeTrain


def relays(times=3):
    populations = [Population("P", 4, "parrot_neuron"), Population("Q", 2, "parrot_neuron")]
    projections = [Projection("P", "Q", AllToAll(), -7.3, 1.0)]
    return Network(populations, projections, [SpikeTrain("P", [6.0] * times + [8.0], 0.3)])
"""


def test_each_of_several_spikes_of_a_step_is_a_message(run_small, home):
    (home / "relays.py").write_text(RELAYS)
    options = ("--json", "--chip", "loihi1", "--neurons-per-core", 2, "--chip-weight-bits", 2, "--record", "spikes")
    record = run_small(*options, model="relays.py:relays").record
    # P sends 4 x (3 + 1) spikes, over 2 edges each, to one core; Q repeats what arrives.
    assert record["spikes"] == 4 * 4 + 2 * 4 * 4 and record["synaptic_events"] == 4 * 4 * 2
    chip = record["chip"]
    assert chip["network_on_chip"]["messages_in"] == 4 * 4 and chip["adaptation"] is None
    with h5py.File(home / "out" / "traffic.h5") as file:
        assert file["steps/spikes"][:].max() == 2 * 4 * 3 and file["cores/spikes"][:].sum() == record["spikes"]
    times = np.concatenate(list(read_spikes(home / "out" / "spikes.h5").times_ms.values()))
    assert np.unique(np.round(times, 1), return_counts=True)[1].tolist() == [12, 24, 4, 8]


def test_messages_of_many_spikes_of_a_step_find_room(run_small, home):
    (home / "relays.py").write_text(RELAYS)
    options = ("--json", "--chip", "loihi1", "--neurons-per-core", 2, "--param", "times=10000")
    record = run_small(*options, model="relays.py:relays").record
    assert record["spikes"] == 3 * 4 * 10_001
    with h5py.File(home / "out" / "traffic.h5") as file:
        assert (file["steps/messages"][:].max(), file["steps/synops"][:].max()) == (40_000, 80_000)


def stating(home, table, *lines):
    """The sheet of Loihi with further lines of a table."""
    own = home / "own.toml"
    text = (own if own.exists() else CHIPS / "loihi1.toml").read_text()
    own.write_text(text.replace(f"[{table}]\n", "\n".join((f"[{table}]", *lines, "")), 1))


READS = 'synapse_read_s = { value = 2, unit = "us", source = "Frady2020", evidence = "vendor" }'
CORE_LINKS = (
    'core_link_bandwidth_messages_per_s = { value = 4, unit = "M/s", source = "Frady2020", evidence = "vendor" }'
)
OVERLAPS = 'barrier_overlaps = { value = true, source = "Frady2020" }'


def test_reads_and_core_links_are_timed_where_the_sheet_states_them(run_small, home):
    plain = run_small("--json", *ON_LOIHI, out="plain").record
    times, stated = plain["chip"]["step_time_s"], plain["reasons"]
    assert times["reads"] is None and times["core_links"] is None
    assert stated["chip.step_time_s.reads"] == "synapse_read_s (not in the sheet)"
    stating(home, "times", READS)
    stating(home, "network", CORE_LINKS)
    record = run_small("--json", "--chip", "own.toml", *ON_LOIHI[2:], out="own").record
    with h5py.File(home / "own" / "traffic.h5") as file:
        steps = {key: file["steps"][key][:] for key in file["steps"]}
    np.testing.assert_array_equal(steps["reads_s"], steps["reads_max"] * 2e-6)
    np.testing.assert_allclose(steps["core_links_s"], steps["core_link_messages_max"] / 4e6)
    # An axon has one word at least; without multicast all that leaves a core and enters it passes its link.
    assert (steps["reads_max"] >= steps["messages_in_max"]).all() and steps["reads_max"].any()
    both = steps["messages_in_max"] + steps["messages_out_max"]
    assert (steps["core_link_messages_max"] <= both).all()
    assert (steps["core_link_messages_max"] >= np.maximum(steps["messages_in_max"], steps["messages_out_max"])).all()
    longest = np.max([steps[f"{name}_s"] for name in ("memory", "compute", "traffic", "reads", "core_links")], axis=0)
    np.testing.assert_allclose(steps["total_s"], longest + steps["barrier_s"])
    means = record["chip"]["step_time_s"]
    assert means["reads"] == pytest.approx(steps["reads_s"].mean()) and means["memory"] == times["memory"]
    assert record["chip"]["floorline"]["state"] == "memory"


def test_reads_need_a_rule_of_words(run_small, home):
    stating(home, "times", READS)
    text = (home / "own.toml").read_text()
    (home / "own.toml").write_text(text[: text.index("[packing]")] + text[text.index("[unpublished]") :])
    refused = run_small("--chip", "own.toml", *ON_LOIHI[2:]).refusal
    assert "packing.rule = None" in refused and "use loihi, since the sheet has synapse_read_s" in refused


def test_a_barrier_that_overlaps_is_kept_for_the_floorline(run_small, home, benchnn):
    stating(home, "times", OVERLAPS)
    record = run_small("--json", "--chip", "own.toml", *ON_LOIHI[2:]).record
    times = record["chip"]["step_time_s"]
    assert times["mean"] == times["barrier"] > times["compute"] and record["chip"]["floorline"]["state"] == "barrier"
    stated = json.loads(benchnn("floorline", "out", "--json").out)["runs"][0]
    assert "The barrier overlaps with the work" in stated["advice"] == record["chip"]["floorline"]["advice"]
