"""Hands a batch script to sbatch."""

import re
import secrets
import shutil
import subprocess
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path

from benchnn.record.folder import made_folder
from simcore.errors import UnavailableError
from simcore.recording.files import replaced_file


def sbatch_program() -> str:
    """Path of sbatch.

    Raises
    ------
    UnavailableError
        If there is none.
    """
    program = shutil.which("sbatch")
    if program is None:
        raise UnavailableError("sbatch is not on PATH: submit where Slurm's client is installed, or use render")
    return program


def submit(
    script: str, folder: Path, array: bool, wait: bool, announce: Callable[[str, Path], None]
) -> int:  # fmt: skip
    """Write a script beside the result, submit it, and perhaps wait for the job.

    Parameters
    ----------
    script
        Its text.
    folder
        Folder of the result, made if need be; what the job prints goes there too.
    array
        Whether it is an array.
    wait
        Wait until the job is over.
    announce
        Called with the job's id and the path of the script.

    Returns
    -------
    int
        The exit code of the job if it was waited for; 0 otherwise.

    Raises
    ------
    InputError
        If the folder cannot be written to.
    UnavailableError
        If there is no sbatch, or it refuses the job; then no script is left.
    """
    program = sbatch_program()
    path = folder.absolute() / f"job-{datetime.now(UTC):%Y%m%dT%H%M%SZ}-{secrets.token_hex(2)}.sh"
    log = str(path.parent).replace("%", "%%") + ("/slurm-%A_%a.out" if array else "/slurm-%j.out")
    command = [program, "--parsable", f"--output={log}", *(["--wait"] if wait else []), str(path)]
    with made_folder(folder):
        with replaced_file(path) as aside:
            aside.write_text(script, encoding="utf-8", errors="surrogateescape")
        code, refusal = _sbatch(command, lambda job: announce(job, path))
        if refusal is not None:
            with suppress(OSError):
                path.unlink()
            raise UnavailableError(f"sbatch refused the job: {refusal}")
    return code


def _sbatch(command: list[str], announce: Callable[[str], None]) -> tuple[int, str | None]:
    """Exit code of sbatch, and why it refused the job, in its words, or None."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        # With --wait, sbatch tells the id at once and goes on.
        job = process.stdout.readline().strip().partition(";")[0]
        taken = re.fullmatch(r"\d+", job) is not None
        if taken:
            announce(job)
        _, complaint = process.communicate()
    if taken:
        return process.returncode, None
    return process.returncode, " ".join(complaint.split()) or f"exit code {process.returncode}"
