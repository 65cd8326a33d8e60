"""The lists of quick tests and of long files name files and tests that exist."""

import runpy
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
LISTS = runpy.run_path(str(TESTS / "conftest.py"))
QUICK, LONG = LISTS["QUICK"], LISTS["LONG"]


@pytest.mark.parametrize("name", QUICK + LONG)
def test_each_name_is_that_of_one_file_or_of_a_test_in_it(name):
    file, _, test = name.partition("::")
    paths = [path for path in TESTS.rglob("test_*.py") if path.as_posix().endswith(f"/{file}")]
    assert len(paths) == 1
    assert not test or f"\ndef {test}(" in paths[0].read_text()


def test_each_name_is_listed_once():
    assert len(set(QUICK)) == len(QUICK) and len(set(LONG)) == len(LONG)
