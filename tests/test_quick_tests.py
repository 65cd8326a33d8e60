"""The list of the quick tests names test files that exist."""

import runpy
from pathlib import Path

import pytest

TESTS = Path(__file__).parent
QUICK = runpy.run_path(str(TESTS / "conftest.py"))["QUICK"]


@pytest.mark.parametrize("name", QUICK)
def test_each_name_is_that_of_one_file(name):
    assert len([path for path in TESTS.rglob("test_*.py") if path.as_posix().endswith(f"/{name}")]) == 1


def test_each_name_is_listed_once():
    assert len(set(QUICK)) == len(QUICK)
