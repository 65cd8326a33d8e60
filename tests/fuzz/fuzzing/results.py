"""Results of every kind, made once by the command line itself; valid inputs are taken from them."""

from collections.abc import Sequence
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

from benchnn.cli import main

NETWORK = ("brunel", "--param", "order=8", "--time", "20", "--warmup", "5")
PLAIN = (*NETWORK, "--threads", "1", "--backend", "oracle")


def make_results(folder: Path) -> None:
    """Make `run`, `stopped`, `chip`, `validation`, `comparison`, `series` and `runs.sqlite` in an empty folder."""
    run = ("run", *PLAIN, "--record", "spikes")
    recorded = {}
    for number in range(1, 5):
        recorded[number] = folder / f"seed{number}"
        _succeed(*run, "--seed", str(number), "--out", str(recorded[number]))
    _succeed(*run, "--record", "V_m:E:0,1", "--out", str(folder / "run"))
    _succeed("run", *PLAIN, "--chip", "loihi1", "--neurons-per-core", "5", "--out", str(folder / "chip"))
    sides = [f"--{side}={recorded[number]}" for number, side in enumerate(("candidate", "reference") * 2, 1)]
    # Two recordings of a side are too few for a verdict, which the command tells by its exit code.
    _call((0, 1), "validate", *NETWORK, *sides, "--out", str(folder / "validation"))
    _succeed("scale", "strong", *NETWORK, "--ranks", "1", "--out", str(folder / "series"))
    compare = ("--simulators", "simcore", "--repeats", "1", "--threads", "1")
    _succeed("compare", *NETWORK, *compare, "--out", str(folder / "comparison"))
    found = (*recorded.values(), folder / "chip")
    _succeed("results", "add", *map(str, found), "--database", str(folder / "runs.sqlite"))
    _stop(folder)


def _stop(folder: Path) -> None:
    """Leave a run as one that was killed does: with a checkpoint and parts of its spikes."""
    from unittest import mock

    from benchnn.running import runner

    stopped = ("run", *PLAIN, "--record", "spikes", "--checkpoint-every", "10", "--out", str(folder / "stopped"))
    with mock.patch.object(runner, "_written", side_effect=SystemExit(0)):
        try:
            _succeed(*stopped)
        except SystemExit:
            return
    raise AssertionError("the run was not stopped")


def _succeed(*arguments: str) -> None:
    _call((0,), *arguments)


def _call(codes: Sequence[int], *arguments: str) -> None:
    with redirect_stdout(StringIO()), redirect_stderr(StringIO()) as printed:
        code = main(arguments)
    assert code in codes, printed.getvalue()
