"""A small network in a file of the user's own, and the command line called within the test's process."""

import json
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from dataclasses import dataclass
from functools import cache
from io import StringIO

import pytest

from benchnn.cli import main
from benchnn.record import provenance
from tests.benchnn.runs_in_process import runs_in_process

MODEL = '''
from typing import Literal

from simcore.network import AllToAll, Dc, FixedIndegree, Network, Poisson, Population, Projection


def small(
    n: int = 20,
    weight: float = 200.0,
    delay_ms: float = 1.5,
    rate_hz: float = 8000.0,
    input: Literal["poisson", "dc"] = "poisson",
    inhibition: bool = True,
    limit: float | None = None,
):
    """Two populations under external input.

    Parameters
    ----------
    n
        Neurons of E; a quarter
        of it in I.
    weight, delay_ms
        Of all synapses.
    rate_hz
        Rate of the input.
    """
    drives = [Poisson("E", rate_hz, weight, 1.5)] if input == "poisson" else [Dc("E", 500.0)]
    projections = [Projection("E", "E", FixedIndegree(5), weight, delay_ms)]
    if inhibition:
        projections.append(Projection("E", "I", AllToAll(), weight, 0.5))
    return Network([Population("E", n), Population("I", n // 4)], projections, drives)


def single():
    return Network([Population("A", 3)])


def adaptive():
    drives = [Dc("X", 400_000.0)]
    return Network([Population("X", 2, "aeif_cond_exp", {"b": 10.0}), Population("A", 3)], drives=drives)


def mixed():
    weights = [Projection("A", "A", FixedIndegree(1), weight) for weight in (1.0, 50000.0)]
    return Network([Population("A", 3)], weights)


def not_a_network():
    return 3


def broken():
    raise TypeError("no such thing")
'''


@dataclass(frozen=True)
class Finished:
    """Exit code and output of a command."""

    code: int
    out: str
    err: str

    @property
    def record(self):
        """The record that --json printed."""
        return json.loads(self.out)

    @property
    def refusal(self):
        """The one sentence, on stderr, with which a command refuses its input."""
        assert self.code == 2
        assert self.out == ""
        assert "Traceback" not in self.err
        last = self.err.splitlines()[-1]
        assert last.startswith("benchnn: error: ")
        return last


@pytest.fixture(scope="session", autouse=True)
def installation_read_once():
    """Read the thousand sources of the program, and versions, once and not for the record of each run in this process.

    They take half of the time of a short run.
    """
    with pytest.MonkeyPatch.context() as patched:
        for name in ("source_digest", "package_versions"):
            patched.setattr(provenance, name, cache(getattr(provenance, name)))
        yield


@pytest.fixture(params=["oracle", "cpu"])
def backend(request):
    """Each backend that runs here."""
    return request.param


@pytest.fixture
def home(tmp_path, monkeypatch):
    """An empty working folder with the model file small.py."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "small.py").write_text(MODEL)
    return tmp_path


@pytest.fixture
def benchnn(capsys):
    """Call the command line: ``benchnn("run", "pd14", ...)``."""

    def call(*arguments):
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        return Finished(code, *capsys.readouterr())

    return call


@pytest.fixture
def in_process():
    """Let studies run their commands in the process of the test."""
    with runs_in_process():
        yield


@pytest.fixture(scope="session")
def chip_runs(tmp_path_factory):
    """Results: ``loihi1`` and ``dealt`` on a chip whose times are known, ``timeless``, and ``plain`` on none."""
    home = tmp_path_factory.mktemp("chip")
    on_loihi = ("--chip", "loihi1", "--neurons-per-core", 10)
    runs = {
        "loihi1": on_loihi,
        "dealt": (*on_loihi, "--mapper", "round_robin"),
        "timeless": ("--chip", "spinnaker1", "--neurons-per-core", 10),
        "plain": (),
    }
    brunel = ("brunel", "--param", "order=40", "--time", 60, "--warmup", 20, "--threads", 1)
    for name, options in runs.items():
        with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as printed:
            arguments = ("run", *brunel, *options, "--out", home / name)
            assert main([str(argument) for argument in arguments]) == 0, printed.getvalue()
    return home


@pytest.fixture
def run_small(home, benchnn):
    """Run the small network for a short time, into ``out``: ``run_small("--seed", 3, model="small.py:small")``."""

    def call(*arguments, model="small.py:small", out="out", backend="oracle"):
        short = ("--time", 20, "--warmup", 5, "--backend", backend, "--threads", 2)
        # The last of an option wins.
        return benchnn("run", model, *short, "--out", out, *arguments)

    return call


@pytest.fixture
def file_size_limit():
    """A limit of the bytes of a file, which writing meets as it meets a full disk."""
    resource = pytest.importorskip("resource")

    @contextmanager
    def limited(size):
        soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
        resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
        try:
            yield
        finally:
            resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))

    return limited
