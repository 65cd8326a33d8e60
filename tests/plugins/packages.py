"""Packages with plug-ins, installed by pip or made up, and programs that run with them."""

import re
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "extending.md").read_text()
OWN_FILE, OWN_FILES = "mine.py", ("mine.py", "gpu.cu")


def shown_files():
    """Path and content of every file that the page shows."""
    return dict(re.findall(r"<!-- file: (\S+) -->\n```\w+\n(.*?)```", PAGE, re.DOTALL))


def install(folder, site):
    """Install the package in a folder into another one, without a network."""
    options = ("--no-deps", "--no-build-isolation", "--no-index", "--quiet", "--upgrade", "--target", site)
    command = [sys.executable, "-m", "pip", "--disable-pip-version-check", "install", *options, folder]
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr


def offer(site, distribution, version, group, entries):
    """What importlib.metadata finds of an installed distribution: its name, version and entry points."""
    folder = site / f"{distribution.replace('-', '_')}-{version}.dist-info"
    folder.mkdir(parents=True)
    (folder / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {distribution}\nVersion: {version}\n")
    # An entry without a location is a malformed line.
    lines = "".join(f"{name} = {location}\n" if location else f"{name}\n" for name, location in entries.items())
    (folder / "entry_points.txt").write_text(f"[{group}]\n{lines}")


@dataclass(frozen=True)
class Ended:
    """A program that has ended."""

    code: int
    out: str
    err: str

    @property
    def refusal(self):
        """Its last line, of a command that refused its input."""
        assert (self.code, self.out) == (2, "") and "Traceback" not in self.err, self.err
        return self.err.splitlines()[-1]
