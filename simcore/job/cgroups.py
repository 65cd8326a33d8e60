"""Control groups that limit this process."""

from collections.abc import Iterator
from pathlib import Path

CGROUPS = Path("sys/fs/cgroup")
MEMBERSHIPS = Path("proc/self/cgroup")


def cgroup_folders(controller: str, root: Path, memberships: Path) -> Iterator[tuple[Path, int]]:
    """Yield the folders of this process's group and all its ancestors, each with its version (1 or 2).

    A limit can be set at any of them: Slurm limits a job at the job's folder, systemd a user at a slice, and a
    container sees the folder with its limit as the root. Folders need not exist.

    Parameters
    ----------
    controller
        Name of the controller, such as ``memory`` or ``cpu``.
    root
        Mount point of the groups, usually ``/sys/fs/cgroup``.
    memberships
        File with the groups of the process, usually ``/proc/self/cgroup``.
    """
    try:
        lines = memberships.read_text(errors="surrogateescape").splitlines()
    except OSError:
        return
    for line in lines:
        _, first, rest = line.partition(":")
        controllers, second, path = rest.partition(":")
        if not (first and second) or (controllers and controller not in controllers.split(",")):
            continue
        if controllers:
            version, top = 1, root / controller
        else:
            # If both versions are in use, version 2 has a separate folder.
            version, top = 2, root / "unified" if (root / "unified").is_dir() else root
        folder = top / path.lstrip("/")
        while True:
            yield folder, version
            if folder in (top, folder.parent):
                break
            folder = folder.parent
