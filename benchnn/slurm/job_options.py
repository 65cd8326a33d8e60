"""Requests of a job to Slurm, checked so that every value is safe in a batch script."""

import re
import sys
import unicodedata
from dataclasses import dataclass

from simcore.errors import InputError, integer, require
from simcore.random import MAX_SEED

LAUNCHERS = ("srun", "mpiexec")
VALUE = re.compile(r"[A-Za-z0-9_.,:/@%+=][A-Za-z0-9_.,:/@%+=-]*")
"""Values that neither sbatch nor a shell can misinterpret."""
CONSTRAINT = re.compile(r"[A-Za-z0-9_(\[][A-Za-z0-9_.,:&|*()\[\]-]*")
"""Slurm combines features with further characters; the line is a comment for the shell."""
TIME = re.compile(r"(\d{1,5}-\d{1,5}(:\d{1,5}){0,2})|(\d{1,5}(:\d{1,5}){0,2})", re.ASCII)
STOP_BEFORE_S = 60
"""Slurm checks time limits twice per minute, and a checkpoint takes about a second: enough for most runs."""
MAX_NODES = MAX_TASKS = 10**6
MAX_RESTARTS = 1000
ANSWERS = frozenset(("help", "usage", "version"))
"""Options with which sbatch does not submit a job."""
OWN_DIRECTIVES = frozenset(
    (
        "account",
        "array",
        "chdir",
        "constraint",
        "cpus-per-task",
        "exclusive",
        "gpus-per-task",
        "gres",
        "hint",
        "job-name",
        "mem",
        "no-requeue",
        "nodes",
        "ntasks",
        "ntasks-per-node",
        "open-mode",
        "output",
        "partition",
        "parsable",
        "qos",
        "requeue",
        "signal",
        "test-only",
        "time",
        "wait",
        "wrap",
    )
)
"""Options of sbatch that are set here, or that a job does not support."""
SEEDS = re.compile(r"([0-9]{1,10})(?:-([0-9]{1,10}))?")
MAX_SEEDS = 10_000
"""Maximum number of seeds, each of which is a task of an array."""


@dataclass(frozen=True)
class JobOptions:
    """Options of ``benchnn slurm``.

    Parameters
    ----------
    nodes, tasks_per_node, threads
        The layout: each task is a rank, with a CPU for each of its threads.
    time
        Time limit in a format of Slurm: minutes, MM:SS, HH:MM:SS, D-HH, D-HH:MM, D-HH:MM:SS.
    account, partition, qos, constraint, mem, gres, gpus_per_task, job_name
        Option of sbatch with this name; None for the default of the site.
    exclusive
        Whether to exclude other jobs from the nodes.
    multithread
        Whether threads may share a core.
    sbatch
        Further options of sbatch, ``NAME`` or ``NAME=VALUE``.
    seeds, at_once
        An array: one task for each seed, and the maximum number of tasks at the same time.
    restarts
        Maximum number of times that a run is requeued after the time limit.
    stop_before_s
        Time before the limit at which the run is asked to stop; None for 60 s, but at most a quarter of the limit.
    launcher, mpi
        ``srun`` or ``mpiexec``; srun's ``--mpi``.
    modules, setup
        Modules for ``module load``; a script that is sourced after them.
    python
        The Python interpreter with benchnn.
    check, oversubscribe
        Whether to check the CPUs of every rank before the run; whether to continue if they are too few.
    """

    nodes: int = 1
    tasks_per_node: int = 1
    threads: int = 1
    time: str = "60"
    account: str | None = None
    partition: str | None = None
    qos: str | None = None
    constraint: str | None = None
    mem: str | None = None
    gres: str | None = None
    gpus_per_task: str | None = None
    job_name: str | None = None
    exclusive: bool = False
    multithread: bool = False
    sbatch: tuple[str, ...] = ()
    seeds: tuple[int, ...] = ()
    at_once: int | None = None
    restarts: int = 0
    stop_before_s: int | None = None
    launcher: str = "srun"
    mpi: str | None = None
    modules: tuple[str, ...] = ()
    setup: str | None = None
    python: str = sys.executable
    check: bool = True
    oversubscribe: bool = False

    def __post_init__(self) -> None:
        integer(self.nodes, "nodes", 1, MAX_NODES)
        integer(self.tasks_per_node, "tasks_per_node", 1, MAX_TASKS)
        integer(self.threads, "threads", 1, MAX_TASKS)
        integer(self.restarts, "requeue", 0, MAX_RESTARTS)
        require(self.launcher in LAUNCHERS, "launcher", self.launcher, f"use {' or '.join(LAUNCHERS)}")
        require(self.mpi is None or self.launcher == "srun", "mpi", self.mpi, "it requires --launcher srun")
        for name in ("account", "partition", "qos", "mem", "gres", "gpus_per_task", "job_name", "mpi"):
            directive_value(name, getattr(self, name))
        if self.constraint is not None:
            allowed = "use letters, digits and _ . , : & | * ( ) [ ] -"
            require(CONSTRAINT.fullmatch(self.constraint) is not None, "constraint", self.constraint, allowed)
        for module in self.modules:
            directive_value("module", module)
        for path in (self.setup, self.python):
            shell_word("path", path)
        for extra in self.sbatch:
            _check_extra(extra)
        if self.at_once is not None:
            require(bool(self.seeds), "at_once", self.at_once, "it requires --seeds")
            integer(self.at_once, "at_once", 1)
        unseen = self.oversubscribe and not self.check
        require(not unseen, "oversubscribe", True, "it cannot be combined with --no-check")
        limit = seconds_of(self.time)
        if self.stop_before_s is not None:
            allowed = f"must be in [1, {limit - 1}] s, within the time limit"
            require(1 <= self.stop_before_s < limit, "stop_before", self.stop_before_s, allowed)

    @property
    def ranks(self) -> int:
        """Number of ranks of a run."""
        return self.nodes * self.tasks_per_node

    @property
    def stop_s(self) -> int:
        """Time before the limit at which the run is asked to stop, in seconds."""
        return self.stop_before_s or min(STOP_BEFORE_S, max(1, seconds_of(self.time) // 4))


def seconds_of(time: str) -> int:
    """Convert a time limit to seconds.

    Raises
    ------
    InputError
        If Slurm does not understand the limit, or it is 0.
    """
    seconds = 0
    if TIME.fullmatch(time):
        days, dash, clock = time.rpartition("-")
        parts = [int(part) for part in clock.split(":")]
        # 30 means minutes, and 1:30 minutes and seconds; after days, they mean hours, and hours and minutes.
        units = (3600, 60, 1) if dash or len(parts) == 3 else (60, 1)
        seconds = 86_400 * int(days or 0) + sum(part * unit for part, unit in zip(parts, units, strict=False))
    require(seconds > 0, "time", time, "must be minutes, MM:SS, HH:MM:SS, D-HH, D-HH:MM or D-HH:MM:SS, and more than 0")
    return seconds


def directive_value(field: str, value: str | None) -> None:
    """Require that a value is safe in a line ``#SBATCH``.

    Raises
    ------
    InputError
        If the value contains other characters.
    """
    allowed = "use letters, digits and _ . , : / @ % + = -, but do not begin with -"
    require(value is None or VALUE.fullmatch(value) is not None, field, value, allowed)


def shell_word(field: str, value: str | None) -> None:
    """Require that a quoted value is safe in one line of a script.

    Raises
    ------
    InputError
        If the value contains other characters.
    """
    # Undecodable bytes of a file name are surrogates here, and bytes again in the script.
    one_line = value is None or not any(unicodedata.category(c) in ("Cc", "Zl", "Zp") for c in value)
    require(one_line, field, value, "must not contain control characters such as newlines")
    require(value != "", field, value, "must not be empty")


def _check_extra(extra: str) -> None:
    name, equals, value = extra.partition("=")
    if re.fullmatch(r"[a-z][a-z-]*", name) is None:
        raise InputError(f"sbatch = {extra!r} is not allowed: must be NAME or NAME=VALUE, such as reservation=week")
    # sbatch accepts any beginning of a name.
    own = next((one for one in sorted(OWN_DIRECTIVES) if one.startswith(name)), None)
    require(own is None, "sbatch", extra, f"benchnn slurm sets {own}")
    require(name not in ANSWERS, "sbatch", extra, "with this option, sbatch would not submit a job")
    directive_value("sbatch", value if equals else None)


def seeds_of(text: str) -> tuple[int, ...]:
    """Parse distinct seeds of an array, such as ``1-10,20``, in the given order.

    Parameters
    ----------
    text
        Integers and ranges, separated by commas.

    Raises
    ------
    InputError
        If the text is malformed, or a seed appears twice.
    """
    allowed = f"must be seeds in [0, {MAX_SEED}] or ranges of seeds, such as 1-10,20, and at most {MAX_SEEDS} seeds"
    seeds: list[int] = []
    for part in text.split(","):
        found = SEEDS.fullmatch(part.strip())
        first, last = (int(found[1]), int(found[2] or found[1])) if found else (1, 0)
        require(first <= last <= MAX_SEED and last - first < MAX_SEEDS - len(seeds), "seeds", text, allowed)
        seeds.extend(range(first, last + 1))
    require(len(set(seeds)) == len(seeds), "seeds", text, "a seed appears twice")
    return tuple(seeds)
