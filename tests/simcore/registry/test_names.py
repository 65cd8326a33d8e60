"""Names of what is built in, of plug-ins and of files."""

import sys

import pytest

from simcore.errors import InputError, UnavailableError
from simcore.registry import Entry, PlugIn, Registry
from simcore.registry import names as registry_names
from simcore.registry.plugins import Offer


def numbers(fault=lambda name, thing: None, **options):
    entries = {"one": Entry("math:pi"), "two": Entry("math:e", lambda: "it is odd")}
    return Registry("number", entries, group="test.numbers", fault=fault, **options)


@pytest.fixture
def offers(monkeypatch):
    """What distributions offer, and how often somebody asked."""
    made: list[Offer] = []
    asked = []

    def offers_of(group):
        asked.append(group)
        return tuple(sorted(made))

    monkeypatch.setattr(registry_names, "offers_of", offers_of)
    return made, asked


def test_built_in_names_need_no_look_at_plug_ins(offers):
    registry = numbers()
    assert registry.names() == ["one", "two"] and "one" in registry
    assert registry.get("one") == pytest.approx(3.14159, abs=1e-5) and registry.plug_in("one") is None
    with pytest.raises(UnavailableError, match="number two cannot be used here: it is odd"):
        registry.get("two")
    assert offers[1] == []


def test_plug_ins_are_looked_for_once(offers):
    offers[0].append(Offer("tau", "d", "1", "math:tau"))
    registry = numbers()
    assert registry.get("tau") == registry.get("tau") == pytest.approx(6.28319, abs=1e-5)
    assert registry.known() == ["one", "two", "tau"] and "tau" in registry and "three" not in registry
    assert offers[1] == ["test.numbers"]
    with pytest.raises(InputError, match="number = 'three' is unknown; use one, two, tau") as caught:
        registry.get("three")
    assert (caught.value.field, caught.value.value) == ("number", "three")


def test_a_closed_registry_has_no_plug_ins(offers):
    registry = Registry("number", {"one": Entry("math:pi")})
    assert registry.plug_ins() == [] and registry.known() == ["one"] and offers[1] == []


@pytest.mark.parametrize("name", ["a b", "a/b", "", "1a", "a-b"])
def test_names_that_cannot_be_those_of_a_kernel_are_refused(offers, name):
    offers[0].append(Offer(name, "d", "1", "math:tau"))
    with pytest.raises(InputError, match="letters, digits and _"):
        numbers().get("tau")


def test_a_plug_in_is_known_by_its_version_and_sources(offers, tmp_path, monkeypatch):
    (tmp_path / "offered.py").write_text("THING = 3\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    offers[0].append(Offer("three", "some-things", "0.2", "offered:THING"))
    found = numbers().plug_in("three")
    assert found == PlugIn("number", "three", "some-things", "0.2", found.source_sha256)
    assert len(found.source_sha256) == 64 and found.exactly.startswith("some-things 0.2, sources ")
    sys.modules.pop("offered")


def test_what_is_no_text_is_not_known(offers):
    with pytest.raises(InputError, match="number = 5 is unknown; use one, two"):
        numbers(files=True).get(5)


def test_a_file_is_a_name_only_where_that_is_allowed(offers, tmp_path):
    (tmp_path / "own.py").write_text("THING = 3\n")
    name = f"{tmp_path / 'own.py'}:THING"
    assert numbers(files=True).get(name) == 3
    found = numbers(files=True).plug_in(name)
    assert (found.name, found.distribution, found.version) == ("own.py:THING", None, None)
    with pytest.raises(InputError, match="is unknown"):
        numbers().get(name)
    with pytest.raises(InputError, match="does not define 'OTHER'"):
        numbers(files=True).get(name.replace("THING", "OTHER"))
    with pytest.raises(InputError, match="it is not text"):
        numbers(lambda name, thing: "is not text", files=True).get(name)
