"""Submit a batch script with sbatch."""

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
    """Return the path of sbatch.

    Raises
    ------
    UnavailableError
        If sbatch is not installed.
    """
    program = shutil.which("sbatch")
    if program is None:
        raise UnavailableError("sbatch is not on PATH; submit on a machine with Slurm, or use benchnn slurm render")
    return program


def submit(
    script: str, folder: Path, array: bool, wait: bool, announce: Callable[[str, Path], None]
) -> int:  # fmt: skip
    """Write a script to the folder of the result, submit it, and optionally wait for the job.

    Parameters
    ----------
    script
        Text of the script.
    folder
        Folder of the result and of the output of the job; made if it does not exist.
    array
        Whether the job is an array.
    wait
        Whether to wait until the job ends.
    announce
        Function that is called with the job's id and the path of the script.

    Returns
    -------
    int
        The exit code of the job with `wait`; 0 otherwise.

    Raises
    ------
    InputError
        If the folder cannot be written to.
    UnavailableError
        If sbatch is not installed, or refuses the job; the script is removed in this case.
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
    """Exit code of sbatch, and its message if it refused the job, or None."""
    pipe = subprocess.PIPE
    with subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=pipe, stderr=pipe, text=True) as process:
        assert process.stdout is not None  # noqa: S101 - it is a pipe
        # With --wait, sbatch prints the id at once and continues.
        job = process.stdout.readline().strip().partition(";")[0]
        taken = re.fullmatch(r"\d+", job) is not None
        if taken:
            announce(job)
        _, complaint = process.communicate()
    if taken:
        return process.returncode, None
    return process.returncode, " ".join(complaint.split()) or f"exit code {process.returncode}"
