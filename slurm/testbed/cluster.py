"""Start and stop the daemons of a testbed."""

import os
import shutil
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from types import TracebackType

from slurm.testbed.configuration import CONFIGURATION, MUNGE_FILES, NODES, write_configuration
from slurm.testbed.processes import end, mark, marked

PROGRAMS = ("munged", "slurmctld", "slurmd", "sbatch", "srun", "scontrol", "squeue", "scancel", "sinfo")
START_S = 30.0
"""Time limit until the nodes are idle, s; on two cores it takes 2 to 5 s."""
COMMAND_S = 20.0
"""Time limit of a Slurm client, s."""
CANCEL_S = 8.0
"""Time limit for Slurm to end its jobs, s, before their processes are killed."""
LOG_TAIL = 15
OVER = ("COMPLETED", "FAILED", "CANCELLED", "TIMEOUT", "NODE_FAIL", "OUT_OF_MEMORY")


class TestbedError(RuntimeError):
    """A testbed could not be started or does not answer; quotes its logs."""

    __test__ = False


def unusable_because() -> str | None:
    """Why no testbed can be started here; None if one can."""
    missing = [name for name in PROGRAMS if _program(name) is None]
    if missing:
        return f"not installed: {', '.join(missing)} (Debian: slurmctld, slurmd, slurm-client, munge)"
    return None if os.getuid() == 0 else "only root can start the daemons of Slurm"


class Testbed:
    """Context manager of a Slurm cluster in one folder, with the nodes n1 and n2 and the partition ``batch``.

    Parameters
    ----------
    folder
        An empty or new folder for all files: configuration, key, sockets, logs and state.
    """

    # Not a class of tests, despite its name.
    __test__ = False

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder).resolve()
        self._started: list[subprocess.Popen[bytes]] = []

    @property
    def environment(self) -> dict[str, str]:
        """Additional environment variables of the clients of this cluster."""
        # Slurm's plug-ins need symbols that are resolved lazily.
        return {"SLURM_CONF": str(self.folder / CONFIGURATION), "LD_BIND_NOW": ""}

    def up(self) -> None:
        """Start the daemons and wait until both nodes are idle.

        Raises
        ------
        TestbedError
            If the folder is not empty, or the daemons do not start; no process is left running.
        """
        why = unusable_because()
        if why is not None:
            raise TestbedError(why)
        self.folder.mkdir(parents=True, exist_ok=True)
        if any(self.folder.iterdir()):
            raise TestbedError(f"{self.folder} is not empty; a testbed needs an empty folder")
        configuration = str(write_configuration(self.folder))
        try:
            files = [f"--{option}={self.folder / name}" for option, name in MUNGE_FILES.items()]
            self._start("munged", "--foreground", "--force", *files)
            self._wait("munged to listen", (self.folder / MUNGE_FILES["socket"]).exists)
            self._start("slurmctld", "-D", "-c", "-i", "-f", configuration)
            for node in NODES:
                self._start("slurmd", "-D", "-f", configuration, "-N", node)
            self._wait("both nodes to be idle", self._idle)
        except BaseException:
            self.down()
            raise

    def down(self) -> None:
        """Cancel all jobs and end all processes of the testbed; its files are kept.

        Raises
        ------
        TestbedError
            If a process survives.
        """
        if marked(self.folder):
            self._cancel_jobs()
        survivors = end(self.folder)
        for process in self._started:
            process.wait(COMMAND_S)
        self._started.clear()
        if survivors:
            raise TestbedError(f"these processes of the testbed {self.folder} survived: {survivors}")

    def client(self, *command: str, timeout: float = COMMAND_S) -> subprocess.CompletedProcess[str]:
        """Run a client such as ``squeue`` without checking its exit code."""
        return subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=False,
            timeout=timeout,
            stdin=subprocess.DEVNULL,
            env={**os.environ, **self.environment},
        )

    def job(self, number: int | str) -> dict[str, str]:
        """The fields of ``scontrol show job``: JobState, ExitCode, Restarts, ...

        Raises
        ------
        TestbedError
            If Slurm does not know the job.
        """
        shown = self.client("scontrol", "show", "job", "--oneliner", str(number))
        if shown.returncode != 0:
            raise TestbedError(f"job {number}: {shown.stderr.strip()}")
        pairs = (word.partition("=") for word in shown.stdout.splitlines()[0].split())
        return {name: value for name, _, value in pairs}

    def wait(self, number: int | str, seconds: float = 120.0) -> dict[str, str]:
        """Wait until a job has ended, including its restarts, and return its fields as `job` does.

        Raises
        ------
        TestbedError
            If it takes longer; the message quotes the logs.
        """
        deadline = time.monotonic() + seconds
        while (state := self.job(number))["JobState"] not in OVER:
            if time.monotonic() > deadline:
                raise TestbedError(f"job {number} is {state['JobState']} after {seconds:g} s\n{self.logs()}")
            time.sleep(0.2)
        return state

    def logs(self) -> str:
        """The end of every log."""
        parts = []
        for path in sorted(self.folder.glob("*.log")):
            lines = path.read_text(errors="replace").splitlines()[-LOG_TAIL:]
            parts.append("\n".join([f"--- {path.name}", *lines]))
        return "\n".join(parts)

    def __enter__(self) -> "Testbed":
        self.up()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.down()

    def _start(self, name: str, *arguments: str) -> None:
        """Start a daemon in the foreground, apart from the terminal, so that Ctrl-C does not reach it."""
        label = f"{name}-{arguments[-1]}" if name == "slurmd" else name
        # Slurm's log contains the rest.
        with open(self.folder / f"{label}.stderr.log", "wb") as log:
            process = subprocess.Popen(
                [str(_program(name)), *arguments],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=self.folder,
                env={**os.environ, **self.environment, **mark(self.folder)},
                start_new_session=True,
            )
        self._started.append(process)

    def _wait(self, what: str, ready: Callable[[], bool]) -> None:
        deadline = time.monotonic() + START_S
        while not ready():
            ended = [process.args for process in self._started if process.poll() is not None]
            if ended or time.monotonic() > deadline:
                why = f"{ended[0][0]} ended" if ended else f"waited {START_S:g} s"  # type: ignore[index, str-bytes-safe]
                raise TestbedError(f"the testbed did not start: expected {what}, but {why}\n{self.logs()}")
            time.sleep(0.1)

    def _idle(self) -> bool:
        shown = self.client("sinfo", "--noheader", "--Node", "--format=%T")
        return shown.returncode == 0 and shown.stdout.split() == ["idle"] * len(NODES)

    def _cancel_jobs(self) -> None:
        """Let Slurm end its jobs; remaining processes are ended together with the daemons."""
        try:
            deadline = time.monotonic() + CANCEL_S
            self.client("scancel", "--user=root", timeout=CANCEL_S)
            while self.client("squeue", "--noheader", timeout=CANCEL_S).stdout.strip() and time.monotonic() < deadline:
                time.sleep(0.2)
        except subprocess.TimeoutExpired:
            return


def _program(name: str) -> str | None:
    """Path of a program; daemons are in folders that only the PATH of root contains."""
    return shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin:/sbin")
