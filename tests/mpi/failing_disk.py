"""A disk that fails at the n-th operation below a folder: the plan of `failing_disk.cpp`, and what it has counted."""

import errno
import mmap
import shutil
import struct
import subprocess
from dataclasses import dataclass
from pathlib import Path

SOURCE = Path(__file__).with_suffix(".cpp")
OPERATIONS = ("write", "fsync", "rename", "truncate", "create")
ANY = "any"
ACTIONS = ("error", "short", "signal")
PLAN, COUNTED, PATH = struct.Struct("=5q"), struct.Struct("=7q"), 1024
SIZE = PLAN.size + COUNTED.size + 2 * PATH
NEVER = 0


@dataclass(frozen=True)
class Fault:
    """What happens to the n-th operation.

    Parameters
    ----------
    operation
        One of `OPERATIONS`, or "any".
    action
        "error" (`number` is an errno), "short" (half of what is to be written is), or "signal" (`number` is sent to
        the process, just before).
    number
        Of the error or the signal.
    lasting
        Whether all later operations of the kind are hit too.
    """

    operation: str
    action: str = "error"
    number: int = errno.EIO
    lasting: bool = False


def compiler():
    """The compiler that the library needs; None where there is none."""
    return shutil.which("g++")


class FailingDisk:
    """Faults below a folder in processes that are started with `environment`, also while they run.

    Operations of all processes count together.

    Parameters
    ----------
    scratch
        A folder for the library, the plan and the counts.
    folder
        Files in it, and in folders in it, are concerned; `scratch` is not in it.
    """

    def __init__(self, scratch, folder):
        self.folder = folder
        plan, name = scratch / "plan", str(folder.resolve()).encode()
        assert len(name) < PATH
        plan.write_bytes(bytes(PLAN.size + COUNTED.size) + name.ljust(PATH, b"\0") + bytes(PATH))
        with plan.open("r+b") as file:
            self._shared = mmap.mmap(file.fileno(), SIZE)
        self.environment = {"LD_PRELOAD": str(_compiled(scratch)), "FAILING_DISK": str(plan)}

    def arm(self, fault=None, at=NEVER):
        """Count from 0 again, and hit the operation number `at` (from 1 on), or none."""
        fault = fault or Fault(ANY)
        operation = (*OPERATIONS, ANY).index(fault.operation)
        words = (operation, at, fault.lasting, ACTIONS.index(fault.action), fault.number)
        self._shared[PLAN.size : PLAN.size + COUNTED.size] = bytes(COUNTED.size)
        self._shared[SIZE - PATH :] = bytes(PATH)
        self._shared[: PLAN.size] = PLAN.pack(*words)

    @property
    def counts(self):
        """How many operations of each kind there were."""
        *counts, _ = COUNTED.unpack(self._shared[PLAN.size : PLAN.size + COUNTED.size])
        return dict(zip((*OPERATIONS, ANY), counts, strict=True))

    @property
    def hits(self):
        """How many operations were hit."""
        return COUNTED.unpack(self._shared[PLAN.size : PLAN.size + COUNTED.size])[-1]

    @property
    def first_hit(self):
        """Path of the file whose operation was hit first; empty if none was."""
        return self._shared[SIZE - PATH :].rstrip(b"\0").decode()


def _compiled(folder):
    library = folder / "failing_disk.so"
    flags = ("-O1", "-Wall", "-Wextra", "-Werror", "-std=c++17", "-shared", "-fPIC")
    subprocess.run([compiler(), *flags, "-o", library, SOURCE, "-ldl"], check=True)
    return library
