"""``FILE.py:NAME``, wherever a name may be of a user's file."""

from pathlib import Path

import pytest

from simcore.registry.named import name_in_file, network_file, own_file, without_folder


@pytest.mark.parametrize(
    ("text", "file", "name"),
    [
        ("mine.py:net", "mine.py", "net"),
        ("../a b/mine.py:net", "../a b/mine.py", "net"),
        ("a:b/12:30.py:net", "a:b/12:30.py", "net"),
        ("a.py:b/c.py:net", "a.py:b/c.py", "net"),
        ("\udcff/päper.py:net", "\udcff/päper.py", "net"),
        ("'$(x)\n.py:net", "'$(x)\n.py", "net"),
        ("mine.py:", "mine.py", ""),
    ],
)
def test_the_last_colon_divides_file_and_name(text, file, name):
    found = name_in_file(text)
    assert (found.file, found.name) == (Path(file), name)
    assert found.without_folder == without_folder(text) == f"{Path(file).name}:{name}"
    assert name_in_file(str(found)) == found


@pytest.mark.parametrize("text", ["pd14", "", ":", "mine.py", "brian2:runtime", "x.toml", 3, None])
def test_any_other_text_is_no_name_in_a_file(text):
    assert name_in_file(text) is None


def test_other_names_have_no_folder():
    assert without_folder("pd14") == "pd14" and without_folder("a/b.toml") == "a/b.toml"


def test_files_that_hold_networks():
    assert network_file("a/net.nir") == Path("a/net.nir") and without_folder("a/net.nir") == "net.nir"
    assert network_file("net.nir:x") is None and network_file("pd14") is None and network_file(None) is None
    assert own_file("net.nir") and own_file("mine.py:net") and not own_file("pd14")
