"""The API reference: every name on its pages has a docstring that states arguments, results and errors."""

import ast
import importlib
import inspect
import re
import textwrap
from pathlib import Path

import pytest

import benchnn
import simcore

API = Path(__file__).parents[1] / "docs" / "api"
DIRECTIVE = re.compile(r"^\.\. auto(module|class):: (\S+)\n((?: +.*\n)*)", re.MULTILINE)
SECTION = re.compile(r"^(\w[\w ]*)\n-{3,}\n(.*?)(?=^\S[^\n]*\n-{3,}$|\Z)", re.DOTALL | re.MULTILINE)
CHECKS = ("choice", "integer", "number", "require", "truth")
"""Functions of `simcore.errors` that raise an InputError."""
DATA_TYPE = re.compile(r"\b(u?int\d+|float\d+|bool|integers|numbers|in the type of the state)\b", re.IGNORECASE)
ARRAY_LIKE = ("Sequence", "Iterable", "float |")
"""Annotations of arguments that accept more than arrays: any numbers will do."""
ERRORS = ("InputError", "KeywordError", "ResourceError", "UnavailableError", "WriteError")


def documented():
    """Every function and class on the pages of the reference, and every method that it shows, by its full name."""
    found = {}
    for page in sorted(API.glob("*.md")):
        for kind, name, options in DIRECTIVE.findall(page.read_text()):
            if kind == "class":
                module, _, own = name.rpartition(".")
                found[name] = getattr(importlib.import_module(module), own)
                continue
            module = importlib.import_module(name)
            listed = re.search(r":members:(.*?)(?=^ +:|\Z)", options, re.DOTALL | re.MULTILINE)[1]
            for own in re.findall(r"\w+", listed) or module.__all__:
                if callable(getattr(module, own)):
                    found[f"{name}.{own}"] = getattr(module, own)
    return found | {f"{name}.{own}": method for name, value in found.items() for own, method in methods(value)}


def methods(value):
    """Name and function of the public methods of a class, those of its bases in the project included."""
    if not inspect.isclass(value):
        return
    for base in value.__mro__:
        if base.__module__.split(".")[0] not in ("simcore", "benchnn"):
            continue
        for name, method in vars(base).items():
            function = inspect.unwrap(getattr(method, "__func__", method))
            # An override says what its base says: without a docstring it has that of the base.
            field = name in getattr(base, "__dataclass_fields__", {})
            if inspect.isfunction(function) and function.__doc__ and not field and not name.startswith("_"):
                yield name, function


REFERENCE = documented()


def sections(value):
    return dict(SECTION.findall(inspect.getdoc(value) or ""))


def entries(section):
    """Name -> description of the entries of a section."""
    found, names = {}, []
    for line in section.splitlines():
        if line and not line[0].isspace():
            names = [name.strip(" *") for name in line.partition(":")[0].split(",")]
        found |= {name: f"{found.get(name, '')} {line.strip()}" for name in names}
    return found


def makers(value):
    """The functions that run when a function or a class is called."""
    if not inspect.isclass(value):
        return [value]
    own = [vars(value).get(name) for name in ("__init__", "__new__", "__post_init__")]
    return [inspect.unwrap(function) for function in own if inspect.isfunction(function)]


def raises(value):
    """Whether the source of a function, or of what makes a class, raises an error of the simulator."""
    for function in makers(value):
        try:
            tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
        except OSError:  # made by dataclass
            continue
        calls = [node.func.id for node in ast.walk(tree) if isinstance(node, ast.Call) and hasattr(node.func, "id")]
        if any(name in CHECKS for name in calls) or any(f"raise {name}" in ast.unparse(tree) for name in ERRORS):
            return True
    return False


def arguments(value):
    """Name -> annotation of the arguments, without those that Python passes itself."""
    if inspect.isclass(value) and (issubclass(value, BaseException) or getattr(value, "_is_protocol", False)):
        return {}
    parameters = inspect.signature(value).parameters
    return {name: str(one.annotation) for name, one in parameters.items() if name not in ("self", "cls")}


@pytest.mark.parametrize("name", REFERENCE)
def test_a_docstring_states_arguments_results_and_errors(name):
    value = REFERENCE[name]
    stated = sections(value)
    assert inspect.getdoc(value), "no docstring"
    described = entries(stated.get("Parameters", "")) | entries(stated.get("Attributes", ""))
    assert [one for one in arguments(value) if one not in described] == [], "arguments without a description"
    if not inspect.isclass(value):
        returned = inspect.signature(value).return_annotation
        nothing = returned in (None, "None", inspect.Signature.empty)
        assert nothing or "Returns" in stated or "Yields" in stated, "no section Returns"
    assert not raises(value) or "Raises" in stated, "no section Raises"


@pytest.mark.parametrize("name", REFERENCE)
def test_a_docstring_states_the_shapes_of_arrays(name):
    value = REFERENCE[name]
    stated = sections(value)
    described = entries(stated.get("Parameters", "")) | entries(stated.get("Attributes", ""))
    arrays = [one for one, annotation in arguments(value).items() if "ndarray" in annotation]
    assert [one for one in arrays if "shape" not in described[one].lower()] == []
    if not inspect.isclass(value) and "ndarray" in str(inspect.signature(value).return_annotation):
        assert "shape" in (stated.get("Returns", "") + stated.get("Yields", "")).lower()


@pytest.mark.parametrize("name", REFERENCE)
def test_a_docstring_states_the_data_types_of_arrays(name):
    value = REFERENCE[name]
    stated = sections(value)
    described = entries(stated.get("Parameters", "")) | entries(stated.get("Attributes", ""))
    arrays = {one for one, annotation in arguments(value).items() if "ndarray" in annotation}
    only_arrays = {one for one in arrays if not any(word in arguments(value)[one] for word in ARRAY_LIKE)}
    assert [one for one in sorted(only_arrays) if not DATA_TYPE.search(described[one])] == []
    if not inspect.isclass(value) and "ndarray" in str(inspect.signature(value).return_annotation):
        assert DATA_TYPE.search(stated.get("Returns", "") + stated.get("Yields", ""))


def test_everything_that_users_import_is_in_the_reference():
    pages = {id(value) for value in REFERENCE.values()}
    for package in (simcore, benchnn):
        values = {name: getattr(package, name) for name in package.__all__}
        missing = [name for name, value in values.items() if callable(value) and id(value) not in pages]
        assert missing == []


def test_the_site_is_built_by_the_command_that_is_documented():
    root = API.parents[1]
    (command,) = re.findall(
        r"<!-- docs command -->\n```sh\n.* && python (.*)\n```", (root / "CONTRIBUTING.md").read_text()
    )
    assert command.replace("sphinx", "sphinx -q", 1) in (root / ".ci" / "run").read_text()
