"""A second process compiles kernels on a first start; without it, or if it fails, the run only takes longer."""

import subprocess
import sys
import time
from types import SimpleNamespace

import pytest

from simcore.backends.cpu import miniature
from simcore.jit import aside, compilation
from simcore.jit.aside import Wanted, compiled_aside, nothing_kept

APPLY = Wanted("simcore.backends.cpu.currents", "APPLY", "float32", "int32")


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """A cache of this test's own."""
    monkeypatch.setenv("BENCHNN_CACHE_DIR", str(tmp_path))
    return tmp_path


@pytest.fixture
def processes(monkeypatch):
    """Those that are started meanwhile."""
    started, popen = [], subprocess.Popen

    def noted(*arguments, **options):
        started.append(popen(*arguments, **options))
        return started[-1]

    monkeypatch.setattr(subprocess, "Popen", noted)
    return started


@pytest.fixture
def program(tmp_path, monkeypatch):
    """Call it with the text of a shell script that takes the place of Python."""

    def write(text):
        script = tmp_path / "python"
        script.write_text(f"#!/bin/sh\n{text}\n")
        script.chmod(0o700)
        monkeypatch.setattr(sys, "executable", str(script))

    return write


def test_what_the_second_process_compiles_is_found_in_the_cache(cache, processes):
    assert nothing_kept()
    with compiled_aside([APPLY]):
        pass
    assert processes[0].returncode == 0
    assert not nothing_kept()
    assert list(cache.rglob("currents.*.nbc"))


def test_a_process_that_fails_says_nothing(program, processes, capfd):
    program("echo out; echo error >&2; exit 3")
    with compiled_aside([APPLY]):
        pass
    assert processes[0].returncode == 3
    assert capfd.readouterr() == ("", "")


def test_a_process_that_hangs_is_ended(program, processes, monkeypatch):
    program("exec sleep 60")
    monkeypatch.setattr(aside, "PATIENCE_S", 0.1)
    start = time.perf_counter()
    with compiled_aside([APPLY]):
        pass
    assert time.perf_counter() - start < 30.0
    assert processes[0].returncode == -9


def test_an_interruption_ends_the_process_too(program, processes):
    program("exec sleep 60")
    with pytest.raises(KeyboardInterrupt), compiled_aside([APPLY]):
        raise KeyboardInterrupt
    assert processes[0].returncode == -9


def test_a_system_that_refuses_a_process_is_no_error(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    done = []
    with compiled_aside([APPLY]):
        done.append(True)
    assert done == [True]


def test_without_a_cache_nothing_is_compiled_aside(monkeypatch):
    monkeypatch.setattr(aside, "cache_folder", lambda: None)
    assert not nothing_kept()


@pytest.mark.parametrize(("ranks", "threads", "kept"), [(2, 2, False), (1, 1, False), (1, 2, True)])
def test_one_cpu_several_ranks_or_kernels_in_the_cache_start_no_process(ranks, threads, kept, cache, monkeypatch):
    monkeypatch.setattr(miniature, "compiled_aside", lambda wanted: pytest.fail("a process is started"))
    if kept:
        (compilation.cache_folder() / "cpu_0").mkdir()
    plan = SimpleNamespace(comm=SimpleNamespace(size=ranks), placement=SimpleNamespace(threads=threads))
    miniature.compile_in_two_processes(plan, None, None, None)
