"""Fixtures that tests of models share: sheets of which one fact is changed."""

from dataclasses import replace

import pytest

COUNTED = ("1", "bit")
"""Units of what is counted: changed by 1, anything else by 10 %."""


def changed_fact(fact):
    """The same fact with another value: every number of it, if it has several."""

    def changed(number):
        return number + 1 if fact.quantity.unit in COUNTED else number * 1.1

    return replace(
        fact,
        value=None if fact.value is None else changed(fact.value),
        values=tuple(map(changed, fact.values)),
        table=tuple((at, changed(number)) for at, number in fact.table),
    )


def sheets_of_changed_facts(sheet):
    """Key of each fact of a sheet, and the sheet with this fact changed."""
    for place, fact in enumerate(sheet.facts):
        facts = (*sheet.facts[:place], changed_fact(fact), *sheet.facts[place + 1 :])
        yield fact.quantity.key, replace(sheet, facts=facts)


@pytest.fixture(scope="session")
def outputs_by_fact():
    """Function: for each fact of a sheet, the names of the outputs that change with it."""

    def found(sheet, outputs):
        before = outputs(sheet)
        assert all(value is not None for value in before.values())
        changes = {}
        for key, other in sheets_of_changed_facts(sheet):
            after = outputs(other)
            changes[key] = {name for name in before if after.get(name) != before[name]}
        return changes

    return found


@pytest.fixture(scope="session")
def without_fact():
    """Function: a sheet without one of its facts."""
    return lambda sheet, key: replace(sheet, facts=tuple(fact for fact in sheet.facts if fact.quantity.key != key))


@pytest.fixture(scope="session")
def changed_to():
    """Function: a sheet in which a fact that is one number has another."""

    def changed(sheet, key, value):
        facts = tuple(replace(fact, value=value) if fact.quantity.key == key else fact for fact in sheet.facts)
        return replace(sheet, facts=facts)

    return changed
