"""The marked code blocks of a page, and commands in a shorter form for tests.

A comment before a fenced block says how the block is used:

``<!-- commands -->``
    Shell commands that run one after the other. Lines ``pip install ...`` at the head say what they need.
``<!-- prints -->``
    Lines that the block before prints, in this order; ``...`` stands for lines that are left out.
``<!-- example -->``
    Python code, which knows the names of the examples before it on the page.
``<!-- file: NAME -->``
    A file in the working folder.

Other markers are for tests or steps of continuous integration of their own.
"""

import re
from pathlib import Path
from typing import NamedTuple

MARKED = re.compile(r"<!-- ([^>\n]+) -->\n```(\w*)\n(.*?)```", re.DOTALL)


class Block(NamedTuple):
    """A fenced block with its marker and language."""

    marker: str
    language: str
    text: str

    @property
    def lines(self) -> list[str]:
        """The lines that are not empty."""
        return [line for line in self.text.splitlines() if line.strip()]


def blocks_of(page: Path) -> list[Block]:
    """The marked blocks of a page in their order."""
    return [Block(*found) for found in MARKED.findall(page.read_text())]


def block(page: Path, marker: str) -> Block:
    """The only block with a marker."""
    (found,) = (each for each in blocks_of(page) if each.marker == marker)
    return found


def unmarked(page: Path) -> list[str]:
    """The blocks in a language, which somebody may run, that have no marker."""
    every = re.findall(r"^```(\w+)\n(.*?)^```", page.read_text(), re.DOTALL | re.MULTILINE)
    marked = {(each.language, each.text) for each in blocks_of(page)}
    return [text for language, text in every if (language, text) not in marked]


def shortened(command: str) -> str:
    """The same command for 20 ms after 20 ms of warm-up on a small network.

    A validation needs its seeds and neurons; a dry run of many ranks has a part of the network only.
    """
    if "validate" in command.split():
        return re.sub(r"--time \d+", "--time 100 --warmup 50", command)
    command = re.sub(r" --warmup \d+", "", command)
    # The time limit of a job has colons.
    command = re.sub(r"--time \d+(?![\d:])", "--time 20 --warmup 20", command)
    command = re.sub(r"\bscale=0\.\d+", "scale=0.02", command)
    return re.sub(r"--checkpoint-every \d+", "--checkpoint-every 20", command)


def missing_lines(shown: Block, printed: str) -> list[str]:
    """The lines of a block that were not printed in this order."""
    rest, missing = iter([line.rstrip() for line in printed.splitlines()]), []
    for line in shown.lines:
        if line.strip() != "..." and not any(line.rstrip() == found for found in rest):
            missing.append(line)
            rest = iter([line.rstrip() for line in printed.splitlines()])
    return missing
