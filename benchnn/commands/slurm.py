"""The sub-command ``benchnn slurm``: batch scripts, their submission, and a check within a job."""

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchnn.commands.output import emit
from benchnn.commands.parser import EXIT_CODES, Parser
from simcore.errors import InputError, require

if TYPE_CHECKING:
    from benchnn.commands.parser import Commands
    from benchnn.slurm.run_arguments import AskedRun

TEXTS = ("time", "account", "partition", "qos", "constraint", "mem", "gres", "gpus_per_task", "job_name", "launcher",
         "mpi", "setup", "python")  # fmt: skip
NUMBERS = ("nodes", "tasks_per_node", "threads", "at_once", "restarts", "stop_before_s")
LISTS = ("sbatch", "modules")
SWITCHES = ("exclusive", "multithread", "oversubscribe")
REQUESTS = {
    "account": "account to charge",
    "partition": "partition of the nodes",
    "qos": "quality of service",
    "constraint": "required features of the nodes",
    "mem": "memory per node, such as 64G",
    "gres": "generic resources per node, such as gpu:2",
    "job-name": argparse.SUPPRESS,
}


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    slurm = commands.add_parser(
        "slurm",
        help="write or submit a batch script for a run",
        description="Write or submit a batch script that runs benchnn as a Slurm job.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    actions = slurm.add_subparsers(title="actions", metavar="ACTION", required=True, parser_class=Parser)
    render = actions.add_parser(
        "render",
        help="print the script",
        description="Print the batch script of a job, or write it to a file, without submitting it.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    _add_job(render)
    render.set_defaults(call=_render)
    render.add_argument(
        "--out", metavar="FILE", dest="file", help="write the script to a new file instead of printing it"
    )
    submit = actions.add_parser(
        "submit",
        help="submit the script with sbatch",
        description="Write the batch script of a job to the folder of the result, and submit it with sbatch.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    _add_job(submit)
    submit.set_defaults(call=_submit)
    submit.add_argument("--wait", action="store_true", help="wait until the job ends, and exit with its exit code")
    check = actions.add_parser(
        "check",
        help="show and check the CPUs of every rank, within a job",
        description="Show the CPUs and GPUs of every rank of this job; fail if a rank has fewer CPUs than threads, or "
        "if the number of ranks differs from the expected number.",
        allow_abbrev=False,
    )
    check.set_defaults(call=_check, parallel=True)
    check.add_argument("--ranks", metavar="N", required=True, help="expected number of ranks")
    check.add_argument("--threads", metavar="N", required=True, help="number of threads per rank")
    check.add_argument(
        "--oversubscribe", action="store_true", help="succeed even if a rank has fewer CPUs than threads"
    )


def _add_job(parser: argparse.ArgumentParser) -> None:
    layout = parser.add_argument_group("layout", "each Slurm task is a rank")
    layout.add_argument("--nodes", metavar="N", help="number of nodes (default: 1)")
    layout.add_argument("--tasks-per-node", metavar="N", help="number of ranks per node (default: 1)")
    layout.add_argument("--threads", metavar="N", help="number of threads per rank, one CPU each (default: 1)")
    layout.add_argument("--gpus-per-task", metavar="[TYPE:]N", help="number of GPUs per rank")
    layout.add_argument("--multithread", action="store_true", help="let threads share a core")
    layout.add_argument("--oversubscribe", action="store_true", help="run even if a rank has fewer CPUs than threads")
    layout.add_argument("--no-check", action="store_false", dest="check", help="do not check the CPUs of the ranks")
    job = parser.add_argument_group("job", "options of sbatch")
    job.add_argument("--time", metavar="LIMIT", help="time limit: minutes or [D-]HH:MM:SS (default: 60)")
    for name, meaning in REQUESTS.items():
        job.add_argument(f"--{name}", metavar="VALUE", help=meaning)
    job.add_argument("--exclusive", action="store_true", help="do not share the nodes with other jobs")
    job.add_argument(
        "--sbatch", metavar="NAME[=VALUE]", action="append", default=[], help="any other option of sbatch (repeatable)"
    )
    runs = parser.add_argument_group("runs")
    runs.add_argument(
        "--seeds", metavar="N,N-N,...", help="submit a job array with one run, in its own folder, for each seed"
    )
    runs.add_argument("--at-once", metavar="N", help="maximum number of array tasks at the same time (default: all)")
    runs.add_argument(
        "--requeue",
        metavar="N",
        dest="restarts",
        help="requeue the job after the time limit and resume the run, at most N times (default: 0)",
    )
    text = (
        "how long before the time limit the run writes a checkpoint and stops, s (default: 60, or a quarter of the "
        "time limit if that is less)"
    )
    runs.add_argument("--stop-before", metavar="S", dest="stop_before_s", help=text)
    start = parser.add_argument_group("start")
    start.add_argument(
        "--launcher", metavar="NAME", help="program that starts the ranks: srun or mpiexec (default: srun)"
    )
    start.add_argument(
        "--mpi", metavar="TYPE", help="MPI type of srun, such as pmi2 or pmix (default: the default of the site)"
    )
    start.add_argument(
        "--module", metavar="NAME", dest="modules", action="append", default=[], help="module to load (repeatable)"
    )
    start.add_argument("--setup", metavar="FILE", help="script to source before the run")
    start.add_argument("--python", metavar="PATH", help="Python interpreter with benchnn (default: this one)")
    start.add_argument("--template", metavar="FILE", help="template of the script (default: the template of benchnn)")
    parser.add_argument("run", metavar="-- run MODEL ...", nargs="*", help="arguments of benchnn run")


def _script(arguments: argparse.Namespace) -> tuple[str, Path, bool]:
    """Text of the script, folder of the result, and whether the job is an array."""
    from benchnn.declared_types import from_text
    from benchnn.slurm.job_options import JobOptions, seeds_of
    from benchnn.slurm.run_arguments import run_arguments
    from benchnn.slurm.script import TEMPLATE, job_script, read_template

    given: dict[str, Any] = {name: getattr(arguments, name) for name in TEXTS if getattr(arguments, name) is not None}
    for name in NUMBERS:
        if getattr(arguments, name) is not None:
            given[name] = from_text(getattr(arguments, name), int, name)
    given |= {name: tuple(getattr(arguments, name)) for name in LISTS}
    given |= {name: getattr(arguments, name) for name in (*SWITCHES, "check")}
    seeds = seeds_of(arguments.seeds) if arguments.seeds is not None else ()
    options = JobOptions(**given, seeds=seeds)
    run = run_arguments(_asked_run(arguments.run), options.ranks, options.threads, seeds, options.restarts)
    early = options.stop_before_s
    require(early is None or run.stoppable, "stop_before", early, "a run on a peer simulator cannot be stopped early")
    name = TEMPLATE.name if arguments.template is None else arguments.template
    return job_script(options, run, read_template(arguments.template), name), Path(run.out), bool(seeds)


def _asked_run(words: list[str]) -> "AskedRun":
    """The words after ``--``, parsed as ``benchnn run`` parses them."""
    from benchnn.commands import run
    from benchnn.running.options import SIMPLE_OPTIONS
    from benchnn.slurm.run_arguments import AskedRun

    require(words[:1] == ["run"], "the command after --", " ".join(words), "must be 'run MODEL' and options")
    parser = Parser(prog="benchnn", allow_abbrev=False)
    run.add(parser.add_subparsers(parser_class=Parser))
    parsed: argparse.Namespace = parser.parse_args(words)
    if any(getattr(parsed, name) for name in run.DRY_RUN_OPTIONS):
        raise InputError("a dry run needs only one process, not a job; use benchnn run")
    require(parsed.trials is None, "trials", parsed.trials, "use --seeds, which gives each seed its own run")
    given = {name: getattr(parsed, name) for name in SIMPLE_OPTIONS}
    return AskedRun(given, parsed.param, parsed.config, bool(parsed.json))


def _render(arguments: argparse.Namespace) -> int:
    from simcore.recording.files import replaced_file

    script, _, _ = _script(arguments)
    if arguments.file is None:
        emit(script, "surrogateescape", exact=True)
        return 0
    if Path(arguments.file).exists():
        raise InputError(f"{arguments.file} already exists; remove it or choose another --out")
    with replaced_file(arguments.file) as aside:
        aside.write_text(script, encoding="utf-8", errors="surrogateescape")
    return 0


def _submit(arguments: argparse.Namespace) -> int:
    from benchnn.running.progress import show
    from benchnn.slurm.submission import sbatch_program, submit

    sbatch_program()
    script, folder, array = _script(arguments)

    def announce(job: str, path: Path) -> None:
        emit(f"{job}\n")
        show(sys.stderr, f"benchnn: submitted job {job}: {path}\n")

    return submit(script, folder, array, arguments.wait, announce)


def _check(arguments: argparse.Namespace) -> int:
    from benchnn.declared_types import from_text
    from benchnn.running.progress import show
    from benchnn.slurm.cpu_check import problem, rank_cpus, to_text
    from simcore.errors import UnavailableError, integer

    comm = arguments.comm
    expected = integer(from_text(arguments.ranks, int, "ranks"), "ranks", 1)
    threads = integer(from_text(arguments.threads, int, "threads"), "threads", 1)
    ranks = rank_cpus(comm)
    if comm.rank == 0:
        emit(to_text(ranks, threads))
    why = problem(ranks, expected, threads)
    if why is not None and len(ranks) == expected and arguments.oversubscribe:
        if comm.rank == 0:
            show(sys.stderr, f"benchnn: warning: {why}\n")
        return 0
    comm.agree(None if why is None else UnavailableError(why))
    return 0
