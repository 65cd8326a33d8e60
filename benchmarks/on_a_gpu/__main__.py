"""The command line, see docs/gpu.md: bash benchmarks/on_a_gpu.sh pack, check or measure."""

import argparse
import os
import platform
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

from on_a_gpu import check, measure, nvidia_smi
from on_a_gpu.bundle import BUNDLE, install, pack
from on_a_gpu.errors import NotMeasuredError, ScriptError
from on_a_gpu.results import Results
from on_a_gpu.session import Session

LIMIT_S = 345.0
"""Default time limit, slightly below six minutes, which leaves time to write the results."""
COMMON = ("compile_s.construction", "compile_s.step_loop")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a sub-command and return the exit code."""
    parser = argparse.ArgumentParser(prog="on_a_gpu.sh", description=__doc__)
    modes = parser.add_subparsers(dest="mode", required=True)
    packing = modes.add_parser("pack", help="download the packages that the machine with the GPU lacks")
    packing.add_argument("--bundle", type=Path, default=BUNDLE, metavar="DIR", help=f"target folder ({BUNDLE.name})")
    packing.add_argument("--python", default="3.12", metavar="X.Y", help="Python of that machine (3.12)")
    for mode, said in (("check", "compare spikes with the CPU's"), ("measure", "measure full-scale PD14")):
        calling = modes.add_parser(mode, help=said)
        calling.add_argument("--out", type=Path, metavar="DIR", help="folder of the results ($OUT, or on_a_gpu_runs)")
        calling.add_argument("--limit", type=float, default=LIMIT_S, metavar="S", help="wall time, s (%(default)g)")
        calling.add_argument(
            "--bundle",
            type=Path,
            metavar="DIR",
            help=f"packed wheels (default: {BUNDLE.name} if it exists; none in a dry run)",
        )
        calling.add_argument("--emulated", action="store_true", help="dry run: a tiny network, on threads of the CPU")
    options = parser.parse_args(arguments)
    try:
        if options.mode == "pack":
            pack(options.bundle, options.python)
            return 0
        return _call(options, time.monotonic() + options.limit)
    except ScriptError as error:
        print(f"on_a_gpu: error: {error}", file=sys.stderr)
        return error.code


def _call(options: argparse.Namespace, deadline: float) -> int:
    """Check or measure; the files of results are complete in any case."""
    if not 0.0 < options.limit < float("inf"):
        raise ScriptError(f"--limit: {options.limit:g} is not allowed: use a number of seconds above 0")
    bundle = _bundle(options.bundle, options.emulated)
    out = (options.out or Path(os.environ.get("OUT") or "on_a_gpu_runs")).resolve()
    out.mkdir(parents=True, exist_ok=True)
    (out / f"{options.mode}.log").unlink(missing_ok=True)
    described = {
        "mode": options.mode,
        "emulated": options.emulated,
        "started_utc": time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()),
        "limit_s": options.limit,
        "host": {"name": platform.node(), "system": platform.platform(), "cpus": os.cpu_count()},
    }
    figures = ["nvidia_smi", "packages", "attributes", "blocks", *COMMON]
    if options.mode == "check":
        results = Results(out / "check.json", described, figures, check.agreements(options.emulated))
    else:
        results = Results(out / "measure.json", described, [*figures, *measure.figures()], measure.agreements())
    work = Path(tempfile.mkdtemp(prefix="on_a_gpu-"))
    site = None if bundle is None else work / "site"
    session = Session(out, work, deadline, options.emulated, results, site)
    steps = {"check": check.check, "measure": measure.measure}
    stopped = None
    try:
        _steps(session, bundle, steps[options.mode])
    except (ScriptError, KeyboardInterrupt) as error:
        stopped = str(error) or "interrupted"
    finally:
        session.stop_all()
        shutil.rmtree(work, ignore_errors=True)
    code = results.finish(stopped)
    print("\n".join(results.summary()))
    return code


def _bundle(given: Path | None, emulated: bool) -> Path | None:
    """Folder of the packed wheels, or None to use installed packages; a dry run may use another Python."""
    if given is None:
        return BUNDLE if BUNDLE.is_dir() and not emulated else None
    if not given.is_dir():
        raise ScriptError(f"--bundle: {given} is not a folder; make it with: on_a_gpu.sh pack --bundle {given}")
    return given.resolve()


def _steps(session: Session, bundle: Path | None, mode: Callable[[Session], None]) -> None:
    """Examine the machine, then run a mode."""
    results = session.results
    if bundle is not None and session.site is not None:
        install(bundle, session.site, min(90.0, session.left_s()))
    try:
        results.put("nvidia_smi", nvidia_smi.state(), "not reported by the driver")
    except NotMeasuredError as error:
        results.lacks("nvidia_smi", str(error))
    _describe(session)
    try:
        seconds: Mapping[str, Any] = session.probe("compiler", 60)
        for key in COMMON:
            results.put(key, seconds[key.rpartition(".")[2]])
    except NotMeasuredError as error:
        for key in COMMON:
            results.lacks(key, str(error))
    mode(session)


def _describe(session: Session) -> None:
    """Record versions and attributes; raise an error without a usable device."""
    try:
        found = session.probe("device", 60)
    except NotMeasuredError as error:
        packed = "" if session.site is not None else "; packages can be carried along: on_a_gpu.sh pack"
        raise ScriptError(f"the gpu backend cannot be used here: {error}{packed}", 1) from error
    for key, value in found.items():
        if value is None:
            session.results.lacks(key, "a dry run without a GPU")
        else:
            session.results.put(key, value)


if __name__ == "__main__":
    # A batch system's SIGTERM leaves whole files, too.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    sys.exit(main())
