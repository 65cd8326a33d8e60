"""Plug-ins that contend for a name, cannot be imported or are of the wrong kind are refused in one sentence."""

import json

import pytest
from packages import offer, shown_files

RUN = ("--time", 10, "--warmup", 0, "--meters", "none")


def test_two_plug_ins_of_one_name_are_refused(benchnn, tmp_path):
    offer(tmp_path / "site", "other-example", "0.3", "benchnn.models", {"ticking": "other.network:ticking"})
    refusal = benchnn("run", "ticking", *RUN, sites=[tmp_path / "site"]).refusal
    assert "'ticking'" in refusal and "benchnn-example 1.0" in refusal and "other-example 0.3" in refusal


@pytest.mark.parametrize(
    ("group", "name", "command"),
    [
        ("benchnn.models", "pd14", ("run", "ticking")),
        ("simcore.neurons", "iaf_psc_exp", ("run", "ticking")),
        ("simcore.drives", "poisson", ("run", "ticking")),
        ("simcore.chips", "loihi1", ("run", "ticking", "--chip", "toy_chip")),
        ("simcore.mappers", "greedy", ("run", "ticking", "--chip", "toy_chip", "--mapper", "backwards")),
        ("benchnn.meters", "powercap", ("run", "ticking", "--meters", "board")),
        ("benchnn.simulators", "simcore", ("run", "ticking", "--simulator", "plain_numpy")),
    ],
)
def test_a_built_in_name_is_not_given_away(benchnn, tmp_path, group, name, command):
    offer(tmp_path / "site", "greedy-example", "2.0", group, {name: "nowhere:NOTHING"})
    refusal = benchnn(*command, *RUN[:2], sites=[tmp_path / "site"]).refusal
    assert f"'{name}' of greedy-example 2.0" in refusal and "the name is built into benchnn" in refusal


def test_doctor_and_listings_tell_of_contention_instead_of_failing(benchnn, tmp_path):
    offer(tmp_path / "site", "other-example", "0.3", "benchnn.models", {"ticking": "other.network:ticking"})
    offer(tmp_path / "site", "more-example", "1", "simcore.chips", {"odin": "nowhere:NOTHING"})
    offer(tmp_path / "site", "array-example", "1", "simcore.accelerators", {"sata": "nowhere:NOTHING"})
    for command, lines in (("doctor", 6), ("models", 2), ("chips", 2), ("accelerators", 2)):
        done = benchnn(command, sites=[tmp_path / "site"])
        assert done.code == 0, done.err
        assert done.out.count("is not allowed: ") == lines


NETWORK = """
from simcore.network import Network, Population

def net():
    return Network([Population("A", 1, "faulty")])
"""
FAULTS = {
    "raise KeyError('no such key')": "KeyError: 'no such key'",
    "import a_package_that_is_not_there": "No module named 'a_package_that_is_not_there'",
    "from simcore.errors import UnavailableError\nraise UnavailableError('the licence is missing')": "the licence is",
    "THING = 3": "is not an instance of a subclass of simcore.neurons.NeuronModel",
    "from simcore.neurons.izhikevich.model import MODEL as THING": "has the name 'izhikevich'",
    "OTHER = 3": "has no attribute 'THING'",
}


@pytest.fixture(scope="module")
def faulty_site(tmp_path_factory):
    """Packages of all faults: the neuron model ``faulty3`` has the fault 3."""
    site = tmp_path_factory.mktemp("faulty")
    for number, fault in enumerate(FAULTS):
        offer(site, f"example-{number}", "0.1", "simcore.neurons", {f"faulty{number}": f"faulty{number}:THING"})
        (site / f"faulty{number}.py").write_text(f"{fault}\n")
    return site


@pytest.fixture(scope="module")
def doctor(python, faulty_site):
    """What ``benchnn doctor`` prints of these packages."""
    return python("-m", "benchnn", "doctor", sites=[faulty_site], folder=faulty_site).out.splitlines()


@pytest.mark.parametrize("fault", FAULTS)
def test_a_plug_in_that_cannot_be_used_says_why(python, tmp_path, faulty_site, doctor, fault):
    number = list(FAULTS).index(fault)
    (tmp_path / "mine.py").write_text(NETWORK.replace('"faulty"', f'"faulty{number}"'))
    done = python("-m", "benchnn", "run", "mine.py:net", *RUN, sites=[faulty_site], folder=tmp_path)
    assert done.code != 0 and "Traceback" not in done.err
    last = done.err.splitlines()[-1]
    assert f"neuron model faulty{number} of example-{number} 0.1 cannot be used here" in last and FAULTS[fault] in last
    line = next(line for line in doctor if line.split()[:1] == [f"faulty{number}"])
    assert line.split()[1] == "no" and FAULTS[fault] in line


NO_KERNEL = """
from simcore.errors import UnavailableError
from simcore.network import Network, Population
from simcore.neurons.izhikevich.model import Izhikevich
from simcore.simulator import Simulator

class Mine(Izhikevich):
    name = "mine"
    cpu_kernels = "kernels_that_are_not_there"

MINE = Mine()

def net():
    return Network([Population("A", 1, f"{__file__}:MINE")])
"""


def test_a_neuron_model_without_compiled_kernels_runs_on_the_oracle_alone(benchnn, tmp_path):
    (tmp_path / "mine.py").write_text(NO_KERNEL)
    command = ("run", "mine.py:net", *RUN, "--out", "out")
    assert benchnn(*command, "--backend", "oracle").code == 0
    done = benchnn(*command, "--overwrite")
    assert done.code == 1 and "Traceback" not in done.err
    assert "mine has no kernel for the cpu backend: No module named 'kernels_that" in done.err.splitlines()[-1]


def test_a_drive_cannot_have_the_name_of_a_built_in_one(benchnn, tmp_path):
    (tmp_path / "mine.py").write_text(shown_files()["benchnn_example/drive.py"].replace('"periodic"', '"poisson"'))
    network = shown_files()["benchnn_example/network.py"].replace("benchnn_example.drive", "mine")
    (tmp_path / "net.py").write_text(network)
    refusal = benchnn("run", "net.py:ticking", *RUN).refusal
    assert "drive poisson->A.name = 'poisson' is not allowed" in refusal


def test_a_drive_of_ones_own_is_recorded_by_its_sources(benchnn, tmp_path):
    (tmp_path / "mine.py").write_text(shown_files()["benchnn_example/drive.py"].replace('"periodic"', '"mine"'))
    network = shown_files()["benchnn_example/network.py"].replace("benchnn_example.drive", "mine")
    (tmp_path / "net.py").write_text(network)
    done = benchnn("run", "net.py:ticking", *RUN, "--backend", "oracle", "--json")
    assert done.code == 0, done.err
    drive, _ = json.loads(done.out)["plug_ins"]
    assert (drive["kind"], drive["name"], drive["distribution"]) == ("drive", "mine", None)


MALFORMED = [
    ({"faulty": None}, "neuron model faulty of faulty-example-0 0.1 cannot be used here: its entry point '' is not"),
    ({"faulty": "faulty_example"}, "its entry point 'faulty_example' is not MODULE:NAME"),
    ({"faulty": "faulty_example:"}, "its entry point 'faulty_example:' is not MODULE:NAME"),
    ({"some words": None}, "neuron model 'some words' of faulty-example-3 0.1 is not allowed: plug-in names"),
]


@pytest.fixture(scope="module")
def malformed_sites(tmp_path_factory):
    """A folder for the package of each malformed entry point."""
    sites = [tmp_path_factory.mktemp("malformed") for _ in MALFORMED]
    for number, (site, (entries, _)) in enumerate(zip(sites, MALFORMED, strict=True)):
        offer(site, f"faulty-example-{number}", "0.1", "simcore.neurons", entries)
    return sites


@pytest.mark.parametrize("number", range(len(MALFORMED)))
def test_a_malformed_entry_point_is_reported_in_one_sentence(python, tmp_path, malformed_sites, number):
    (tmp_path / "mine.py").write_text(NETWORK)
    done = python("-m", "benchnn", "run", "mine.py:net", *RUN, sites=[malformed_sites[number]], folder=tmp_path)
    why = MALFORMED[number][1]
    assert done.code != 0 and "Traceback" not in done.err and why in done.err.splitlines()[-1], done.err


@pytest.mark.parametrize("number", range(len(MALFORMED)))
def test_doctor_names_a_malformed_entry_point(python, tmp_path, malformed_sites, number):
    doctor = python("-m", "benchnn", "doctor", sites=[malformed_sites[number]], folder=tmp_path)
    assert doctor.code == 0 and MALFORMED[number][1] in doctor.out, doctor.out + doctor.err


def test_a_malformed_distribution_of_others_hinders_no_plug_in(benchnn, tmp_path):
    offer(tmp_path / "site", "other-example", "0.3", "some.group", {"no equals sign": None})
    nameless = tmp_path / "site" / "nameless-1.dist-info"
    nameless.mkdir()
    (nameless / "entry_points.txt").write_text("a line before any group\n[simcore.chips]\nodd\n")
    site = [tmp_path / "site"]
    assert benchnn("run", "ticking", *RUN, "--backend", "oracle", sites=site).code == 0
    listed = benchnn("chips", sites=site)
    assert listed.code == 0 and "chip odd of unknown" in listed.out


def test_of_distributions_of_one_name_the_first_on_the_path_counts(python, tmp_path):
    for site, chip in (("new", "newer"), ("old", "older")):
        offer(tmp_path / site, "chip-example", "1", "simcore.chips", {chip: "nowhere:CHIP"})
    listed = python("-m", "benchnn", "chips", sites=[tmp_path / "new", tmp_path / "old"], folder=tmp_path)
    assert "chip newer of chip-example 1" in listed.out and "older" not in listed.out
