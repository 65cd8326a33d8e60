"""One process at a time holds a lock file, with and without locks of the file system, whatever becomes of it."""

import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import benchnn
from benchnn.record.lock import LOCK, held, refuse_held
from simcore.errors import InputError

ROOT = Path(benchnn.__file__).parents[1]
NO_LOCKS = """
import errno, fcntl
def flock(descriptor, operation):
    raise OSError(errno.ENOLCK, "No locks available")
fcntl.flock = flock
"""
HOLD = """
import sys, time
from pathlib import Path
from benchnn.record.lock import held
with held(Path(sys.argv[1]), "out = 'a'"):
    print("holds", flush=True)
    time.sleep(60)
"""
COUNT = """
import sys
from pathlib import Path
from benchnn.record.lock import held
lock, counter = Path(sys.argv[1]), Path(sys.argv[2])
for _ in range(20):
    with held(lock, "counter", wait_s=60.0):
        counter.write_text(str(int(counter.read_text()) + 1))
"""


@pytest.fixture(params=[True, False], ids=["locks", "no_locks"])
def locks(request, monkeypatch):
    """Whether the file system has locks."""
    if not request.param:

        def flock(descriptor, operation):
            raise OSError(errno.ENOLCK, "No locks available")

        monkeypatch.setattr(fcntl, "flock", flock)
    return request.param


@pytest.fixture
def start(locks):
    """Start a program on the same file system."""
    started = []

    def run(program, *arguments):
        code = program if locks else NO_LOCKS + program
        command = [sys.executable, "-c", code, *map(str, arguments)]
        environment = {**os.environ, "PYTHONPATH": str(ROOT)}
        started.append(subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True))
        return started[-1]

    yield run
    for process in started:
        process.kill()
        process.communicate()


def refuse(path):
    with pytest.raises(InputError, match="is writing to it") as caught, held(path, "out = 'a'"):
        pass
    return str(caught.value)


@pytest.mark.usefixtures("locks")
def test_the_second_is_refused_and_the_file_is_there_only_meanwhile(tmp_path):
    path = tmp_path / LOCK
    refuse_held(path, "out = 'a'")
    with held(path, "out = 'a'"):
        message = refuse(path)
        assert message.startswith("out = 'a' cannot be used") and f"process {os.getpid()}" in message
        with pytest.raises(InputError, match="is writing to it"):
            refuse_held(path, "out = 'a'")
    assert list(tmp_path.iterdir()) == []
    refuse_held(path, "out = 'a'")
    with held(path, "out = 'a'"):
        pass


def test_the_lock_does_not_outlive_a_killed_process(tmp_path, start):
    path = tmp_path / LOCK
    process = start(HOLD, path)
    assert process.stdout.readline() == "holds\n"
    assert f"process {process.pid}" in refuse(path)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert path.exists()
    refuse_held(path, "out = 'a'")
    with held(path, "out = 'a'"):
        refuse(path)
    assert list(tmp_path.iterdir()) == []


def test_processes_that_take_turns_lose_nothing(tmp_path, start):
    counter = tmp_path / "counter"
    counter.write_text("0")
    processes = [start(COUNT, tmp_path / LOCK, counter) for _ in range(4)]
    assert [process.wait(60) for process in processes] == [0] * 4
    assert counter.read_text() == "80"
    assert list(tmp_path.iterdir()) == [counter]


ENDLESS = b'{"by_file": true, "host": "a", "pid": Infinity, "process": []}'


@pytest.mark.usefixtures("locks")
@pytest.mark.parametrize("content", [b"", b"\xff" * 99, b"[" * 5000, b'{"pid": 1}', ENDLESS])
def test_a_damaged_file_is_taken_over(tmp_path, content):
    (tmp_path / LOCK).write_bytes(content)
    refuse_held(tmp_path / LOCK, "out = 'a'")
    with held(tmp_path / LOCK, "out = 'a'"):
        refuse(tmp_path / LOCK)
    assert list(tmp_path.iterdir()) == []


def signed(path, **changed):
    """The lock file of a process of another machine."""
    process = ["another boot", "pid:[1]", "1"]
    path.write_text(json.dumps({"by_file": True, "host": "node7\x1b[2J", "pid": 12, "process": process} | changed))


@pytest.mark.usefixtures("locks")
def test_where_there_are_no_locks_the_user_is_asked_about_another_machine(tmp_path):
    signed(tmp_path / LOCK)
    message = refuse(tmp_path / LOCK)
    assert message.endswith(f"if this process has ended, remove {tmp_path / LOCK}")
    assert "process 12 on 'node7" in message and "\x1b" not in message
    assert (tmp_path / LOCK).exists()


def test_a_lock_of_another_machine_that_the_kernel_has_released_is_over(tmp_path, locks):
    if not locks:
        pytest.skip("without locks nothing is released")
    signed(tmp_path / LOCK, by_file=False)
    with held(tmp_path / LOCK, "out = 'a'"):
        pass
    assert list(tmp_path.iterdir()) == []


def test_a_claim_that_a_killed_process_left_is_given_up(tmp_path, locks):
    claim = tmp_path / f"{LOCK}.claim"
    claim.touch()
    if not locks:
        with pytest.raises(InputError, match="another run is starting"), held(tmp_path / LOCK, "out = 'a'"):
            pass
    os.utime(claim, (time.time() - 100,) * 2)
    with held(tmp_path / LOCK, "out = 'a'"):
        pass
    assert not (tmp_path / LOCK).exists()


def test_a_folder_that_cannot_be_written_to_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(InputError, match="out = 'a' cannot be written to"), held(tmp_path / "file" / LOCK, "out = 'a'"):
        pass
