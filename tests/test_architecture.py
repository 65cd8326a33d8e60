"""Who may import whom: the authority on the layers, read from the imports of every module, those in functions too."""

import ast
from collections.abc import Iterator, Mapping
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]

# Lowest first. A room may import the rooms before it in this list, in its own line too; a room in parentheses has no
# code yet.
LAYERS = """
simcore: errors job signals propagators random registry memory display distributions exponential values | words, limits
simcore: selection space | names of neurons, where they are
simcore: jit | what compiled kernels are made of
simcore: connectivity drives neurons plasticity recording sources | one file a rule, one folder a model
simcore: network placement quantisation tables parameter_change rounding | the description, its numbers
simcore: synapses comm cpus transforms | tables of synapses, ranks, networks made of drawn ones
simcore: backends checkpoint simulator | the loop
simcore.neuromorphic: wording sheets mapping noc places traffic costs mappers fitting | chips, networks on them
simcore: accelerators | chips that run layers instead of neurons
benchnn: models declared_types networks model_source | the networks, by name or from a file
benchnn: energy simulators record results statistics chips interconnects | meters, peers, records, chips, messages
benchnn: running studies slurm inference accelerators report plot pynn | a run, many runs, jobs, pages
benchnn: doctor commands cli | what a user types
"""

MAY_IMPORT_ONLY = {
    "benchnn.models": ("simcore.network", "simcore.sources", "simcore.registry"),
    "simcore.accelerators": ("simcore.errors", "simcore.neuromorphic.sheets"),
}
"""Rooms that depend on less than their place allows."""

SCRIPTS = ("benchmarks", "docs", "examples", "slurm", "tests")

LOOSE = {"simcore": 16, "benchnn": 6}
"""Most Python files that may stand directly in a package."""


def rooms() -> list[str]:
    """All rooms, lowest first."""
    found = []
    for line in LAYERS.strip().splitlines():
        package, _, names = line.partition(":")
        found += [f"{package}.{name.strip('()')}" for name in names.partition("|")[0].split()]
    return found


def sources() -> dict[str, Path]:
    """Every module of the two packages by its dotted name."""
    found = {}
    for path in (*ROOT.glob("simcore/**/*.py"), *ROOT.glob("benchnn/**/*.py"), *ROOT.glob("models/**/*.py")):
        parts = list(path.relative_to(ROOT).with_suffix("").parts)
        if parts[0] == "models":
            # Installed as a part of benchnn, through a symbolic link.
            parts.insert(0, "benchnn")
        found[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return found


def imports_of(text: str, modules: Mapping[str, object], package: str = "") -> set[str]:
    """The modules among `modules` that a module of a package imports: at its head, in functions, for type checkers."""
    found = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            # Models write `from .. import`, because their package has two names.
            above = ".".join(package.split(".")[: len(package.split(".")) + 1 - node.level]) if node.level else ""
            base = ".".join(part for part in (above, node.module) if part)
            whole = {f"{base}.{alias.name}" for alias in node.names}
            found |= {name if name in modules else base for name in whole}
    return {name for name in found if name in modules}


def names_of(text: str) -> set[str]:
    """The names that a module defines or imports, those for type checkers included."""
    found, pending = set(), [ast.parse(text)]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            found.add(node.name)
            continue
        pending += ast.iter_child_nodes(node)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.Import | ast.ImportFrom):
            found |= {(alias.asname or alias.name).partition(".")[0] for alias in node.names}
    return found


def missing_names(text: str, modules: Mapping[str, set[str]]) -> list[str]:
    """Every name that a script imports from one of the modules, but that does not exist there."""
    missing = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.ImportFrom) and node.module in modules:
            known = modules[node.module]
            missing += [
                f"{node.module}.{alias.name}"
                for alias in node.names
                if alias.name not in known and f"{node.module}.{alias.name}" not in modules
            ]
    return missing


def room_of(module: str, known: list[str]) -> str | None:
    """The room in which a module lies; None for the packages themselves and the program's entry."""
    inside = [room for room in known if f"{module}.".startswith(f"{room}.")]
    return max(inside, key=len, default=None)


def upward_imports(graph: Mapping[str, set[str]], order: list[str]) -> Iterator[str]:
    """Every import of a room that does not come before the importing one."""
    for module, imported in sorted(graph.items()):
        room = room_of(module, order)
        for name in sorted(imported):
            other = room_of(name, order)
            if room is not None and other is not None and order.index(other) > order.index(room):
                yield f"{module} imports {name}, which lies in a higher room"


def circle(graph: Mapping[str, set[str]]) -> list[str] | None:
    """Modules that import each other in a ring; None if there is none."""
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        return list(error.args[1])
    return None


@pytest.fixture(scope="module")
def graph():
    modules = sources()
    found = {}
    for name, path in modules.items():
        package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        found[name] = imports_of(path.read_text(), modules, package) - {name}
    return found


def test_every_module_lies_in_a_room_and_every_room_without_parentheses_exists(graph):
    homeless = [name for name in graph if room_of(name, rooms()) is None]
    packages = {"simcore", "simcore.neuromorphic", "benchnn", "benchnn.__main__"}
    assert set(homeless) == packages
    planned = [word.strip("()") for word in LAYERS.split() if word.startswith("(")]
    empty = [room for room in rooms() if not any(room_of(name, rooms()) == room for name in graph)]
    assert [room.rpartition(".")[2] for room in empty] == planned


def test_no_room_imports_a_higher_one(graph):
    assert list(upward_imports(graph, rooms())) == []


def test_no_modules_import_each_other_in_a_circle(graph):
    assert circle(graph) is None


def test_no_folders_import_each_other_in_a_circle(graph):
    folders: dict[str, set[str]] = {}
    for name, imported in graph.items():
        room = room_of(name, rooms())
        if room is not None:
            folders.setdefault(room, set()).update({room_of(other, rooms()) or room for other in imported} - {room})
    assert circle(folders) is None


def test_simcore_knows_nothing_of_benchnn(graph):
    assert not [name for name in graph if name.startswith("simcore") for to in graph[name] if to.startswith("benchnn")]


def test_models_and_accelerators_depend_on_little(graph):
    for room, allowed in MAY_IMPORT_ONLY.items():
        inside = {name for name in graph if room_of(name, rooms()) == room}
        outside = {other for name in inside for other in graph[name]} - inside
        refused = sorted(name for name in outside if room_of(name, list(allowed)) is None)
        assert not refused, f"{room} imports {refused}"


def test_every_name_that_scripts_and_tests_import_exists():
    # Imports in functions fail only when these are called, and mypy reads neither benchmarks nor tests.
    modules = {name: names_of(path.read_text()) for name, path in sources().items()}
    scripts = [path for folder in SCRIPTS for path in sorted(ROOT.joinpath(folder).rglob("*.py"))]
    assert len(scripts) > 300
    missing = {str(path.relative_to(ROOT)): missing_names(path.read_text(), modules) for path in scripts}
    assert {path: names for path, names in missing.items() if names} == {}


def test_few_files_stand_outside_rooms():
    for package, most in LOOSE.items():
        loose = sorted(path.name for path in ROOT.joinpath(package).glob("*.py"))
        assert len(loose) <= most, f"{package} has {len(loose)} loose files: {', '.join(loose)}"


def test_the_page_on_architecture_names_every_room():
    page = ROOT.joinpath("docs", "architecture.md").read_text()
    missing = [room for room in rooms() if f"`{room.partition('.')[2]}`" not in page]
    assert missing == []


def test_an_upward_import_is_found():
    order = ["p.low", "p.high"]
    assert list(upward_imports({"p.low.a": {"p.high.b"}, "p.high.b": {"p.low.c"}}, order)) == [
        "p.low.a imports p.high.b, which lies in a higher room"
    ]


def test_a_circle_is_found_also_through_an_import_within_a_function():
    modules = dict.fromkeys(("p.a", "p.b"))
    texts = {"p.a": "def f():\n    from p import b\n", "p.b": "import p.a\n"}
    ring = circle({name: imports_of(text, modules) for name, text in texts.items()})
    assert ring is not None and set(ring) == {"p.a", "p.b"}


def test_a_missing_name_is_found_also_in_a_function():
    modules = {"p": {"a"}, "p.b": {"c"}}
    assert missing_names("from p import a, b\ndef f():\n    from p.b import d\n", modules) == ["p.b.d"]
