"""On a file system without locks, and whatever HDF5_USE_FILE_LOCKING says, every command does the same.

A preloaded library answers ENOLCK to all requests for locks, also to those that HDF5 and SQLite make from C.
"""

import contextlib
import io
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import benchnn
from benchnn.cli import main

ROOT = Path(benchnn.__file__).parents[1]
COMPILER = shutil.which("g++")
SHIM = r"""
#include <cerrno>
#include <cstdarg>
#include <dlfcn.h>
#include <fcntl.h>
#include <sys/file.h>
static int answer(const char *name, int file, int command, void *argument) {
    if (command == F_SETLK || command == F_SETLKW || command == F_GETLK || command == F_OFD_SETLK ||
        command == F_OFD_SETLKW || command == F_OFD_GETLK) { errno = ENOLCK; return -1; }
    auto real = reinterpret_cast<int (*)(int, int, ...)>(dlsym(RTLD_NEXT, name));
    return real(file, command, argument);
}
extern "C" int flock(int, int) noexcept { errno = ENOLCK; return -1; }
extern "C" int fcntl(int file, int command, ...) {
    va_list rest; va_start(rest, command); void *argument = va_arg(rest, void *); va_end(rest);
    return answer("fcntl", file, command, argument);
}
extern "C" int fcntl64(int file, int command, ...) {
    va_list rest; va_start(rest, command); void *argument = va_arg(rest, void *); va_end(rest);
    return answer("fcntl64", file, command, argument);
}
"""
RUN = "run brunel --param order=20 --time 20 --warmup 0 --threads 1 --meters none --record spikes --record V_m:E:0,1"
STATISTICS = """
from pathlib import Path
from benchnn.statistics.statistics_set import StatisticsSet, read_set, write_set
path = Path("statistics.h5")
write_set(path, StatisticsSet("net", {}, "simcore", 0.0, 1.0, {"E": 2}, (), (), (), {}))
assert read_set(path).sizes == {"E": 2}
"""
WORKER = """
import contextlib, io, json, sys
from benchnn.cli import main
for command in json.load(sys.stdin):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        code = main(command.split())
    print(json.dumps([code, out.getvalue()]))
"""
COMMANDS = [
    f"{RUN} --checkpoint-every 5 --out a",
    f"{RUN} --seed 2 --out b",
    "results add a b",
    "results list --columns seed,spikes --sort seed",
    "report a --out page.html",
]
TABLE = 3
"""Place of the command whose output is compared."""


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    if COMPILER is None:
        pytest.skip("needs g++")
    folder = tmp_path_factory.mktemp("shim")
    (folder / "no_locks.cpp").write_text(SHIM)
    command = [COMPILER, "-shared", "-fPIC", "-o", "no_locks.so", "no_locks.cpp", "-ldl"]
    subprocess.run(command, cwd=folder, check=True)
    return folder / "no_locks.so"


def done(code, folder, **added):
    """A program that ended, in a folder, with variables added to the environment."""
    environment = {key: value for key, value in os.environ.items() if key != "HDF5_USE_FILE_LOCKING"}
    environment |= {"PYTHONPATH": str(ROOT), **added}
    return subprocess.run(
        [sys.executable, "-c", code],
        cwd=folder,
        env=environment,
        input=json.dumps(COMMANDS),
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
    )


def outputs_of(folder, **added):
    """Return the output of the commands, all of which must succeed."""
    finished = done(WORKER, folder, **added)
    codes, outputs = zip(*map(json.loads, finished.stdout.splitlines()), strict=True)
    assert codes == (0,) * len(COMMANDS), finished.stderr
    return outputs


@pytest.fixture(scope="module")
def expected(tmp_path_factory):
    """The folder in which all commands ran as usual, and what they printed."""
    folder, outputs = tmp_path_factory.mktemp("usual"), []
    with contextlib.chdir(folder):
        for command in COMMANDS:
            with contextlib.redirect_stdout(io.StringIO()) as out:
                assert main(command.split()) == 0
            outputs.append(out.getvalue())
    return folder, outputs[TABLE]


def listing(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


@pytest.mark.parametrize("locking", [None, pytest.param("TRUE", marks=pytest.mark.thorough)])
def test_every_writer_and_reader_behaves_alike(shim, expected, tmp_path, locking):
    added = {"LD_PRELOAD": str(shim), **({} if locking is None else {"HDF5_USE_FILE_LOCKING": locking})}
    usual, table = expected
    assert outputs_of(tmp_path, **added)[TABLE] == table
    # What benchnn validate leaves.
    done(STATISTICS, tmp_path.parent, **added)
    assert listing(tmp_path) == listing(usual)
    for name in ("a/spikes.h5", "b/spikes.h5", "a/traces.V_m.h5"):
        assert (tmp_path / name).read_bytes() == (usual / name).read_bytes()
