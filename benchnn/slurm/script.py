"""The batch script of a job from a template with places ``{{name}}``, which are filled and never evaluated."""

import re
import shlex
from collections.abc import Mapping, Sequence
from pathlib import Path, PurePath

from benchnn.slurm.job_options import JobOptions, shell_word
from benchnn.slurm.run_arguments import RunArguments
from simcore.errors import InputError

TEMPLATE = Path(__file__).with_name("job.sh")
PLACE = re.compile(r"\{\{(.{0,80}?)\}\}", re.DOTALL)
"""Places have at most this length; without a bound, each open brace would cause a search to the end of the file."""


def job_script(options: JobOptions, run: RunArguments, template: str, name: str) -> str:
    """Return a batch script.

    Parameters
    ----------
    options
        Requests to Slurm.
    run
        The run of the job.
    template, name
        Text and name of the template.

    Raises
    ------
    InputError
        If a word is not safe in a script, or the template has other places than the template of benchnn.
    """
    for word in (*run.words, run.out):
        shell_word("argument of benchnn run", word)
    values = {
        "directives": "\n".join(f"#SBATCH --{line}" for line in _directives(options, run)),
        "setup": "\n".join(_setup(options)),
        "out": shlex.quote(run.out),
        "launch": shlex.join(_launch(options)),
        "benchnn": shlex.join([options.python, "-m", "benchnn"]),
        "run": shlex.join([*run.words, f"--threads={options.threads}"]),
        "seeds": " ".join(str(seed) for seed in options.seeds),
        "restarts": str(options.restarts),
        "check": _check(options),
    }
    return filled(template, values, name)


def _directives(options: JobOptions, run: RunArguments) -> list[str]:
    """Options of sbatch, as lines without ``#SBATCH --``."""
    given = {
        "job-name": options.job_name or f"benchnn-{run.label}",
        "account": options.account,
        "partition": options.partition,
        "qos": options.qos,
        "constraint": options.constraint,
        "nodes": options.nodes,
        "ntasks-per-node": options.tasks_per_node,
        "cpus-per-task": options.threads,
        "mem": options.mem,
        "gres": options.gres,
        "gpus-per-task": options.gpus_per_task,
        "time": options.time,
        "hint": None if options.multithread else "nomultithread",
    }
    lines = [f"{name}={value}" for name, value in given.items() if value is not None]
    if options.exclusive:
        lines.append("exclusive")
    if options.seeds:
        at_once = f"%{options.at_once}" if options.at_once else ""
        lines.append(f"array=0-{len(options.seeds) - 1}{at_once}")
    if run.stoppable:
        # Only to the shell, because every launcher forwards the signal.
        lines.append(f"signal=B:USR1@{options.stop_s}")
    lines += ["requeue"] if options.restarts else []
    # The output of a restart is appended.
    return [*lines, "open-mode=append", *options.sbatch]


def _setup(options: JobOptions) -> list[str]:
    lines = [f"module load {shlex.quote(module)}" for module in options.modules]
    if options.setup is not None:
        # A name without a slash would be searched on PATH.
        path = options.setup if "/" in options.setup else f"./{options.setup}"
        lines += ["# shellcheck source=/dev/null", f"source {shlex.quote(path)}"]
    if options.launcher == "mpiexec":
        beside = str(PurePath(options.python).parent)
        if beside != ".":
            lines.append(f"export PATH={shlex.quote(beside)}:$PATH")
        # The daemons of mpiexec are steps of one task, whose few CPUs all ranks of a node would inherit; unbound ranks
        # divide the CPUs of their node among them.
        lines.append("export SLURM_CPU_BIND=none OMPI_MCA_hwloc_base_binding_policy=none")
        lines.append("export PRTE_MCA_hwloc_default_binding_policy=none")
    return lines or [":"]


def _launch(options: JobOptions) -> Sequence[str]:
    if options.launcher == "mpiexec":
        return ["mpiexec", "-n", str(options.ranks)]
    # Since Slurm 22.05 a step does not inherit --cpus-per-task from its job.
    words = ["srun", f"--ntasks={options.ranks}", f"--cpus-per-task={options.threads}", "--kill-on-bad-exit=1"]
    words += [f"--mpi={options.mpi}"] if options.mpi else []
    return words + ([f"--gpus-per-task={options.gpus_per_task}"] if options.gpus_per_task else [])


def _check(options: JobOptions) -> str:
    if not options.check:
        return ":"
    words = ["slurm", "check", f"--ranks={options.ranks}", f"--threads={options.threads}"]
    words += ["--oversubscribe"] if options.oversubscribe else []
    return f'"${{launch[@]}}" "${{benchnn[@]}}" {shlex.join(words)}'


def filled(template: str, values: Mapping[str, str], name: str = TEMPLATE.name) -> str:
    """Fill the places of a template; values are not scanned for places.

    Parameters
    ----------
    template
        Text with places such as ``{{out}}``.
    values
        Text for each name, quoted for its place.
    name
        Name of the template, for messages.

    Raises
    ------
    InputError
        If the template has a place without a value, or lacks the place of a value.
    """
    places = set(PLACE.findall(template))
    known = ", ".join(sorted(values))
    if places - set(values):
        unknown = sorted(places - set(values))[0]
        raise InputError(f"template {name}: {{{{{unknown}}}}} is unknown; the placeholders are {known}")
    if set(values) - places:
        missing = sorted(set(values) - places)[0]
        raise InputError(f"template {name}: {{{{{missing}}}}} is missing; the placeholders are {known}")
    return PLACE.sub(lambda match: values[match[1]], template)


def read_template(path: str | None) -> str:
    """Read the user's own template, or the template of benchnn.

    Raises
    ------
    InputError
        If the file cannot be read.
    """
    try:
        return TEMPLATE.read_text(encoding="utf-8") if path is None else Path(path).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        why = error.strerror if isinstance(error, OSError) else "not a text file"
        raise InputError(f"cannot read --template {path}: {why}") from error
