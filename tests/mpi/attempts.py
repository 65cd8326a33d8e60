"""A command of benchnn on some ranks, which can be watched, struck and ended."""

import os
import signal
import subprocess
import sys
import time
import uuid
from contextlib import suppress
from pathlib import Path

from launch import command, environment

MARK = "BENCHNN_FAULT_TEST"


class Attempt:
    """A process on some ranks, known by a mark in its environment and that of everything it starts."""

    def __init__(self, ranks, threads, arguments, stderr, added):
        self.mark = f"{MARK}={uuid.uuid4().hex}".encode()
        name, _, value = self.mark.decode().partition("=")
        words = command(ranks, "-m", "benchnn", *arguments, "--threads", threads)
        self.stderr = stderr
        with stderr.open("wb") as sink:
            self.process = subprocess.Popen(
                words,
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                stderr=sink,
                env={**environment(), **added, name: value},
                start_new_session=True,
            )

    def processes(self, ranks_only=False):
        """Ids of the living ones."""
        found = []
        for entry in Path("/proc").iterdir():
            try:
                if entry.name.isdigit() and self.mark in (entry / "environ").read_bytes().split(b"\0"):
                    words = (entry / "cmdline").read_bytes().split(b"\0")
                    if not ranks_only or words[0] == os.fsencode(sys.executable):
                        found.append(int(entry.name))
            except OSError:
                continue
        return sorted(found)

    def await_word(self, word, timeout=60):
        """Wait until rank 0 has written a word, or the end."""
        end = time.monotonic() + timeout
        while word not in self.stderr.read_bytes() and self.process.poll() is None:
            assert time.monotonic() < end
            time.sleep(0.01)

    def strike(self, number, whom, chance):
        """Send a signal to the launcher or to a rank; False if it has ended."""
        if self.process.poll() is not None:
            return False
        victims = self.processes(ranks_only=True) if whom == "rank" else [self.process.pid]
        with suppress(ProcessLookupError, IndexError):
            os.kill(chance.choice(victims), number)
            return True
        return False

    def end(self, timeout=60):
        """Wait until nothing of it runs; a launcher that was killed leaves ranks that notice it a little later."""
        self.process.wait(timeout)
        end = time.monotonic() + 15
        while self.processes():
            assert time.monotonic() < end, f"still running: {self.processes()}"
            time.sleep(0.02)

    def kill(self):
        """Leave nothing, whatever happened."""
        while living := self.processes():
            for pid in living:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL)
            self.process.poll()
            time.sleep(0.02)
        self.process.wait()
