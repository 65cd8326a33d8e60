"""Every command and every example of the guides runs, in the order of the page, and prints what the page shows.

Commands simulate a small network for 20 ms instead of what they are shown with, except those whose output is shown.
"""

import contextlib
import io
from itertools import pairwise
from pathlib import Path

import pytest
from environments import ROOT, installed_by
from page_blocks import Block, block, blocks_of, missing_lines, shortened, unmarked

GUIDES = sorted((ROOT / "docs" / "guides").glob("*.md"))
EMPTY = Block("", "", "")
ELSEWHERE = ("wheels", "container", "submit")
"""Blocks that continuous integration, `test_containers.py` and `tests/slurm` use."""


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_every_command_and_every_example_of_a_guide_runs(page, run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("MPLBACKEND", "agg")
    names: dict = {}
    printed = ""
    for now, after in pairwise([*blocks_of(page), EMPTY]):
        kind, _, name = now.marker.partition(": ")
        if kind == "file":
            Path(name).write_text(now.text)
        elif kind == "commands":
            installed = installed_by(now.lines)
            commands = [line for line in now.lines if not line.startswith("pip install ")]
            short = commands if after.marker == "prints" else [shortened(line) for line in commands]
            printed = "".join(run(line, installed).stdout for line in short)
        elif kind == "example":
            output = io.StringIO()
            with contextlib.redirect_stdout(output):
                exec(compile(now.text, f"{page.name}: {now.text[:40]}", "exec"), names)  # noqa: S102 - our own page
            printed = output.getvalue()
        elif kind == "prints":
            assert not missing_lines(now, printed), printed
        else:
            assert kind in ELSEWHERE, f"{page.name} has a block with an unknown marker {now.marker!r}"


@pytest.mark.parametrize("page", GUIDES, ids=lambda page: page.stem)
def test_every_block_of_a_guide_has_a_marker(page):
    assert unmarked(page) == []


def test_continuous_integration_installs_from_a_folder_of_wheels():
    assert block(ROOT / "docs" / "guides" / "cluster.md", "wheels").lines
    assert "block wheels docs/guides/cluster.md" in (ROOT / ".ci" / "run").read_text()


def test_lines_that_are_missing_or_in_another_order_are_found():
    shown = Block("prints", "", "a  1\n...\nb  2\n")
    assert missing_lines(shown, "head\na  1\nx\nb  2 \nend\n") == []
    assert missing_lines(shown, "b  2\na  1\n") == ["b  2"]
    assert missing_lines(shown, "a  1\nb  3\n") == ["b  2"]
