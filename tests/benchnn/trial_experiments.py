"""Small experiments of which one neuron is silenced, with trials: folders for tests of rates and reports."""

import contextlib
import io

from benchnn.cli import main

MODEL = '''
from simcore.network import BernoulliTrains, Explicit, Network, OneToOne, Population, Projection


def relay(silent: bool = False, rate_hz: float = 80.0, stimulated: int = 4):
    """Neuron 0 drives neuron 7, unless it is silent; trains drive the first neurons."""
    cells = Population("N", 9)
    sources, targets = ([1, 2], [5, 6]) if silent else ([0, 1, 2], [7, 5, 6])
    projections = [Projection("N", "N", Explicit(sources, targets), 3000.0)]
    if not stimulated:
        return Network([cells], projections, resolution_ms=1.0)
    projections.append(Projection("S", cells[:stimulated], OneToOne(), 3000.0))
    trains = Population("S", stimulated, source=BernoulliTrains(rate_hz))
    return Network([cells, trains], projections, resolution_ms=1.0)
'''
COMMON = ("--time", 400, "--warmup", 5, "--backend", "oracle", "--meters", "none", "--record", "spikes")


def call(*arguments):
    with contextlib.redirect_stdout(io.StringIO()) as out, contextlib.redirect_stderr(io.StringIO()) as err:
        code = main([str(argument) for argument in arguments])
    return code, out.getvalue(), err.getvalue()


EXPERIMENTS = {"whole": [], "silent": ["silent=true"], "slow": ["rate_hz=30"], "none": ["stimulated=0"]}


def make_experiments(home, trials=6, names=tuple(EXPERIMENTS)):
    """Folders of trials: ``whole``, ``silent`` (the same trains), ``slow`` (others) and ``none`` (no trains)."""
    (home / "relay.py").write_text(MODEL)
    for name in names:
        given = [word for param in EXPERIMENTS[name] for word in ("--param", param)]
        run = ("run", f"{home / 'relay.py'}:relay", "--trials", trials, *COMMON, *given, "--out", home / name)
        code, _, err = call(*run)
        assert code == 0, err
    return home
