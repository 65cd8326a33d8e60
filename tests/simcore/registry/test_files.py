"""Which sources decide what a module does."""

import pytest

from simcore.errors import InputError
from simcore.registry.files import import_file_once, sources_of, sources_sha256


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
    with pytest.raises(InputError, match=r"mapper file '.*absent.py' is not there"):
        import_file_once(tmp_path / "absent.py", "mapper file")


def test_what_has_no_file_of_its_own_fails_in_one_sentence_too():
    import functools

    from simcore.registry.files import failures_of

    with pytest.raises(InputError, match="KeyError: 'no'"), failures_of(functools.partial(print)):
        raise KeyError("no")
    with pytest.raises(KeyError), failures_of(InputError):
        raise KeyError("a fault of the program")
