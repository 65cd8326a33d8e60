"""What a user's model does to its surroundings reaches neither standard output nor the place of the result."""

import json
import os
import subprocess
import sys

import pytest

from benchnn.commands.output import LONGEST_LINE, report

PRINTING = """
import atexit, ctypes, os, subprocess, sys
from simcore.network import Network, Population

print("imported")
atexit.register(print, "at the end")

def net():
    print("described")
    sys.__stdout__.write("to the original")
    subprocess.run(["echo", "a child"], check=True)
    os.write(1, b"to the descriptor")
    ctypes.CDLL(None).puts(b"from C")
    return Network([Population("A", 3)])
"""
SAID = ("imported", "at the end", "described", "to the original", "a child", "to the descriptor", "from C")
MOVING = """
import os
from simcore.network import Network, Population, SpikeRecorder

os.chdir("/")

def net():
    os.chdir("/")
    return Network([Population("A", 3)], recorders=[SpikeRecorder()])
"""
MAPPERS = """
import os
import numpy as np

def deal(drawn, limits, rates, seed):
    os.chdir("/")
    print("dealt")
    return np.zeros(drawn.network.n_neurons, dtype=int)

def fail(*given):
    os.chdir("/")
    given[9]
"""
SHORT = ("--time", "5", "--warmup", "0", "--backend", "oracle", "--threads", "1", "--meters", "none")


@pytest.fixture
def command(home):
    """Run the command line in a process of its own: ``command("run", "net.py:net", ...)``."""

    def call(*arguments, **options):
        environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
        words = [sys.executable, "-c", "import sys; from benchnn.cli import main; sys.exit(main())", *arguments]
        return subprocess.run(words, capture_output=True, env=environment, timeout=120, check=False, **options)

    return call


@pytest.mark.parametrize(
    "arguments",
    [
        ("run", "net.py:net", *SHORT, "--json"),
        ("map", "net.py:net", "--chip", "loihi1", "--json"),
        ("models", "net.py:net"),
        ("slurm", "render", "--", "run", "net.py:net"),
    ],
)
def test_what_a_model_prints_goes_to_standard_error(home, command, arguments):
    (home / "net.py").write_text(PRINTING)
    finished = command(*arguments)
    assert finished.returncode == 0
    out, err = finished.stdout.decode(), finished.stderr.decode()
    assert [word for word in SAID if word not in err or word in out] == []
    if "--json" in arguments:
        assert json.loads(out)["model"]["neurons"] == 3


def test_standard_output_is_given_back_to_a_caller(home):
    (home / "net.py").write_text(PRINTING)
    program = (
        "import os; from benchnn.cli import main; print('before')\n"
        "for _ in range(2): main(['models', 'net.py:net'])\n"
        "print('after'); os.write(1, b'descriptor\\n')"
    )
    words = [sys.executable, "-c", program]
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    finished = subprocess.run(words, capture_output=True, text=True, env=environment, timeout=120, check=True)
    lines = finished.stdout.splitlines()
    assert lines[0] == "before" and {"after", "descriptor"} < set(lines)
    # The program is the caller's, and so is what it prints at its end.
    assert [word for word in SAID if word != "at the end" and word in lines] == []
    assert sum(line.startswith("net.py:net") for line in lines) == 2


def test_a_model_that_changes_the_folder_leaves_the_result_where_it_belongs(home, benchnn):
    (home / "net.py").write_text(MOVING)
    finished = benchnn("run", "net.py:net", *SHORT, "--checkpoint-every", "1", "--out", "out")
    assert finished.code == 0 and finished.out.endswith("written to out: result.json, spikes.h5\n")
    assert (home / "out/result.json").exists() and os.getcwd() == str(home)


def test_a_mapper_in_a_file_is_kept_apart_as_well(home, benchnn):
    (home / "mine.py").write_text(MAPPERS)
    run = ("run", "small.py:single", *SHORT, "--chip", "loihi1", "--out", "out", "--json", "--mapper")
    assert "mine.py, line 12: IndexError" in benchnn(*run, "mine.py:fail").refusal
    finished = benchnn(*run, "mine.py:deal")
    assert finished.record["chip"] is not None and "dealt" in finished.err
    assert (home / "out/result.json").exists()


@pytest.mark.parametrize(
    "name", [b"with space", b'it\'s $(a) `b` "c"', b"line\nend", b"\xff\xfe", "\u00e9\u6f22".encode()]
)
def test_paths_of_any_bytes(home, benchnn, name):
    folder = home / os.fsdecode(name)
    folder.mkdir()
    (home / "small.py").rename(folder / "small.py")
    model = f"{folder}/small.py:small"
    finished = benchnn("run", model, *SHORT, "--record", "spikes", "--out", folder / "out", "--json")
    assert finished.code == 0 and finished.record["model"]["name"] == model
    assert benchnn("results", "add", "--database", folder / "db.sqlite", folder / "out").code == 0
    assert benchnn("results", "list", "--database", folder / "db.sqlite").code == 0
    assert benchnn("report", folder / "out", "--out", folder / "page.html").code == 0
    assert benchnn("map", model, "--chip", "loihi1", "--rates", folder / "out").code == 0


@pytest.mark.parametrize("name", [b"with space", b'it\'s $(a) `b` "c"', b"\xff\xfe", "\u00e9\u6f22".encode()])
def test_a_job_script_has_the_bytes_of_paths(home, command, name):
    folder = home / os.fsdecode(name)
    folder.mkdir()
    (home / "small.py").rename(folder / "small.py")
    arguments = (
        "--setup",
        str(folder / "setup"),
        "--",
        "run",
        f"{folder}/small.py:small",
        "--out",
        str(folder / "out"),
    )
    printed = command("slurm", "render", *arguments)
    assert printed.returncode == 0, printed.stderr
    script = folder / "job.sh"
    assert command("slurm", "render", "--out", str(script), *arguments).returncode == 0
    assert script.read_bytes() == printed.stdout
    shell = b"\n".join(line for line in printed.stdout.splitlines() if line.startswith((b"out=", b"run=")))
    said = subprocess.run(
        ["bash", "-c", shell + b'\nprintf "%s\\0" "$out" "${run[1]}"'], capture_output=True, check=True
    )
    assert said.stdout.split(b"\0")[:2] == [os.fsencode(folder / "out"), os.fsencode(f"{folder}/small.py:small")]


@pytest.mark.parametrize("name", ["a\nb", "a\x1b[31mb", "a\tb", "\u202eab", "\udcff", "a\0b"])
def test_a_fault_is_reported_in_one_line_without_what_a_terminal_obeys(capsys, name):
    assert report(f"cannot read {name}", 2) == 2
    printed = capsys.readouterr().err
    assert printed.endswith("\n") and printed[:-1].isprintable() and printed.startswith("benchnn: error: cannot read ")


def test_a_long_message_keeps_its_beginning_and_its_end(capsys):
    report(f"name = {'a' * 100_000} is not allowed: use a shorter one", 2)
    printed = capsys.readouterr().err
    assert len(printed) < LONGEST_LINE + 50
    assert printed.startswith("benchnn: error: name = aaa") and printed.endswith(
        "aaa is not allowed: use a shorter one\n"
    )
