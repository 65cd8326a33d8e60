"""Every parameter of a model is listed with a sentence of its own."""

import inspect

import pytest

from benchnn.commands.model_listing import parameter_meanings
from benchnn.model_source import find_model
from benchnn.models import models


@pytest.mark.parametrize("name", models.names())
def test_every_parameter_of_a_model_has_a_meaning_of_its_own(name):
    model = find_model(name)
    meanings = parameter_meanings(inspect.getdoc(model.function))
    texts = [meanings.get(parameter, "") for parameter in model.parameters]
    assert all(texts) and len(set(texts)) == len(texts)
    assert not any(meaning.startswith("See ") for meaning in texts)


def test_parameters_that_share_an_entry_are_reported_once():
    entries = "a, b : int\n    First\n    line.\n*c\n    C.\n"
    docstring = f"A network.\n\nParameters\n----------\n{entries}\nReturns\n-------\nx\n    y"
    assert parameter_meanings(docstring) == {"a": "First line.", "b": "See a.", "c": "C."}


def test_a_function_without_such_a_section_has_no_meanings():
    assert parameter_meanings("") == parameter_meanings("A network.\n\nReturns\n-------\nx") == {}
