"""An interpreter that has loaded packages and perhaps kernels, and forks a process for each start of `start.py`.

A process begins in milliseconds instead of seconds. It takes over the arguments, environment, working folder, CPUs and
open files of the process that asks, hence also the connection of a rank to mpiexec.

    python server.py SOCKET [--kernels]

A process whose environment differs in variables that are read while modules are imported has to start an interpreter.
"""

import array
import ctypes
import fcntl
import importlib
import json
import os
import random
import runpy
import selectors
import signal
import socket
import sys
import tempfile
from contextlib import chdir, redirect_stdout, suppress

from benchnn.cli import main as benchnn
from ready import read_at_import

IMPORTED = ("benchnn.running.runner", "simcore.backends.cpu.backend", "simcore.neurons.iaf_psc_exp.cpu")
"""Modules that most commands import; none of them looks for plug-ins."""
PR_SET_PDEATHSIG = 1
"""Of prctl: a signal when the parent ends, so that nothing outlives the server."""
MOST_FILES = 64
HIGH = 512
"""Open files are moved above this number, until those of the server are closed."""
RUNS = (("pd14", "--param", "scale=0.01"), ("brunel", "--param", "order=20", "--threads", "1"))
OPTIONS = ("--time", "1", "--warmup", "0", "--record", "spikes", "--meters", "none", "--out", "out", "--overwrite")
"""Runs that load the kernels which most networks need; a fork shares them."""


def main(path, *kernels):
    """Serve until standard input ends; in a forked process, run the program that it was asked for."""
    for name in IMPORTED:
        importlib.import_module(name)
    if kernels:
        with tempfile.TemporaryDirectory() as folder, chdir(folder), redirect_stdout(sys.stderr):
            assert all(benchnn(["run", *words, *OPTIONS]) == 0 for words in RUNS)
    request = Server(path).serve()
    if request is not None:
        run(request["arguments"])


class Server:
    """Forks a process for each connection, reports its exit, and ends it when the connection closes."""

    def __init__(self, path):
        self._imported_with = read_at_import(os.environ)
        self._events = selectors.DefaultSelector()
        listening = socket.socket(socket.AF_UNIX)
        listening.bind(path)
        listening.listen(64)
        self._events.register(listening, selectors.EVENT_READ, (self._accept, listening))
        self._events.register(sys.stdin.fileno(), selectors.EVENT_READ, None)
        print("ready", flush=True)

    def serve(self):
        """The request, in a forked process; None in the server at its end."""
        while True:
            for key, _ in self._events.select():
                if key.data is None:
                    return None
                action, *arguments = key.data
                # What came before in the same list may have ended it.
                request = action(*arguments) if key.fd in self._events.get_map() else None
                if request is not None:
                    return request

    def _accept(self, listening):
        connection, _ = listening.accept()
        text, files = received(connection)
        request = json.loads(text) if text else None
        if request is None or read_at_import(request["environment"]) != self._imported_with:
            answer(connection, b"start\n")
            for file in files:
                os.close(file)
            return None
        child = os.fork()
        if child == 0:
            self._close(connection)
            become(request, files)
            return request
        for file in files:
            os.close(file)
        ended = os.pidfd_open(child)
        self._events.register(connection, selectors.EVENT_READ, (self._signalled, connection, child))
        self._events.register(ended, selectors.EVENT_READ, (self._ended, ended, connection, child))
        return None

    def _close(self, connection):
        """Close all sockets: objects that are freed later would close files with the same numbers."""
        for key in list(self._events.get_map().values()):
            if isinstance(key.fileobj, socket.socket):
                key.fileobj.close()
        self._events.close()
        connection.close()

    def _signalled(self, connection, child):
        try:
            numbers = connection.recv(64)
        except ConnectionError:
            numbers = b""
        for number in numbers:
            os.kill(child, number)
        if not numbers:
            os.kill(child, signal.SIGKILL)
            self._events.unregister(connection)

    def _ended(self, ended, connection, child):
        self._events.unregister(ended)
        os.close(ended)
        _, status = os.waitpid(child, 0)
        if connection in self._events.get_map():
            self._events.unregister(connection)
        answer(connection, b"%d\n" % os.waitstatus_to_exitcode(status))


def received(connection):
    """The text of a request, empty if the start ended before it was whole, and the files that came with it."""
    files = array.array("i")
    text, size = b"", 1
    with suppress(ConnectionError):
        head, ancillary, _, _ = connection.recvmsg(8, socket.CMSG_SPACE(4 * MOST_FILES))
        for _, _, data in ancillary:
            files.frombytes(data)
        size = int(head or 1)
        while part := connection.recv(size - len(text)):
            text += part
    return text if len(text) == size else b"", list(files)


def answer(connection, line):
    """Send the last line to a start, which may have been killed."""
    with suppress(ConnectionError):
        connection.sendall(line)
    connection.close()


def become(request, files):
    """Take over the files, the environment, the folder and the CPUs of the process that asks."""
    assert ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL) == 0
    moved = [fcntl.fcntl(file, fcntl.F_DUPFD, HIGH) for file in files]
    os.closerange(3, HIGH)
    for file, number in zip(moved, request["files"], strict=True):
        os.dup2(file, number, inheritable=True)
        os.close(file)
    # The objects of the server belong to other files.
    sys.stdin = open(0, closefd=False)  # noqa: SIM115 - open until the end
    sys.stdout = open(1, "w", closefd=False)  # noqa: SIM115
    sys.stderr = open(2, "w", buffering=1, errors="backslashreplace", closefd=False)  # noqa: SIM115
    before = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.environ.clear()
    os.environ.update(request["environment"])
    # After the place of the program's folder.
    sys.path[1:] = [folder for folder in sys.path[1:] if folder not in before]
    sys.path[1:1] = os.environ.get("PYTHONPATH", "").split(os.pathsep)
    os.chdir(request["folder"])
    os.sched_setaffinity(0, request["cpus"])
    # Otherwise all processes would draw the same numbers.
    random.seed()


def run(arguments):
    """Run the program of ``python *arguments``: ``-m MODULE``, ``-c CODE`` or a file."""
    if arguments[0] == "-m":
        sys.path[0] = os.getcwd()
        sys.argv = arguments[1:]
        runpy.run_module(arguments[1], run_name="__main__", alter_sys=True)
    elif arguments[0] == "-c":
        sys.path[0] = ""
        sys.argv = ["-c", *arguments[2:]]
        exec(compile(arguments[1], "<string>", "exec"), {"__name__": "__main__"})  # noqa: S102 - code of a test
    else:
        sys.path[0] = os.path.dirname(os.path.abspath(arguments[0]))
        sys.argv = arguments
        runpy.run_path(arguments[0], run_name="__main__")


if __name__ == "__main__":
    main(*sys.argv[1:])
