"""Which sources decide what a module does."""

import os
import sys

import pytest

from simcore.errors import InputError
from simcore.registry.files import failures_named, import_file, import_file_once, sources_of, sources_sha256


@pytest.fixture(autouse=True)
def search_path(monkeypatch):
    """The folders of the files that a test imports are searched no longer than the test runs."""
    monkeypatch.setattr(sys, "path", list(sys.path))


@pytest.fixture
def write(tmp_path):
    """Write files by their paths: ``write({"a.py": "import b"})``."""

    def call(contents):
        for name, content in contents.items():
            (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
            (tmp_path / name).write_text(content)
        return tmp_path

    return call


def test_a_module_of_a_package_is_made_of_the_package(write):
    folder = write(
        {
            "p/__init__.py": "",
            "p/a/__init__.py": "",
            "p/a/cpu.py": "",
            "p/b.toml": "",
            "p/a/gpu.cu": "",
            "p/data.h5": "",
        }
    )
    assert sorted(sources_of(folder / "p/a/cpu.py")) == [
        "p/__init__.py",
        "p/a/__init__.py",
        "p/a/cpu.py",
        "p/a/gpu.cu",
        "p/b.toml",
    ]


def test_a_module_beside_others_is_made_of_what_it_imports(write):
    folder = write(
        {
            "mine.py": "import numpy\ndef f():\n    from shared import x\n",
            "shared.py": "import mine, deep.deeper\n",
            "deep/__init__.py": "",
            "deep/deeper.py": "",
            "other.py": "",
            "gpu.cu": "",
        }
    )
    assert sorted(sources_of(folder / "mine.py")) == [
        "deep/__init__.py",
        "deep/deeper.py",
        "gpu.cu",
        "mine.py",
        "shared.py",
    ]


def test_packages_where_distributions_are_installed_belong_to_others(write):
    folder = write(
        {"mine.py": "import shared, deep", "shared.py": "", "deep/__init__.py": "", "x-1.dist-info/RECORD": ""}
    )
    assert sorted(sources_of(folder / "mine.py")) == ["mine.py", "shared.py"]


def test_the_hash_sees_every_edit_and_name_but_not_the_place(write, tmp_path):
    folder = write({"one/mine.py": "import shared", "one/shared.py": "A = 1", "two/mine.py": "import shared"})
    first = sources_sha256(sources_of(folder / "one/mine.py"))
    write({"two/shared.py": "A = 1"})
    assert sources_sha256(sources_of(folder / "two/mine.py")) == first
    write({"two/shared.py": "A = 2"})
    assert sources_sha256(sources_of(folder / "two/mine.py")) != first
    (folder / "two/shared.py").unlink()
    assert sources_sha256(sources_of(folder / "two/mine.py")) != first


def test_a_file_is_imported_once_and_tried_again_after_a_failure(write):
    folder = write({"thing.py": "raise KeyError('x')"})
    with pytest.raises(InputError, match=r"thing\.py, line 1: KeyError"):
        import_file_once(folder / "thing.py", "mapper file")
    write({"thing.py": "A = []"})
    first = import_file_once(folder / "thing.py", "mapper file")
    assert import_file_once(folder / "." / "thing.py", "mapper file") is first


def test_a_file_that_is_not_there_is_named(tmp_path):
    with pytest.raises(InputError, match=r"mapper file '.*absent.py' does not exist"):
        import_file_once(tmp_path / "absent.py", "mapper file")


def test_what_has_no_file_of_its_own_fails_in_one_sentence_too():
    import functools

    from simcore.registry.files import failures_of

    with pytest.raises(InputError, match="KeyError: 'no'"), failures_of(functools.partial(print)):
        raise KeyError("no")
    with pytest.raises(KeyError), failures_of(InputError):
        raise KeyError("a fault of the program")


def test_packages_may_import_their_neighbours_and_names_may_be_texts(write):
    folder = write(
        {
            "mine.py": "import importlib, deep\nimportlib.import_module('by_name')\n__import__('dotted.name')\n",
            "deep/__init__.py": "import beside_deep",
            "beside_deep.py": "",
            "by_name.py": "",
            "dotted/name.py": "",
            "extension.so": "",
        }
    )
    expected = ["beside_deep.py", "by_name.py", "deep/__init__.py", "dotted/name.py", "mine.py"]
    assert sorted(sources_of(folder / "mine.py")) == expected


def test_our_own_packages_are_no_part_of_a_file_beside_them(write):
    folder = write({"mine.py": "import simcore.network, benchnn", "simcore/__init__.py": "", "benchnn/__init__.py": ""})
    assert list(sources_of(folder / "mine.py")) == ["mine.py"]


@pytest.mark.parametrize(("name", "other"), [("statistics", "a module of Python"), ("numpy", "numpy/__init__.py")])
def test_a_neighbour_named_like_another_module_is_refused(write, name, other):
    folder = write({"mine.py": "import between", "between.py": f"import {name}", f"{name}.py": "X = 1"})
    with pytest.raises(InputError, match=rf"cannot import .*{name}\.py as {name}.*{other}.*rename"):
        import_file(folder / "mine.py", "model file", "mine_of_a_test")


def test_a_neighbour_that_is_not_imported_or_a_plain_folder_may_have_any_name(write):
    folder = write({"mine.py": "import json\nX = json.dumps(1)", "numpy.py": "", "json/data.py": ""})
    module = import_file(folder / "mine.py", "model file", "mine_of_a_test")
    assert module.X == "1"


def test_each_file_gets_the_modules_of_its_own_folder_as_they_are_now(write):
    text = "import values_of_mine\nX = values_of_mine.X"
    folder = write({"a/mine.py": text, "b/mine.py": text})
    for where, value in [("a", 1.5), ("b", 2.5), ("a", 3.5), ("a", 4.5)]:
        write({f"{where}/values_of_mine.py": f"X = {value}"})
        assert value == import_file(folder / where / "mine.py", "model file", "mine_of_a_test").X
    assert not list(folder.rglob("__pycache__"))


@pytest.mark.parametrize(
    ("neighbour", "words"),
    [
        ("A = 1\nB = A / 0\n", "other_of_mine.py, line 2: ZeroDivisionError"),
        ("A = 1\nB = = 0\n", "other_of_mine.py, line 2: invalid syntax"),
        ("import ast\nast.literal_eval('1 +')\n", "other_of_mine.py, line 2: SyntaxError"),
        ("", "mine.py, line 2: ImportError: cannot import name 'missing'"),
    ],
)
def test_failures_are_reported_with_the_innermost_line_of_the_user(write, neighbour, words):
    folder = write({"mine.py": "import json\nfrom other_of_mine import missing\n", "other_of_mine.py": neighbour})
    (folder / "link.py").symlink_to(folder / "mine.py")
    for name in ("mine.py", "link.py"):
        with pytest.raises(InputError, match=words.replace("mine.py, line 2: Imp", f"{name}, line 2: Imp")):
            import_file(folder / name, "model file", "mine_of_a_test")


def test_the_working_folder_is_set_back_also_after_a_failure(write, tmp_path, monkeypatch):
    folder = write({"here/x": "", "mine.py": "", "there/x": ""})
    monkeypatch.chdir(folder / "here")

    def fail():
        os.chdir(folder / "there")
        raise KeyError("x")

    with pytest.raises(InputError), failures_named(folder / "mine.py"):
        fail()
    assert os.getcwd() == str(folder / "here")
