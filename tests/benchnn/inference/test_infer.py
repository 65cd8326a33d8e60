"""``benchnn infer`` against a plain evaluation of the same layers, sample by sample and step by step."""

import json
import runpy

import numpy as np
import pytest

from benchnn.inference.coding import CODINGS, coded
from benchnn.inference.rows import with_front
from benchnn.inference.samples import Samples

STEPS = 11


def matrices(home, **params):
    """Weights of both projections, and the parameters of the layers."""
    network = runpy.run_path(str(home / "net.py"))["layers"](**params)
    dense = [np.asarray(one.weight).reshape(network.population(one.source).size, -1) for one in network.projections]
    return dense, [network.population(name).params for name in ("hidden", "out")]


def plain(home, currents, **params):
    """Spikes of hidden and of output neurons, (steps, neurons) each, of one sample, whose currents are given by step.

    A layer takes no time: what hidden neurons send arrives in the same step.
    """
    (_, second), (hidden, out) = matrices(home, **params)
    single = np.float32
    bias, v, w = np.asarray(out["I_e"]).astype(single), np.zeros(9, single), np.full(4, 0.25, single)
    spikes = np.zeros((len(currents), 9), dtype=bool), np.zeros((len(currents), 4), dtype=bool)
    for step, current in enumerate(currents):
        v = v * single(hidden["b"]) + (np.asarray(hidden["I_e"]) + current).astype(single)
        spikes[0][step] = v > 1.0
        v = np.where(v > 1.0, v - single(1.0) if hidden["subtract"] else single(0.0), v)
        w = w * single(out["b"]) + (bias + (spikes[0][step] @ second).astype(single))
        spikes[1][step] = w > out["V_th"]
        w = np.where(spikes[1][step], w - single(out["V_th"]) if out["subtract"] else single(0.0), w)
    return spikes


def currents_of(home, samples, coding, steps, number):
    """Input of the hidden neurons in each step."""
    first = matrices(home)[0][0]
    if coding == "direct":
        constant = samples[number].astype(np.float32) @ first.astype(np.float32)
        return np.repeat(constant[None], steps, axis=0)
    found = coded(Samples(samples[number : number + 1], None, False), number, coding, steps, 1)
    sent = np.zeros((steps, 12))
    np.add.at(sent, (found.step - 1, found.neuron), 1.0)
    return sent @ first


@pytest.mark.parametrize("coding", [coding for coding in CODINGS if coding != "events"])
@pytest.mark.parametrize("params", [{}, {"subtract": 0.0, "leak": 0.75}])
def test_answers_and_counts_are_those_of_a_plain_evaluation(benchnn, home, trained, samples, coding, params):
    values, labels = samples
    texts = [word for name, value in params.items() for word in ("--param", f"{name}={value}")]
    done = benchnn("infer", trained, *texts, "--data", "samples.npz", "--steps", STEPS, "--coding", coding, "--json")
    assert done.code == 0
    row = json.loads(done.out)["rows"][0]
    right = spikes_in_all = events = 0
    for number in range(len(values)):
        hidden, out = plain(home, currents_of(home, values, coding, STEPS, number), **params)
        right += int(out.sum(axis=0).argmax()) == labels[number]
        sent = 0
        if coding != "direct":
            sent = len(coded(Samples(values[number : number + 1], None, False), number, coding, STEPS, 1).step)
        spikes_in_all += int(hidden.sum() + out.sum()) + sent
        events += int(hidden.sum()) * 4 + sent * 9
    assert row["accuracy"]["share"] == right / len(values)
    assert row["spikes"] == pytest.approx(spikes_in_all / len(values), rel=1e-12)
    assert row["synaptic_events"] == pytest.approx(events / len(values), rel=1e-12)
    assert spikes_in_all > 0 and events > 0


def rows_of(benchnn, trained, *options):
    done = benchnn("infer", trained, "--data", "samples.npz", "--json", "--overwrite", "--out", "r", *options)
    assert done.code == 0, done.err
    return json.loads(done.out)["rows"]


def test_neither_batch_nor_threads_nor_later_steps_change_a_result(benchnn, trained, samples):
    rows = rows_of(benchnn, trained, "--steps", "3,7,11", "--coding", "rate", "--exit-entropy", "0.6")
    for options in (("--batch", 1), ("--batch", 5, "--threads", 2), ("--batch", 23)):
        assert (
            rows_of(benchnn, trained, "--steps", "3,7,11", "--coding", "rate", "--exit-entropy", "0.6", *options)
            == rows
        )
    alone = rows_of(benchnn, trained, "--steps", "7", "--coding", "rate", "--exit-entropy", "0.6")
    # A line is on the front of its own table.
    for row in (*rows, *alone):
        del row["on_front"]
    assert alone == [row for row in rows if row["steps"] == 7]


def test_an_early_exit_answers_as_all_steps_until_then(benchnn, trained, samples):
    rows = rows_of(benchnn, trained, "--steps", "11", "--exit-entropy", "0.3,0.7,1")
    whole, *exits = rows
    assert whole["exit_entropy"] is None and whole["mean_steps"] == 11
    assert [row["exit_entropy"] for row in exits] == [0.3, 0.7, 1.0]
    steps = [row["mean_steps"] for row in exits]
    assert 11 >= steps[0] >= steps[1] >= steps[2] >= 1 and steps[0] > steps[2]
    assert [row["synaptic_events"] for row in exits] == sorted((row["synaptic_events"] for row in exits), reverse=True)


def test_noise_changes_samples_and_no_noise_does_not(benchnn, trained, samples):
    rows = rows_of(benchnn, trained, "--steps", "9", "--noise", "0,0.5")
    assert [row["noise"] for row in rows] == [0.0, 0.5]
    assert rows[0]["spike_digest"] == rows_of(benchnn, trained, "--steps", "9")[0]["spike_digest"]
    assert rows[0]["spike_digest"] != rows[1]["spike_digest"]


@pytest.mark.parametrize("readout", ["potential", "potential_sum"])
def test_potentials_answer_where_no_neuron_fires(benchnn, home, trained, samples, readout):
    values, labels = samples
    options = ("--param", "out_threshold=1e30", "--steps", STEPS)
    row = rows_of(benchnn, trained, *options, "--readout", readout)[0]
    (_, second), (_, out) = matrices(home)
    right = 0
    for number in range(len(values)):
        hidden, _ = plain(home, currents_of(home, values, "direct", STEPS, number))
        potentials = 0.25 + np.cumsum(np.asarray(out["I_e"]) + hidden @ second, axis=0)
        answer = potentials[-1] if readout == "potential" else potentials.sum(axis=0)
        right += int(answer.argmax()) == labels[number]
    assert row["accuracy"]["share"] == right / len(values)
    if readout == "potential":
        assert rows_of(benchnn, trained, *options)[0] == row


def test_a_chip_has_costs_and_adapted_weights(benchnn, trained, samples):
    options = ("--steps", "5,11", "--chip", "loihi1", "--neurons-per-core", 4)
    rows = rows_of(benchnn, trained, *options, "--chip-weight-bits", 3, "--on-violation", "adapt")
    assert [row["network"] for row in rows] == ["original", "original", "adapted", "adapted"]
    assert rows[0]["chip"] is None and rows[0]["reasons"]["chip"]
    short, long = (row["chip"] for row in rows[2:])
    for key in ("latency_s", "energy_j", "estimate_j", "energy_delay_js"):
        assert 0.0 < short[key] < long[key]
    assert long["energy_delay_js"] == pytest.approx(long["energy_j"] * long["latency_s"])
    # One copy, sample after sample: as if each ran alone.
    assert rows_of(benchnn, trained, *options, "--chip-weight-bits", 3, "--on-violation", "adapt", "--batch", 4) == rows
    assert {row["on_front"] for row in rows[:2]} == {None} and any(row["on_front"] for row in rows[2:])
    assert long["estimate_j"] == pytest.approx(23.6e-12 * rows[3]["synaptic_events"], rel=0.1)


def test_results_are_reported(benchnn, home, trained, samples):
    rows_of(benchnn, trained, "--steps", "5,11", "--chip", "loihi1", "--exit-entropy", "0.5")
    assert benchnn("report", "r").code == 0
    page = (home / "r" / "report.html").read_text()
    for printed in (
        "Inference of net.py:layers",
        "Answers by class",
        "Accuracy as a function of the energy",
        "Spike density by layer",
    ):
        assert printed in page


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        (("--steps", "0"), "steps = '0' is not allowed"),
        (("--steps", "4,4"), "steps = '4,4' is not allowed: 4 appears twice"),
        (("--steps", "4", "--coding", "temporal"), "coding = 'temporal' is not allowed"),
        (("--steps", "4", "--coding", "events"), "inputs of a sample = 4 is not allowed"),
        (("--steps", "4", "--readout", "last"), "readout = 'last' is not allowed"),
        (("--steps", "4", "--exit-entropy", "0"), "exit_entropy = '0' is not allowed: must be > 0 and <= 1"),
        (("--steps", "4", "--noise", "-1"), "noise = '-1' is not allowed"),
        (("--steps", "4", "--batch", "0"), "batch = 0 is not allowed"),
        (("--steps", "4", "--output", "in"), "output = 'in' is not allowed"),
        (("--steps", "4", "--chip", "loihi9"), "did you mean"),
    ],
)
def test_wrong_options_are_refused(benchnn, trained, samples, options, refusal):
    assert refusal in benchnn("infer", trained, "--data", "samples.npz", *options).refusal


def broken(home, **arrays):
    np.savez(home / "broken.npz", **arrays)
    return "broken.npz"


@pytest.mark.parametrize(
    ("arrays", "refusal"),
    [
        ({"z": np.zeros(3)}, "it has no array x"),
        ({"x": np.zeros((3, 12), dtype="U3")}, "x is an array of type <U3"),
        ({"x": np.array([[object()]])}, "cannot read broken.npz"),
        ({"x": np.full((3, 12), np.nan)}, "x[0] contains a value that is not finite"),
        ({"x": np.zeros((0, 12))}, "x is an array of type float64 and shape (0, 12)"),
        ({"x": np.zeros((3, 11))}, "inputs of a sample = 11 is not allowed: must be 12, the number of neurons of in"),
        ({"x": np.zeros((3, 12)), "y": np.zeros(2, int)}, "it must contain a class for each of the 3 samples"),
        ({"x": np.zeros((3, 12)), "y": np.array([0, -1, 0])}, "y[1] = -1 is not a class"),
        ({"x": np.zeros((3, 12)), "y": np.array([0, 4, 0])}, "y = 4 is not allowed: must be below 4, the number"),
    ],
)
def test_wrong_data_are_refused(benchnn, home, trained, arrays, refusal):
    assert refusal in benchnn("infer", trained, "--data", broken(home, **arrays), "--steps", 3).refusal


def test_damaged_and_other_files_are_refused(benchnn, home, trained, samples):
    whole = (home / "samples.npz").read_bytes()
    (home / "cut.npz").write_bytes(whole[:200])
    (home / "text.h5").write_text("no")
    (home / "data.csv").write_text("1,2\n")
    for name, refusal in (("cut.npz", "cannot read cut.npz"), ("text.h5", "cannot read text.h5"),
                          ("data.csv", "use a file that ends in"), ("none.npz", "does not exist")):  # fmt: skip
        assert refusal in benchnn("infer", trained, "--data", name, "--steps", 3).refusal


def test_networks_without_a_place_for_samples_are_refused(benchnn, samples):
    assert (
        "it must have one population with a source"
        in benchnn("infer", "brunel", "--param", "order=20", "--data", "samples.npz", "--steps", 3).refusal
    )


def test_plastic_networks_are_refused(benchnn, home, samples):
    (home / "learning.py").write_text(
        "from simcore.network import AllToAll, Network, Population, Projection, SpikeTrains, Tsodyks2\n"
        "def learning():\n"
        "    source = Population('in', 12, source=SpikeTrains([], []))\n"
        "    link = Projection('in', 'out', AllToAll(), 1.0, plasticity=Tsodyks2())\n"
        "    return Network([source, Population('out', 4)], [link])\n"
    )
    done = benchnn("infer", "learning.py:learning", "--data", "samples.npz", "--steps", 3)
    assert "projection in->out is plastic, but inference does not change weights" in done.refusal


def test_data_of_hdf5_are_those_of_npz(benchnn, home, trained, samples):
    import h5py

    with h5py.File(home / "same.h5", "w") as file:
        file["x"], file["y"] = samples
    of_npz = rows_of(benchnn, trained, "--steps", 5)
    done = benchnn("infer", trained, "--data", "same.h5", "--steps", 5, "--json")
    assert json.loads(done.out)["rows"] == of_npz


def test_events_are_spikes_as_recorded(benchnn, home, trained):
    chance = np.random.default_rng(3)
    events = chance.integers(0, 3, (6, STEPS, 3, 4)) // 2
    np.savez(home / "events.npz", x=events)
    done = benchnn("infer", trained, "--data", "events.npz", "--steps", STEPS, "--coding", "events", "--json")
    row = json.loads(done.out)["rows"][0]
    first = matrices(home)[0][0]
    sent = 0
    for sample in events.reshape(6, STEPS, 12):
        sent += int(sample.sum()) + sum(int(spikes.sum()) for spikes in plain(home, sample @ first))
    assert row["spikes"] == pytest.approx(sent / 6, rel=1e-12)
    assert row["accuracy"] is None and row["reasons"]["accuracy"] == "the data have no labels"
    assert (
        "steps = 12 is not allowed: must be at most 11, the number of steps of a sample in events.npz"
        in benchnn("infer", trained, "--data", "events.npz", "--steps", 12, "--coding", "events").refusal
    )


def nir_recording(home, kind):
    """A file as NIR's write_data leaves it; and the same events on the grid of 1 ms, (samples, steps, inputs)."""
    import h5py

    events = np.random.default_rng(5).integers(0, 2, (4, STEPS, 12))
    with h5py.File(home / f"{kind}.nir", "w") as file:
        file.attrs["__type__"] = "NIRGraphData"
        node = file.create_group("nodes/input")
        node.attrs["__type__"] = "NIRNodeData"
        group = node.create_group("observables/spikes")
        group.attrs["__type__"] = kind
        if kind == "TimeGriddedData":
            group["data"] = events.astype(bool)
            group.attrs["dt"] = 1e-3
        else:
            most = int(events.sum(axis=(1, 2)).max()) + 1
            ids, times = np.full((4, most), -1), np.full((4, most), np.inf)
            for number, sample in enumerate(events):
                step, neuron = np.nonzero(sample)
                ids[number, : len(step)], times[number, : len(step)] = neuron, (step + 0.25) * 1e-3
            group["idx"], group["time"] = ids, times
            group.attrs["n_neurons"], group.attrs["t_max"] = 12, STEPS * 1e-3
    np.savez(home / "grid.npz", x=events)
    return f"{kind}.nir"


@pytest.mark.parametrize("kind", ["TimeGriddedData", "EventData"])
def test_recordings_of_nir_are_events(benchnn, home, trained, kind):
    rows = []
    for data in (nir_recording(home, kind), "grid.npz"):
        done = benchnn("infer", trained, "--data", data, "--steps", STEPS, "--coding", "events", "--json")
        rows.append(json.loads(done.out)["rows"])
    assert rows[0] == rows[1] and rows[0][0]["spikes"] > 0


def test_damaged_recordings_of_nir_are_refused(benchnn, home, trained):
    import h5py

    def refusal(change):
        name = nir_recording(home, "EventData")
        with h5py.File(home / name, "a") as file:
            change(file, file["nodes/input/observables/spikes"])
        options = ("--data", name, "--steps", STEPS, "--coding", "events")
        return benchnn("infer", trained, *options).refusal

    def out_of_range(file, group):
        group["idx"][0, 0] = 12

    def without_times(file, group):
        del group["time"]

    def two(file, group):
        file.copy(group, "nodes/input/observables/more")

    assert "sample 0 has an event of neuron 12" in refusal(out_of_range)
    assert "is damaged" in refusal(without_times)
    assert "it must contain one recording of one node" in refusal(two)


def test_several_chips_are_in_one_table(benchnn, trained, samples):
    options = ("--steps", "5", "--chip", "loihi1,truenorth", "--chip-weight-bits", 5, "--on-violation", "adapt")
    rows = rows_of(benchnn, trained, *options)
    assert [(row["network"], row["chip"] and row["chip"]["name"]) for row in rows] == [
        ("original", None), ("adapted", "loihi1"), ("adapted", "truenorth"),
    ]  # fmt: skip
    printed = benchnn("infer", trained, "--data", "samples.npz", *options, "--out", "two").out
    assert "truenorth" in printed and "at least as good in accuracy, latency and energy" in printed


def test_the_front_has_the_rows_that_no_other_beats():
    def row(share, steps, events):
        return {"accuracy": {"share": share}, "mean_steps": steps, "synaptic_events": events, "chip": None}

    rows = [row(0.9, 8, 100), row(0.8, 4, 50), row(0.8, 8, 60), row(0.9, 8, 100), {**row(1.0, 1, 1), "accuracy": None}]
    assert [one["on_front"] for one in with_front(rows)] == [True, True, False, True, None]
