"""Conditions are parsed strictly, compare by the type of what the record holds, and know the keys."""

import json
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from benchnn.results.selection import (
    OPERATORS,
    Condition,
    as_number,
    parse_condition,
    require_key,
    select,
    sort_records,
)  # fmt: skip
from simcore.errors import InputError

KEYS = st.from_regex(r"[a-z_][a-z0-9_]*(\.[A-Za-z0-9_-]+){0,3}", fullmatch=True)


def chosen(records, *texts):
    return [records.index(one) for one in select(records, [parse_condition(text) for text in texts])]


@given(key=KEYS, sign=st.sampled_from(list(OPERATORS)), value=st.text())
def test_a_condition_reads_back_as_it_was_written(key, sign, value):
    condition = Condition(key, sign, value)
    assert parse_condition(str(condition)) == condition


@given(key=KEYS, sign=st.sampled_from(list(OPERATORS)), value=st.from_regex(r"[A-Za-z0-9.'\[][^\"]*", fullmatch=True))
def test_quotes_are_needed_for_few_values(key, sign, value):
    assert parse_condition(f" {key} {sign} {value} ") == Condition(key, sign, value.strip())


@pytest.mark.parametrize(
    "text", ["", "seed", "=3", " > 2", "layout.ranks", "seed==3", "seed!==3", 'a="x" or "y"', 'a="']
)
def test_what_is_no_condition_is_refused(text):
    with pytest.raises(InputError, match=r"condition = .* is not allowed"):
        parse_condition(text)


@pytest.mark.parametrize(
    ("text", "numbers"),
    [
        ("seed=2", [1]),
        ("seed=2.0", [1]),
        ("seed!=2", [0, 2]),
        ("seed>=2", [1, 2]),
        ("seed>2", [2]),
        ("seed<2", [0]),
        ("seed<=2e0", [0, 1]),
        ("model.name=b", [1]),
        ("model.name>=b", [1, 2]),
        ("model.name~c", [2]),
        ("model.parameters.scale=0.5", [0, 2]),
        ("model.parameters.limit=null", [0, 1]),
        ("model.parameters.limit!=null", [2]),
        ("model.parameters.limit>3", [2]),
        ("interrupted=true", [1]),
        ("interrupted=false", [0, 2]),
        ("layout.hosts~n2", [1]),
        ('layout.hosts=["n1"]', [0, 2]),
        ("provenance.started_utc>=2026-01-01T00:00:01", [1, 2]),
        ("reasons.time.resumed_at_ms~not", [0, 1, 2]),
        ("provenance.slurm_job_id=17", [2]),
        ("provenance.slurm_job_id!=17", [0, 1]),
        ("provenance.slurm_job_id=null", [0, 1]),
    ],
)
def test_conditions(record, text, numbers):
    records = [
        record(0, model__name="a"),
        record(1, model__name="b", seed=2, interrupted=True, model__parameters__scale=1, layout__hosts=["n1", "n2"]),
        record(2, model__name="bc", seed=3, model__parameters__limit=4, provenance__slurm_job_id="17"),
    ]
    assert chosen(records, text) == numbers
    assert chosen(records, text, "seed>0") == numbers
    assert chosen(records, text, "seed=77") == []


@pytest.mark.parametrize(
    "text",
    ["seed=abc", "seed<null", "seed=true", "seed~1", "seed<1_000", "seed=nan", "seed<inf", "interrupted>false",
     "interrupted=1", "layout.hosts>n1"],
)  # fmt: skip
def test_a_value_that_cannot_be_compared_is_refused(record, text):
    with pytest.raises(InputError, match=r"is not allowed: .* is (a number|true or false|a list), such as"):
        chosen([record()], text)


def test_parameters_of_one_name_may_have_different_types(record):
    records = [record(0), record(1, model__parameters__scale="full")]
    assert chosen(records, "model.parameters.scale=full") == [1]
    assert chosen(records, "model.parameters.scale>0.1") == [0, 1]  # "full" is a text after "0.1"


@pytest.mark.parametrize(
    ("key", "hint"),
    [
        ("layout.rank", "did you mean layout.ranks"),
        ("scale", "did you mean model.parameters.scale"),
        ("real_time_facto", "did you mean real_time_factor"),
        ("model", "must be a single key of this group: model.name, model.parameters"),
        ("wall_s.construction", "wall_s.construction.min"),
        ("zzzzzzz", "no record has it$"),
        ("a'; DROP TABLE record; --", "no record has it"),
        ('$."seed"', "no record has it"),
        ("seed') OR 1=1 --", "is unknown"),
    ],
)
def test_unknown_keys_are_refused_with_a_hint(record, key, hint):
    with pytest.raises(InputError, match=hint.replace("$.", r"\$.")):
        require_key([record()], key)


@given(value=st.text())
def test_hostile_values_find_nothing(value):
    records = [{"model": {"name": "net"}, "seed": 1}]
    condition = parse_condition(f"model.name={json.dumps(value)}")
    assert select(records, [condition]) == (records if value == "net" else [])


@given(number=st.one_of(st.integers(-(10**40), 10**40), st.floats(allow_nan=False, allow_infinity=False)))
def test_numbers_are_read_exactly(number):
    assert as_number(repr(number)) == number


@pytest.mark.parametrize("text", ["", "1_0", "nan", "inf", "0x1", "1e", "\u0661", "1 2", "9" * 101])
def test_what_is_no_number_is_refused(text):
    with pytest.raises(ValueError, match=re.escape(text) or "^$"):
        as_number(text)


def test_sorting_puts_what_is_unknown_last(record):
    records = [record(n, real_time_factor=value) for n, value in enumerate((None, 2.0, 0.5, "text", 1))]
    for reverse, numbers in ((False, [2, 4, 1, 3, 0]), (True, [3, 1, 4, 2, 0])):
        assert [records.index(one) for one in sort_records(records, "real_time_factor", reverse)] == numbers


def test_a_condition_of_many_spaces_is_refused_at_once():
    started = time.process_time()
    with pytest.raises(InputError, match="must be KEY OP VALUE"):
        parse_condition(f"a{' ' * 60_000}b")
    assert time.process_time() - started < 3.0
