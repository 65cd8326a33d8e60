"""The watch on the compiler tells compiling from loading, and takes the time of both."""

import threading

import numba
import pytest

from simcore.jit.watch import CompilerWatch

SOURCE = """
def total(values):
    sum = 0
    for value in values:
        sum += value
    return sum
"""


@pytest.fixture
def new_kernel(tmp_path, monkeypatch):
    """A kernel that no process compiled before; each call yields it anew, as another process would have it."""
    monkeypatch.setattr(numba.config, "CACHE_DIR", str(tmp_path / "cache"))
    path = tmp_path / "source.py"
    path.write_text(SOURCE)
    names = {}
    exec(compile(SOURCE, path, "exec"), names)  # noqa: S102 - the source stands above
    return lambda: numba.njit(cache=True)(names["total"])


def test_compiling_is_reported_once_and_timed(new_kernel):
    calls = []
    kernel = new_kernel()
    with CompilerWatch(lambda: calls.append(watch.seconds)) as watch:
        kernel((1, 2))
        kernel((1.0, 2.0))
    assert calls == [0.0]
    assert watch.compiled
    assert watch.seconds > 0.0


def test_loading_is_timed_and_not_reported(new_kernel):
    new_kernel()((1, 2))
    calls = []
    with CompilerWatch(lambda: calls.append(None)) as watch:
        assert new_kernel()((1, 2)) == 3
    assert not watch.compiled
    assert calls == []
    assert watch.seconds > 0.0


def test_what_is_loaded_takes_no_time_again(new_kernel):
    kernel = new_kernel()
    kernel((1, 2))
    with CompilerWatch() as watch:
        kernel((1, 2))
    assert watch.seconds == 0.0


def test_threads_that_wait_for_each_other_are_timed_once(new_kernel):
    types = [numba.typeof(tuple(range(length))) for length in range(2, 8)]
    kernel = new_kernel()
    threads = [threading.Thread(target=kernel.compile, args=((each,),)) for each in types]
    with CompilerWatch() as watch:
        with CompilerWatch() as inner:
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
        seconds = inner.seconds
        kernel.compile((numba.types.UniTuple(numba.types.int64, 9),))
    assert len(kernel.overloads) == 7
    assert 0.0 < seconds < watch.seconds


def test_nothing_is_watched_after_the_block(new_kernel):
    with CompilerWatch() as watch:
        pass
    new_kernel()((1, 2))
    assert (watch.compiled, watch.seconds) == (False, 0.0)
