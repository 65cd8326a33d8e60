"""The commands of the documents run, one after the other in one folder, and yield what the text says."""

import re
import shlex
from pathlib import Path

ROOT = Path(__file__).parents[3]


def blocks(document, marker):
    return re.findall(rf"<!-- {marker} -->\n```\w+\n(.*?)```", (ROOT / document).read_text(), re.DOTALL)


def run_all(benchnn, commands):
    finished = []
    for command in commands:
        program, *words = shlex.split(command)
        assert program == "benchnn"
        finished.append(benchnn(*words))
        assert finished[-1].code == 0 and finished[-1].out, finished[-1].err
    return finished


def test_the_page_runs_from_top_to_bottom(benchnn, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    commands = [line for block in blocks("docs/results.md", "commands") for line in block.splitlines()]
    added = run_all(benchnn, commands)[2]
    assert added.out == "results/results.sqlite: 2 added\n"
    (example,) = blocks("docs/results.md", "example")
    names: dict = {}
    exec(compile(example, "results.md", "exec"), names)  # noqa: S102 - the documents are ours
    assert [row[:2] for row in names["rows"]] == [("brunel", 1), ("brunel", 2)]
    assert names["precision"] == [("float32",), ("float32",)]
