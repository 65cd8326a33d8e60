"""Models of the user's own: files that are imported, and what is said when they fail."""

import sys

import pytest

from benchnn.model_source import describe_network, find_model, parameter_values
from simcore.errors import InputError

HEAD = "from simcore.network import Network, Population\n"


@pytest.fixture
def model_file(tmp_path, monkeypatch):
    """Write a Python file and return its path."""
    monkeypatch.setattr(sys, "path", list(sys.path))

    def write(text, name="own.py"):
        (tmp_path / name).write_text(text)
        return str(tmp_path / name)

    return write


def test_registered_models():
    model = find_model("pd14")
    assert model.label == "pd14" and not model.own
    assert model.parameters["scale"].default == 1.0
    assert len(model.digest) == 64


def test_a_file(model_file):
    path = model_file(HEAD + "def net(n: int, k=2):\n    return Network([Population('A', n * k)])\n")
    model = find_model(f"{path}:net")
    assert (model.name, model.label, model.own) == (f"{path}:net", "net", True)
    values = parameter_values(model, {"n": "3"}, {"n": 4, "k": 5})
    assert values == {"n": 3, "k": 5}
    assert describe_network(model, values).n_neurons == 15


def test_a_missing_parameter(model_file):
    model = find_model(model_file(HEAD + "def net(n: int):\n    return Network([Population('A', n)])\n") + ":net")
    with pytest.raises(InputError, match=r"parameter n is missing: .* --param n=VALUE"):
        parameter_values(model, {}, {})


def test_a_file_may_import_its_neighbours_and_declare_dataclasses(model_file):
    model_file("SIZE = 7\n", "sizes_of_mine.py")
    path = model_file(
        "from __future__ import annotations\n"
        + HEAD
        + "from dataclasses import dataclass\nimport sizes_of_mine\n\n@dataclass\nclass Size:\n    n: int = 7\n\n"
        "def net(factor: float | None = None):\n    return Network([Population('A', Size(sizes_of_mine.SIZE).n)])\n"
    )
    model = find_model(f"{path}:net")
    assert describe_network(model, parameter_values(model, {"factor": "2"}, {})).n_neurons == 7


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("x = 1\ny = = 2\n", "own.py, line 2: invalid syntax"),
        ("import no_such_module_at_all\n", "own.py, line 1: ModuleNotFoundError"),
        ("import sys\nsys.exit('bye')\n", "own.py, line 2: SystemExit: bye"),
        ("def net(a: Undefined):\n    pass\n", "NameError"),
        ("def net():\n    x = 1\n    return x / 0\n", "own.py, line 3: ZeroDivisionError"),
        ("def net(n: int = 3):\n    return None\n", "returned NoneType"),
        ("net = 5\n", "is unknown; .*own.py has no functions"),
    ],
)
def test_failures_name_file_and_line(model_file, text, words):
    path = model_file(text)
    with pytest.raises(InputError, match=words):
        describe_network(find_model(f"{path}:net"), {})


def test_wrong_descriptions_are_reported_as_they_are(model_file):
    path = model_file(HEAD + "def net():\n    return Network([Population('A', -1)])\n")
    with pytest.raises(InputError, match=r"^population A.size = -1 is not allowed"):
        describe_network(find_model(f"{path}:net"), {})


def test_nothing_given_is_evaluated(model_file):
    path = model_file(HEAD + "def net(n=3, name: str = 'A'):\n    return Network([Population(name, n)])\n")
    model = find_model(f"{path}:net")
    assert parameter_values(model, {"name": "__import__('os').getcwd()"}, {})["name"] == "__import__('os').getcwd()"
    with pytest.raises(InputError, match="a whole number"):
        parameter_values(model, {"n": "1+1"}, {})


def test_the_digest_is_of_the_file_and_of_the_neighbours_that_it_imports(model_file):
    path = model_file(HEAD + "def net():\n    import sizes_of_mine\n    return Network([Population('A', 1)])\n")
    single = find_model(f"{path}:net").digest
    model_file("SIZE = 7\n", "sizes_of_mine.py")
    model_file("SIZE = 7\n", "of_nobody.py")
    first = find_model(f"{path}:net").digest
    model_file("SIZE = 8\n", "of_nobody.py")
    assert find_model(f"{path}:net").digest == first != single
    model_file("SIZE = 8\n", "sizes_of_mine.py")
    assert find_model(f"{path}:net").digest != first


def test_the_line_is_named_after_the_model_has_changed_the_folder(model_file, tmp_path, monkeypatch):
    model_file("import os\ndef net():\n    os.chdir('/')\n    return 1 / 0\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=r"^own.py, line 4: ZeroDivisionError"):
        describe_network(find_model("own.py:net"), {})
