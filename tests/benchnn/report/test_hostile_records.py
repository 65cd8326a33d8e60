"""Texts and names of a record that are written to be more than text: on a page, in a table, in a picture."""

import json
import re
from pathlib import Path

import pytest

from benchnn.report.making import _section
from benchnn.report.page import to_html
from benchnn.report.sources import read_source
from benchnn.report.style import drawing

TEXT = '<script>alert(1)</script>"><img src=x onerror=alert(1)>\x1b]52;c;aGk=\x07\x1b[2J\x9b31m\u202e\r\n$\\frac{$'
RECORDS = {
    "run": "result.json",
    "series": "scaling.json",
    "comparison": "comparison.json",
    "validation": "validation.json",
}
KEPT = ("schema_version", "run_id", "result", "folder", "started_utc")
"""Keys without which a record is that of nothing."""


def hostile(value, key=""):
    """The value with every text, and every name that is not the program's, replaced."""
    if isinstance(value, dict):
        named = key in ("parameters", "grown", "reasons", "lower_bounds", "packages")
        return {(f"{TEXT}{name}" if named else name): hostile(entry, name) for name, entry in value.items()}
    if isinstance(value, list):
        return [hostile(entry, key) for entry in value]
    return TEXT if isinstance(value, str) and key not in KEPT else value


def assert_harmless(text):
    assert not re.search(r"<script|<img src=x|onerror=alert\(1\)>", text)
    assert not [letter for letter in text if not letter.isprintable() and letter not in "\n\t"]


@pytest.mark.parametrize("name", RECORDS)
def test_pages_show_texts_and_obey_none(copied, name):
    folder = copied(name)
    path = folder / RECORDS[name]
    path.write_text(json.dumps(hostile(json.loads(path.read_text()))))
    with drawing():
        page = to_html([_section(read_source(folder), None)])
    assert "&lt;script&gt;alert(1)" in page
    assert_harmless(page)


def test_tables_show_texts_and_obey_none(copied, benchnn):
    folder = copied("run")
    path = folder / "result.json"
    path.write_text(json.dumps(hostile(json.loads(path.read_text()))))
    database = Path(folder, "d.sqlite")
    assert benchnn("results", "add", folder, "--database", database).code == 0
    run = json.loads(path.read_text())["run_id"]
    shows = (
        *(("list",), ("list", "--csv"), ("list", "--json"), ("list", "--columns", "model.name,backend.name")),
        *(("show", run), ("show", run, "--json"), ("regressions",), ("compare", f"{folder}/", run), ("remove", run)),
    )
    for arguments in shows:
        finished = benchnn("results", *arguments, "--database", database)
        assert finished.code in (0, 1) and "Traceback" not in finished.err, arguments
        assert not [c for c in (finished.out + finished.err).replace("\r\n", "\n") if not c.isprintable() and c != "\n"]
