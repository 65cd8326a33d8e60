"""Progress on a terminal and elsewhere."""

import io
import re

import pytest

import benchnn
from benchnn.running.progress import Progress, compiling_shown
from simcore import InputError, Network, Population, Simulator


class Terminal(io.StringIO):
    def isatty(self):
        return True


class Gone(io.StringIO):
    def write(self, text):
        raise BrokenPipeError


def test_a_line_for_each_tenth():
    stream = io.StringIO()
    progress = Progress(stream, "simulation", 1000, 0.1)
    for done in range(1, 1001):
        progress(done, done * 1e-3)
    progress.close()
    lines = stream.getvalue().splitlines()
    assert [int(re.search(r"(\d+) %", line)[1]) for line in lines] == list(range(10, 101, 10))
    assert lines[3] == "benchnn: simulation  40 %  40 of 100 ms, RTF 10, 1 s left"


def test_large_steps_give_few_lines():
    stream = io.StringIO()
    progress = Progress(stream, "simulation", 10, 0.1)
    for done in (1, 5, 10):
        progress(done, 1.0)
    assert len(stream.getvalue().splitlines()) == 3


def test_a_bar_that_is_wiped(monkeypatch):
    monkeypatch.setenv("COLUMNS", "40")
    stream = Terminal()
    progress = Progress(stream, "simulation", 4, 0.1)
    for done in (1, 2, 4):
        progress(done, 1.0)
    progress.close()
    drawn = stream.getvalue().split("\r\x1b[K")
    assert drawn[0] == drawn[-1] == ""
    assert drawn[2].startswith("simulation [#######........]  50 %")
    assert all(len(line) < 40 for line in drawn) and "\n" not in stream.getvalue()


def test_the_bar_fits_eighty_columns(monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    stream = Terminal()
    Progress(stream, "simulation", 10_000_000, 0.1)(5_000_000, 1e4)
    assert stream.getvalue().endswith("left")


@pytest.mark.parametrize(("seconds", "text"), [(90.0, "90 s"), (900.0, "15 min"), (90_000.0, "25.0 h")])
def test_time_left(seconds, text):
    stream = io.StringIO()
    Progress(stream, "simulation", 2, 0.1)(1, seconds)
    assert stream.getvalue().endswith(f" {text} left\n")


def test_a_closed_stream_is_nothing():
    progress = Progress(Gone(), "simulation", 2, 0.1)
    progress(1, 1.0)
    progress.close()


@pytest.fixture
def compiles():
    """Compile something small."""
    numba = pytest.importorskip("numba")
    return lambda: numba.njit(lambda x: x + 1)(1)


def test_compiling_is_one_line_with_its_time(compiles):
    stream = io.StringIO()
    with compiling_shown(stream, "the simulator's kernels"):
        assert stream.getvalue() == ""
        compiles()
        begun = stream.getvalue()
        compiles()
    assert re.fullmatch(r"benchnn: compiling the simulator's kernels, .* \.\.\.", begun)
    assert re.fullmatch(r" \d+\.\d s\n", stream.getvalue().removeprefix(begun))


def test_a_line_that_a_fault_cuts_short_has_an_end(compiles):
    stream = io.StringIO()

    def fail():
        with compiling_shown(stream, "kernels"):
            compiles()
            raise MemoryError

    with pytest.raises(MemoryError):
        fail()
    assert stream.getvalue().endswith(" s\n")


def test_nothing_is_shown_when_nothing_is_compiled(compiles):
    stream = io.StringIO()
    with compiling_shown(stream, "kernels"):
        pass
    with compiling_shown(None, "kernels"):
        compiles()
    assert stream.getvalue() == ""


def test_the_line_says_when_kernels_cannot_be_kept(compiles, monkeypatch):
    monkeypatch.setenv("BENCHNN_CACHE_DIR", "/dev/null")
    stream = io.StringIO()
    with compiling_shown(stream, "kernels"):
        compiles()
    assert "cannot be cached" in stream.getvalue()


def test_a_stream_that_is_gone_ends_no_compilation(compiles):
    with compiling_shown(Gone(), "kernels"):
        compiles()


def test_a_simulator_of_a_script_shows_how_far_it_is(capsys):
    network = Network([Population("A", 3)])
    with Simulator(network, backend="oracle", threads=1) as simulator:
        simulator.run(2000.0, progress=benchnn.progress(simulator, 2000.0))
    lines = capsys.readouterr().err.splitlines()
    assert lines[-1].startswith("benchnn: simulation 100 %") and "2,000 of 2,000 ms" in lines[-1]
    assert len(lines) == len(set(lines)) <= 10


def test_progress_of_no_simulator_is_refused():
    with pytest.raises(InputError, match=r"must be a simcore.Simulator"):
        benchnn.progress("x", 1.0)
