"""The fly's brain: published counts, experiments, silencing, and the checks of files that the user brings."""

import hashlib

import numpy as np
import pytest

from benchnn.models import models
from benchnn.models.flywire import ids, network
from simcore.errors import InputError
from simcore.network import Column, EdgeFiles, Silenced, SurrogateConnectome
from simcore.simulator import Simulator

flywire = models.get("flywire")
SMALL = {"scale": 0.006, "record_spikes": True}
FIRST_ID = 720_575_940_600_000_000
"""Root ids are larger than float64 holds exactly."""


def spikes(described, time_ms=60.0):
    with Simulator(described, seed=1, backend="oracle") as simulator:
        simulator.run(time_ms)
        found = simulator.spikes()
        return found.stamps.tolist(), found.ids.tolist()


def stimulated(described):
    """Neurons of B that the stimulus reaches."""
    return np.asarray(described.projections[1].rule.targets).tolist()


@pytest.fixture
def files(tmp_path, monkeypatch):
    """Files of the published layout with five neurons, of which this model takes the digests for the published ones."""
    arrow, parquet = pytest.importorskip("pyarrow"), pytest.importorskip("pyarrow.parquet")
    connectivity, completeness = tmp_path / "Connectivity_783.parquet", tmp_path / "Completeness_783.csv"
    sources, targets, contacts = [0, 0, 1, 2, 3], [1, 2, 3, 4, 0], [2405, -30, 1, 900, 700]
    columns = {
        "Presynaptic_ID": [FIRST_ID + source for source in sources],
        "Postsynaptic_ID": [FIRST_ID + target for target in targets],
        "Presynaptic_Index": sources,
        "Postsynaptic_Index": targets,
        "Connectivity": np.abs(contacts),
        "Excitatory": np.sign(contacts),
        "Excitatory x Connectivity": contacts,
    }
    parquet.write_table(arrow.table(columns), connectivity)
    rows = "".join(f"{FIRST_ID + neuron},True\n" for neuron in range(5))
    completeness.write_text(",Completed\n" + rows)
    monkeypatch.setattr(network, "CONNECTIVITY_SHA256", hashlib.sha256(connectivity.read_bytes()).hexdigest())
    monkeypatch.setattr(ids, "COMPLETENESS_SHA256", hashlib.sha256(completeness.read_bytes()).hexdigest())
    monkeypatch.setattr(network, "NEURONS", 5)
    return {"connectivity": str(connectivity), "completeness": str(completeness)}


@pytest.fixture
def listing(tmp_path):
    """Writes a file with ids."""

    def write(text, name="ids.txt"):
        path = tmp_path / name
        path.write_text(text)
        return str(path)

    return write


def test_the_surrogate_has_the_published_counts():
    described = flywire()
    rule = described.projections[0].rule
    assert described.population("B").size == 138_639
    assert rule.expected_synapses(described.wiring(0)) == 15_091_983
    assert (rule.excitatory_edges, rule.inhibitory_edges) == (9_059_302, 6_032_681)
    assert rule.excitatory_contacts + rule.inhibitory_contacts == 54_492_922
    assert rule.excitatory_contacts - rule.inhibitory_contacts == 10_496_512
    assert (rule.largest_degree, rule.largest_contacts) == (9_615, 2_405)
    out_degrees = np.diff(rule._source_ends, prepend=0)
    assert (out_degrees.min(), out_degrees.max()) == (0, 9_615)


def test_weights_are_whole_contacts_that_hold_0_275_mv():
    described = flywire(**SMALL)
    with Simulator(described, seed=1, backend="oracle") as simulator:
        weights = simulator.edges("B", "B").weights
    assert np.array_equal(weights, np.rint(weights)) and np.abs(weights).min() == 1.0
    params = described.population("B").params
    assert params["tau_m"] / params["C_m"] == pytest.approx(0.275)


@pytest.mark.parametrize(("name", "neurons", "rate_hz"), [("sugar", 21, 200.0), ("P9", 2, 100.0)])
def test_an_experiment_stimulates_its_neurons_at_its_rate(name, neurons, rate_hz):
    described = flywire(stimulate=name, **SMALL)
    chosen = stimulated(described)
    assert len(chosen) == neurons == described.population("S").size
    assert set(chosen) <= set(described.projections[0].rule.excitatory_ids.tolist())
    assert described.population("S").source.rate_hz == rate_hz
    assert flywire(stimulate=name, rate_hz=37.0, **SMALL).population("S").source.rate_hz == 37.0
    t_ref = np.asarray(described.population("B").params["t_ref"])
    assert np.flatnonzero(t_ref == 0.0).tolist() == chosen
    assert np.all(np.delete(t_ref, chosen) == 2.2)
    assert described.projections[1].weight == 250.0 and described.projections[0].delay_ms == 1.8


def test_stimulated_neurons_fire_at_the_rate_and_make_others_fire():
    described = flywire(**SMALL)
    fired = np.array(spikes(described, 200.0)[1])
    chosen = stimulated(described)
    rate_hz = np.count_nonzero(np.isin(fired, chosen)) / len(chosen) / 0.2
    # 840 expected spikes, those that follow from synapses included; five standard deviations.
    assert 165.0 < rate_hz < 300.0
    assert np.count_nonzero(~np.isin(fired, chosen)) > 50


def test_without_a_stimulus_the_brain_is_silent():
    described = flywire(stimulate="none", **SMALL)
    assert [population.name for population in described.populations] == ["B"]
    assert spikes(described) == ([], [])


def test_neurons_of_a_surrogate_are_stimulated_and_silenced_by_number(listing):
    path = listing("# two neurons\n5\n\n811  # the last but twenty\n")
    described = flywire(stimulate="ids", stimulate_ids=path, silence_ids=path, rate_hz=900.0, **SMALL)
    assert stimulated(described) == [5, 811]
    assert described.projections[0].rule.ids.tolist() == [5, 811]
    # Nobody hears them.
    assert set(spikes(described)[1]) == {5, 811}
    assert flywire(stimulate="ids", stimulate_ids=path, **SMALL).population("S").source.rate_hz == 150.0


def test_another_seed_makes_another_surrogate():
    assert spikes(flywire(**SMALL)) != spikes(flywire(surrogate_seed=2, **SMALL))


def test_published_files_are_read_with_root_ids(files, listing):
    path = listing(f"{FIRST_ID}\n")
    described = flywire(stimulate="ids", stimulate_ids=path, rate_hz=1000.0, record_spikes=True, **files)
    assert isinstance(described.projections[0].rule, EdgeFiles)
    assert described.projections[0].weight == Column("Excitatory x Connectivity")
    assert stimulated(described) == [0]
    assert set(spikes(described)[1]) >= {0, 1}
    silenced = flywire(stimulate="ids", stimulate_ids=path, silence_ids=path, record_spikes=True, **files)
    assert isinstance(silenced.projections[0].rule, Silenced)
    assert set(spikes(silenced)[1]) <= {0}
    assert not isinstance(flywire(stimulate="none", **files).projections[0].rule, SurrogateConnectome)


@pytest.mark.parametrize("name", ["connectivity", "completeness"])
def test_a_file_that_is_not_the_published_one_is_refused(files, listing, monkeypatch, name):
    where = network if name == "connectivity" else ids
    monkeypatch.setattr(where, f"{name.upper()}_SHA256", "0" * 64)
    with pytest.raises(InputError, match=f"{name}: SHA-256 of .*published file has 0000"):
        flywire(stimulate="ids", stimulate_ids=listing(f"{FIRST_ID}\n"), **files)


def test_a_byte_order_mark_and_line_ends_of_windows_are_read(listing):
    described = flywire(stimulate="ids", stimulate_ids=listing("\ufeff5\r\n811\r\n"), **SMALL)
    assert stimulated(described) == [5, 811]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("5\nx\n", "line 2 = 'x' .*from 0 to 831"),
        ("5\n832\n", "line 2 = '832' .*from 0 to 831"),
        ("-1\n", "line 1 = '-1'"),
        ("5\n6\n5\n", "line 3 = '5' .*twice"),
        ("# nothing\n", "lists no ids"),
        ("9" * 30, "line 1 = '9999"),
    ],
)
def test_wrong_ids_are_refused_with_their_line(listing, text, message):
    for name in ("stimulate_ids", "silence_ids"):
        given = {"stimulate_ids": listing("1\n"), name: listing(text, "wrong.txt")}
        with pytest.raises(InputError, match=f"{name}.*wrong.txt.*{message}"):
            flywire(stimulate="ids", **given, **SMALL)


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"connectivity": "a.parquet"}, "completeness = '' .*must be given together with connectivity"),
        ({"completeness": "a.csv"}, "connectivity = '' .*must be given together with completeness"),
        ({"stimulate": "salt"}, "stimulate = 'salt' .*sugar, P9, ids or none"),
        ({"stimulate": "ids"}, "stimulate_ids = '' .*must be a file"),
        ({"stimulate": "none", "stimulate_ids": "ids.txt"}, "stimulate_ids = 'ids.txt' .*none"),
        ({"silence_ids": "/no/such"}, "silence_ids: cannot read /no/such"),
        ({"rate_hz": -1.0}, "rate_hz = -1.0"),
        ({"rate_hz": float("nan")}, "rate_hz = nan"),
        ({"rate_hz": 20_000.0}, "rate_hz = 20000.0"),
        ({"scale": 0.001}, r"scale = 0.001 .*\[0.004, 1\]"),
        ({"scale": 1.5}, "scale = 1.5"),
        ({"surrogate_seed": -1}, "seed = -1"),
    ],
)
def test_wrong_parameters_are_refused(given, message):
    with pytest.raises(InputError, match=message):
        flywire(**{"scale": 0.006, **given})


def test_an_experiment_has_its_number_of_neurons(listing):
    with pytest.raises(InputError, match=r"ids.txt = 2 .*sugar has 21 neurons; use stimulate = ids"):
        flywire(stimulate_ids=listing("1\n2\n"), **SMALL)


def test_files_of_flywire_have_no_scale_and_no_experiment_without_ids(files):
    with pytest.raises(InputError, match=r"scale = 0\.5"):
        flywire(scale=0.5, stimulate="none", **files)
    with pytest.raises(InputError, match=r"stimulate_ids = '' .*stimulate = sugar"):
        flywire(**files)
