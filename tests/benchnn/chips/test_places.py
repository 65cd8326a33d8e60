"""``--place``, ``--mapping`` and ``--mapping-out`` of ``benchnn map`` and ``benchnn run``."""

import json
import sys

import h5py
import numpy as np
import pytest

BRUNEL = ("map", "brunel", "--param", "order=20", "--chip", "loihi1")
SMALL_CORES = ("--neurons-per-core", 5)
RUN = (
    "run",
    "brunel",
    "--param",
    "order=20",
    "--time",
    20,
    "--warmup",
    0,
    "--threads",
    1,
    "--meters",
    "none",
    "--idle",
    0,
)
ON_CHIP = ("--chip", "loihi1")


def mapped(benchnn, *options):
    return json.loads(benchnn(*BRUNEL, "--json", *options).out)


@pytest.fixture
def written(benchnn, home):
    """A mapping file with cores placed by annealing."""
    benchnn(*BRUNEL, *SMALL_CORES, "--place", "anneal", "--mapping-out", "mine.h5")
    return home / "mine.h5"


def test_a_place_saves_hops_and_no_message(benchnn):
    ordered, placed = mapped(benchnn, *SMALL_CORES), mapped(benchnn, *SMALL_CORES, "--place", "anneal")
    assert (ordered["place"], placed["place"]) == ("in_order", "anneal")
    before, after = ordered["expected"], placed["expected"]
    assert after["messages_per_s"] == before["messages_per_s"] > 0
    assert after["hops_per_s"] < 0.95 * before["hops_per_s"]
    assert after["mean_hops"] == pytest.approx(after["hops_per_s"] / after["messages_per_s"])
    assert after["busiest_link_messages_per_s"] >= after["hops_per_s"] / 104
    text = benchnn(*BRUNEL, *SMALL_CORES, "--place", "anneal").out
    assert ", in_order, cores placed by anneal, at most 5 neurons per core" in text
    assert f"{after['hops_per_s']:,.0f} hops/s between routers" in text


def test_what_is_not_known_of_links_has_its_reason(benchnn):
    one = mapped(benchnn)["expected"]
    assert (one["hops_per_s"], one["mean_hops"], one["busiest_link"]) == (0.0, None, None)
    assert set(one["reasons"]) == {"mean_hops", "busiest_link"}
    nowhere = ("map", "brunel", "--param", "order=20", "--chip", "spinnaker2", "--neurons-per-core", 50, "--json")
    unknown = json.loads(benchnn(*nowhere).out)["expected"]
    assert unknown["hops_per_s"] is None and "the topology is unknown" in unknown["reasons"]["hops_per_s"]
    assert "the topology is unknown" in benchnn(*nowhere, "--place", "anneal").refusal


def test_a_run_with_a_place_passes_fewer_links_and_has_the_same_spikes_and_messages(benchnn, home):
    for name, place in (("a", "in_order"), ("b", "anneal")):
        done = benchnn(*RUN, *ON_CHIP, *SMALL_CORES, "--place", place, "--out", name)
        assert done.code == 0, done.err
    ordered, placed = (json.loads((home / name / "result.json").read_text()) for name in "ab")
    assert ordered["spike_digest"] == placed["spike_digest"] and placed["spikes"] > 0
    assert (ordered["chip"]["place"], placed["chip"]["place"]) == ("in_order", "anneal")
    before, after = (record["chip"]["network_on_chip"] for record in (ordered, placed))
    for key in ("messages_out", "messages_in"):
        assert before[key] == after[key] > 0
    assert after["hops"] < before["hops"]


def test_a_run_of_a_mapping_file_counts_what_the_map_expects(benchnn, home, written):
    expected = mapped(benchnn, "--mapping", "mine.h5")
    for name, how in (("a", ("--mapping", "mine.h5")), ("b", (*SMALL_CORES, "--place", "anneal"))):
        done = benchnn(*RUN, *ON_CHIP, *how, "--out", name)
        assert done.code == 0, done.err
    given, own = (json.loads((home / name / "result.json").read_text()) for name in "ab")
    assert given["spike_digest"] == own["spike_digest"]
    for one in (given, own):
        del one["chip"]["wall_s"]
    assert given["chip"] == own["chip"]
    assert (given["chip"]["place"], given["chip"]["mapper"]) == ("anneal", "in_order")
    with h5py.File(home / "a" / "traffic.h5") as traffic, h5py.File(written) as file:
        assert len(traffic["cores/router"]) == expected["cores"]
        np.testing.assert_array_equal(traffic["cores/router"][:], file["slot_of_core"][:] // 4)


def test_a_file_gives_back_the_mapping_and_its_bytes(benchnn, home, written):
    made = mapped(benchnn, *SMALL_CORES, "--place", "anneal")
    again = mapped(benchnn, "--mapping", "mine.h5", "--mapping-out", "again.h5")
    assert again == made
    assert (home / "again.h5").read_bytes() == written.read_bytes()
    with h5py.File(written) as file:
        assert file.attrs["network_sha256"] == made["network_sha256"]
        assert file.attrs["sheet_sha256"] == made["sheet_sha256"]
        assert {name: file.attrs[name] for name in ("mapper", "place", "objective", "seed")} == {
            "mapper": "in_order",
            "place": "anneal",
            "objective": "hops",
            "seed": 1,
        }


@pytest.mark.parametrize(
    ("options", "refusal"),
    [
        (("--param", "order=21"), "belongs to another network: digest "),
        (("--param", "delay_ms=2.0"), "belongs to another network: digest "),
        (("--chip", "loihi2"), "belongs to another chip sheet: digest "),
        (("--mapper", "greedy"), "mapper = 'greedy' is not allowed: omit it, because the mapping file"),
        (("--place", "anneal"), "place = 'anneal' is not allowed: omit it, because the mapping file"),
        (SMALL_CORES, "is not allowed: omit it, because the mapping file"),
        (("--mapping", "none.h5"), "cannot read none.h5"),
    ],
)
@pytest.mark.parametrize("command", ["map", "run"])
def test_a_mapping_that_does_not_fit_is_refused(benchnn, home, written, command, options, refusal):
    beginning = BRUNEL if command == "map" else (*RUN, *ON_CHIP, "--out", "new")
    assert refusal in benchnn(*beginning, "--mapping", "mine.h5", *options).refusal
    assert not (home / "new").exists()


def test_a_given_mapping_is_not_split(benchnn, home):
    pd14 = ("map", "pd14", "--param", "scale=0.02", "--chip", "loihi1", "--weight-bits", 5)
    benchnn(*pd14, "--mapping-out", "two.h5")
    refusal = benchnn(*pd14, "--mapping", "two.h5", "--on-violation", "adapt").refusal
    assert "its 2 cores would have to be split into" in refusal
    assert benchnn(*pd14, "--mapping", "two.h5").code == 1


def test_a_stopped_run_goes_on_with_its_mapping_from_another_folder(benchnn, home, written, monkeypatch):
    options = (*RUN, *ON_CHIP, "--mapping", "mine.h5")
    assert benchnn(*options, "--out", "whole").code == 0
    with monkeypatch.context() as stopped:
        stopped.setattr("benchnn.running.runner._written", lambda *arguments: sys.exit(3))
        with pytest.raises(SystemExit):
            benchnn(*options, "--checkpoint-every", 10, "--out", "stopped")
    (home / "elsewhere").mkdir()
    monkeypatch.chdir(home / "elsewhere")
    assert (
        "mapping = 'mine.h5' is not allowed" in benchnn("run", "--resume", "../stopped", "--mapping", "mine.h5").refusal
    )
    done = benchnn("run", "--resume", "../stopped", "--mapping", "../mine.h5")
    assert done.code == 0, done.err
    whole, resumed = (json.loads((home / name / "result.json").read_text()) for name in ("whole", "stopped"))
    for one in (whole, resumed):
        del one["chip"]["wall_s"]
    assert resumed["chip"] == whole["chip"] and resumed["spike_digest"] == whole["spike_digest"]


def test_the_adapted_mapping_can_be_written_and_given_again(benchnn, home):
    pd14 = ("map", "pd14", "--param", "scale=0.02", "--chip", "loihi1", "--weight-bits", 5, "--on-violation", "adapt")
    first = json.loads(benchnn(*pd14, "--place", "spectral", "--mapping-out", "many.h5", "--json").out)
    again = json.loads(benchnn(*pd14, "--mapping", "many.h5", "--json").out)
    assert again["cores"] == first["cores"] > 2 and again["exceeded"] == []
    assert again["expected"] == first["expected"]


@pytest.mark.parametrize("command", [BRUNEL, (*RUN, *ON_CHIP, "--out", "new")])
def test_unknown_places_are_refused(benchnn, home, command):
    assert "place = 'best'" in benchnn(*command, "--place", "best").refusal
    assert not (home / "new").exists()


def test_a_mapping_that_cannot_be_written_is_refused(benchnn):
    assert "cannot write nowhere/mine.h5" in benchnn(*BRUNEL, "--mapping-out", "nowhere/mine.h5").refusal


def test_a_placer_of_a_file_is_a_plug_in_of_the_run(benchnn, home):
    (home / "mine.py").write_text(
        "import numpy as np\n\n\ndef put(traffic, geometry, options):\n"
        "    return np.argsort(-traffic.flows_hz.sum(axis=1), kind='stable')\n"
    )
    done = benchnn(*RUN, *ON_CHIP, *SMALL_CORES, "--place", "mine.py:put", "--out", "new")
    assert done.code == 0, done.err
    record = json.loads((home / "new" / "result.json").read_text())
    assert ("place", "mine.py:put") in {(one["kind"], one["name"]) for one in record["plug_ins"]}
