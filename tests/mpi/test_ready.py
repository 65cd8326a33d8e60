"""Forks of a loaded interpreter have arguments, exit code and signals of their starts, and end with them."""

import json
import os
import signal
import socket
import subprocess
import time
from pathlib import Path

import pytest
from ready import ready_python

PRINTS = """
import json, os, sys
loaded = "numba" in sys.modules
print(json.dumps([sys.argv, os.getcwd(), os.environ.get("A_VARIABLE"), sys.path[:2], os.getppid(), loaded]))
sys.exit(3)
"""
WAITS = """
import os, signal, sys, time
signal.signal(signal.SIGTERM, lambda *_: sys.exit(5))
print(os.getpid(), flush=True)
time.sleep(60)
"""


@pytest.fixture(scope="module")
def python():
    return ready_python(os.environ)


@pytest.fixture
def waiting(python):
    """A start whose fork waits for a signal, and the number of the fork."""
    started = subprocess.Popen([*python, "-c", WAITS], stdout=subprocess.PIPE, text=True)
    yield started, int(started.stdout.readline())
    started.kill()
    started.communicate()


def test_arguments_folder_environment_and_exit_code_are_those_of_the_start(python, tmp_path):
    environment = {**os.environ, "A_VARIABLE": "x", "PYTHONPATH": str(tmp_path)}
    done = subprocess.run(
        [*python, "-c", PRINTS, "a", "b c"], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    arguments, folder, variable, path, parent, loaded = json.loads(done.stdout)
    assert (done.returncode, done.stderr) == (3, "")
    assert (arguments, folder, variable, path) == (["-c", "a", "b c"], str(tmp_path), "x", ["", str(tmp_path)])
    assert parent != os.getpid() and loaded


def test_another_cache_of_kernels_starts_an_interpreter(python, tmp_path):
    environment = {**os.environ, "BENCHNN_CACHE_DIR": str(tmp_path)}
    done = subprocess.run([*python, "-c", PRINTS], env=environment, capture_output=True, text=True, check=False)
    *_, parent, loaded = json.loads(done.stdout)
    assert done.returncode == 3 and parent == os.getpid() and not loaded


def test_a_signal_reaches_the_fork(waiting):
    started, _ = waiting
    started.send_signal(signal.SIGTERM)
    assert started.wait(timeout=30) == 5


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGABRT])
def test_the_start_ends_by_the_signal_that_ends_the_fork(waiting, number):
    started, fork = waiting
    os.kill(fork, number)
    assert started.wait(timeout=30) == -number


def test_a_fork_ends_with_its_start(waiting):
    started, fork = waiting
    started.kill()
    deadline = time.monotonic() + 30
    while Path(f"/proc/{fork}").exists() and time.monotonic() < deadline:
        time.sleep(0.02)
    assert not Path(f"/proc/{fork}").exists()


def test_the_server_outlives_a_start_that_is_killed_while_its_fork_ends(python):
    kills_its_start = "import os; os.kill(int(input()), 9); os._exit(0)"
    for _ in range(30):
        started = subprocess.Popen([*python, "-c", kills_its_start], stdin=subprocess.PIPE, text=True)
        started.communicate(f"{started.pid}\n")
        assert started.returncode == -signal.SIGKILL
    assert subprocess.run([*python, "-c", PRINTS], capture_output=True, check=False).returncode == 3


@pytest.mark.parametrize("sent", [b"", b"100     ", b"100     {"])
def test_the_server_outlives_a_start_that_sent_a_part_of_its_request(python, sent):
    *_, path = python
    for _ in range(10):
        with socket.socket(socket.AF_UNIX) as connection:
            connection.connect(path)
            connection.sendall(sent)
    assert subprocess.run([*python, "-c", PRINTS], capture_output=True, check=False).returncode == 3
