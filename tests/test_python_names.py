"""Names of `import simcore`: every part of a description, on use, with keywords that are checked."""

import ast
import inspect
import pickle
from dataclasses import is_dataclass
from pathlib import Path

import pytest

import simcore
from simcore import errors, network
from simcore.drives import Drive
from simcore.errors import InputError, KeywordError

SOURCE = Path(simcore.__file__).read_text()


def names_for_type_checkers():
    block = next(node for node in ast.parse(SOURCE).body if isinstance(node, ast.If))
    return {alias.name: node.module for node in block.body for alias in node.names}


def test_type_checkers_and_interpreters_find_the_same_names_in_the_same_modules():
    assert names_for_type_checkers() == simcore._LOCATIONS
    assert sorted(simcore.__all__) == sorted(simcore._LOCATIONS)


def test_every_name_is_there_and_is_completed():
    assert [name for name in simcore.__all__ if getattr(simcore, name).__name__ != name] == []
    assert set(simcore.__all__) <= set(dir(simcore))


def test_everything_of_a_description_is_at_the_top():
    described = set(network.__all__) - {"require"}
    assert described <= set(simcore.__all__)


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute 'Netwrok'"):
        simcore.Netwrok  # noqa: B018


CALLED = [
    name
    for name in simcore.__all__
    if name not in ("Edges", "Propagation")  # what the program makes
    and (inspect.isfunction(getattr(simcore, name)) or is_dataclass(getattr(simcore, name)))
]


@pytest.mark.parametrize("name", [*CALLED, "Simulator"])
def test_an_unknown_keyword_is_refused_by_name(name):
    with pytest.raises(KeywordError, match=rf"^{name} has no argument 'colour'"):
        getattr(simcore, name)(colour=1)


@pytest.mark.parametrize(
    ("call", "meant"),
    [
        (lambda: simcore.Projection("A", "B", simcore.AllToAll(), 1.0, delay=1.5), "delay_ms"),
        (lambda: simcore.Poisson("A", rate=1.0, weight=1.0), "rate_hz"),
        (lambda: simcore.Population("A", 3, parms={}), "params"),
        (lambda: simcore.Dc("A", amplitude=1.0), "amplitude_pa"),
        (lambda: simcore.Simulator(None, thread=2), "threads"),
        (lambda: simcore.Simulator.run(None, time_ms=2), "model_time_ms"),
    ],
)
def test_the_keyword_that_was_meant_is_named(call, meant):
    with pytest.raises(KeywordError, match=f"did you mean {meant}\\?") as caught:
        call()
    # Either is what a caller may expect.
    assert isinstance(caught.value, TypeError) and isinstance(caught.value, InputError)


def test_signatures_and_pickles_stay_those_of_the_class():
    assert list(inspect.signature(simcore.Poisson).parameters)[:3] == ["target", "rate_hz", "weight"]
    drive = simcore.Poisson("A", 1.0, weight=2.0)
    assert pickle.loads(pickle.dumps(drive)) == drive  # noqa: S301
    assert isinstance(drive, Drive)


def test_a_missing_argument_is_still_pythons_own_error():
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'size'"):
        simcore.Population("A")


def test_a_function_can_be_checked_too():
    @errors.keywords_known
    def add(left: int, right: int = 2) -> int:
        return left + right

    assert add(1, right=3) == 4
    with pytest.raises(KeywordError, match="has no argument 'rigth'; did you mean right"):
        add(1, rigth=3)
