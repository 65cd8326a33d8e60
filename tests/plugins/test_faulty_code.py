"""Code of a plug-in that fails while it is used: one sentence, an exit code that is not 0, and nothing left behind."""

import pytest
from packages import offer, shown_files

RUN = ("run", "net.py:ticking", "--time", 5, "--warmup", 0, "--threads", 1, "--idle", 0)
ORACLE = ("--backend", "oracle", "--meters", "none")
NONE = ("--meters", "none")
MAPPED = (*ORACLE, "--chip", "toy_chip.toml", "--mapper", "mapper.py:map_backwards")
METERED = ("--backend", "oracle", "--meters", "board")
PEER = ("--simulator", "plain_numpy", *NONE)


@pytest.fixture
def faulty(python, tmp_path):
    """Run a command where one of the page's files has a fault: ``faulty("mapper", (before, after), *command)``."""

    def call(name, change, *command):
        for path, content in shown_files().items():
            if path.startswith("benchnn_example/"):
                file = path.removeprefix("benchnn_example/")
                assert file != f"{name}.py" or change[0] in content
                text = content.replace(*change) if file == f"{name}.py" else content
                text = text.replace("benchnn_example.", "").replace('"perfect_integrator", {', '"neuron.py:MODEL", {')
                (tmp_path / file.replace("network.py", "net.py")).write_text(text)
        offer(tmp_path / "site", "meter-example", "1", "benchnn.meters", {"board": "meter:METER"})
        offer(tmp_path / "site", "peer-example", "1", "benchnn.simulators", {"plain_numpy": "simulator:PEER"})
        return python("-m", "benchnn", *command, sites=[tmp_path / "site", tmp_path], folder=tmp_path)

    return call


EXIT = "raise SystemExit(0)"
FAULTS = [
    ("neuron_cpu", ("theta, reset,", "theta, reset, foo,"), NONE, 1, "has an argument 'foo'"),
    ("neuron_cpu", ("UPDATE =", f"{EXIT}\nUPDATE ="), NONE, 1, "SystemExit"),
    ("neuron_cpu", ("return total", "return unknown_name"), NONE, 2, "neuron_cpu.py: Numba cannot compile"),
    ("neuron", ("spiking = v >= c.theta", "spiking = v > unknown_name"), ORACLE, 2, "NameError: name 'unknown_name'"),
    ("neuron", ("drift = ", "drift = np.nan * "), NONE, 2, "the coefficient drift would be nan"),
    ("drive", ("return PreparedDrive", f"{EXIT}\n        return PreparedDrive"), ORACLE, 2, "SystemExit: 0"),
    ("mapper", ("n = drawn", f"{EXIT}\n    n = drawn"), MAPPED, 2, "mapper.py, line 8: SystemExit: 0"),
    ("mapper", ("return np.arange(", "return [[1], [1, 2]]\n    np.arange("), MAPPED, 2, "mapper.py: ValueError"),
    ("meter", ("return why_unreadable(root / FILE)", EXIT), METERED, 2, "meter.py, line 13: SystemExit: 0"),
    ("meter", ("METER = Board()", "METER = Board"), METERED, 1, "is a class"),
    ("simulator", ("PEER = PlainNumpy()", "PEER = PlainNumpy"), PEER, 1, "is a class"),
    ("simulator", ("wall_s = {", f"{EXIT}\n        wall_s = {{"), PEER, 2, "SystemExit: 0"),
    ("simulator", ("return PeerRun(", "return None; PeerRun("), PEER, 2, "must be a PeerRun"),
]


@pytest.mark.parametrize("fault", FAULTS, ids=[f"{fault[0]}-{fault[4]}" for fault in FAULTS])
def test_it_is_reported_in_one_sentence(faulty, tmp_path, fault):
    name, change, options, code, message = fault
    done = faulty(name, change, *RUN, *options, "--out", "out")
    assert done.code == code and "Traceback" not in done.err, done.err
    assert message in done.err.splitlines()[-1]
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("reading", ["1 / 0", "None", "exit(0)"])
def test_a_meter_that_fails_in_a_run_costs_its_reading_and_not_the_run(faulty, tmp_path, reading):
    content = ("return why_unreadable(root / FILE)", "return None")
    text = shown_files()["benchnn_example/meter.py"]
    change = (text, text.replace(*content).replace("lambda: read_number(root / FILE)", f"lambda: {reading}"))
    done = faulty("meter", change, *RUN, *METERED, "--out", "out", "--json")
    assert done.code == 0, done.err
    assert "could not be read" in (tmp_path / "out" / "result.json").read_text()


def test_doctor_tells_of_faults_in_one_line_each(faulty):
    change = ("return why_unreadable(root / FILE)", r"raise KeyError('first\nsecond')")
    done = faulty("meter", change, "doctor")
    assert done.code == 0, done.err
    line = next(line for line in done.out.splitlines() if line.split()[:2] == ["board", "no"])
    assert "meter.py, line 13: KeyError" in line
