"""The database holds each run once, whole, and is never another program's file."""

import errno
import fcntl
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from benchnn.record.keys import value_of
from benchnn.results import database as module
from benchnn.results.database import VIEW, Added, opened
from simcore.errors import InputError, WriteError

ROOT = Path(__file__).parents[3]
HOSTILE = ["'; DROP TABLE record; --", '" OR "1"="1', "%", "_", "x' UNION SELECT 1,2,3,4 --", "\\", "runs"]


@pytest.fixture
def path(tmp_path):
    return tmp_path / "new folder" / "results?#%.sqlite"


def add(path, *records, replace=False):
    with opened(path, make=True) as database, database.transaction():
        return [database.add(record, Path("result.json"), replace) for record in records]


def content(path):
    with opened(path) as database:
        return database.records()


def test_records_come_back_as_they_were(path, record):
    one, two = record(1), record(2, model__name="süß\n\ud800", spikes=10**30, real_time_factor=0.1 + 0.2)
    assert add(path, two, one) == [Added.NEW, Added.NEW]
    assert content(path) == [one, two]
    with opened(path) as database:
        stored = database.stored(one["run_id"])
    assert stored.record == one and stored.path.endswith("/result.json") and stored.added_utc.endswith("+00:00")


def test_the_same_run_is_kept_once(path, record):
    assert add(path, record(1), record(1)) == [Added.NEW, Added.KNOWN]
    assert add(path, record(1)) == [Added.KNOWN]
    assert content(path) == [record(1)]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(order=st.permutations([0, 1, 2, 3]), again=st.lists(st.integers(0, 3), max_size=6), cut=st.integers(0, 10))
def test_order_and_repetition_change_nothing(tmp_path_factory, record, energetic, order, again, cut):
    path = tmp_path_factory.mktemp("any") / "results.sqlite"
    # The run 3 is run 0 to which energy was added.
    records = [record(0), record(1, seed=2), record(2), energetic(record(0))]
    added = [records[number] for number in [*order, *again]]
    add(path, *added[:cut], replace=True)
    add(path, *added[cut:], replace=True)
    assert content(path) == [energetic(record(0)), record(1, seed=2), record(2)]


def test_another_content_of_a_known_run_is_refused_and_named(path, record):
    add(path, record(1))
    for replace in (False, True):
        with pytest.raises(InputError, match=r"different content: layout.ranks was 1, is 2; .*results remove net-"):
            add(path, record(1, layout__ranks=2), replace=replace)
    with pytest.raises(InputError, match="seed was 1, is missing"):
        add(path, {key: value for key, value in record(1).items() if key != "seed"})
    assert content(path) == [record(1)]


def test_energy_replaces_none_on_request(path, record, energetic):
    add(path, record(1))
    with pytest.raises(InputError, match="without this energy; pass --replace"):
        add(path, energetic(record(1)))
    assert content(path) == [record(1)]
    assert add(path, energetic(record(1)), replace=True) == [Added.REPLACED]
    # The file from before knows less: it neither replaces nor disturbs.
    assert add(path, record(1), replace=True) == add(path, record(1)) == [Added.KNOWN]
    assert content(path) == [energetic(record(1))]
    with pytest.raises(InputError, match="different content: seed"):
        add(path, energetic(record(1, seed=2)), replace=True)


def test_a_fault_undoes_the_transaction(path, record):
    add(path, record(1))

    def add_and_fail():
        with opened(path, make=True) as database, database.transaction():
            database.add(record(2), Path("x"))
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        add_and_fail()
    assert content(path) == [record(1)]


def test_a_run_is_found_by_either_end(path, record):
    add(path, record(0x10), record(0x11), record(0x2A, run_id="other-20260101T000000Z-ffffffff"))
    with opened(path) as database:
        assert database.find("other") == database.find("fff") == "other-20260101T000000Z-ffffffff"
        assert database.find("00000011") == record(0x11)["run_id"] == database.find(record(0x11)["run_id"])
        with pytest.raises(InputError, match=r"2 runs in .*: net-.*10, net-.*11"):
            database.find("net")
        for name in ("", "20260101", "x", *HOSTILE):
            with pytest.raises(InputError, match="no run_id in"):
                database.find(name)


def test_a_whole_name_wins_over_longer_ones(path, record):
    add(path, record(1, run_id="a"), record(2, run_id="ab"))
    with opened(path) as database:
        assert database.find("a") == "a"


def test_hostile_names_are_names(path, record):
    records = [record(number, run_id=name, model__name=name) for number, name in enumerate(HOSTILE)]
    add(path, record(99), *records)
    with opened(path) as database:
        for name in HOSTILE:
            assert database.stored(name).record["run_id"] == name
            database.remove(name)
        assert database.records() == [record(99)]


def test_the_view_shows_what_the_records_say(path, record, energetic):
    known = energetic(record(1, layout__ranks=4))
    add(path, known, record(2))
    connection = sqlite3.connect(path)
    names = ", ".join(VIEW)
    rows = connection.execute(f"SELECT {names} FROM runs ORDER BY run_id").fetchall()  # noqa: S608
    for row, entry in zip(rows, (known, record(2)), strict=True):
        assert row == tuple(value_of(entry, key) for key in VIEW.values())
    assert value_of(known, VIEW["ranks"]) == 4


def test_another_programs_file_is_refused_and_kept(path, record):
    path.parent.mkdir()
    connection = sqlite3.connect(path)
    connection.execute("CREATE TABLE precious (x)")
    connection.close()
    before = path.read_bytes()
    with pytest.raises(InputError, match="is not a database of benchnn results"):
        add(path, record(1))
    path.write_text("not SQLite at all, and long enough to have a header of one hundred bytes " * 4)
    with pytest.raises(InputError, match="not a database"):
        add(path, record(1))
    path.write_bytes(before)
    with pytest.raises(InputError, match="is not a database of benchnn results"):
        content(path)
    assert path.read_bytes() == before


def test_a_newer_version_is_refused(path, record):
    add(path, record(1))
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA user_version = 2")
    connection.close()
    for attempt in (content, lambda path: add(path, record(2))):
        with pytest.raises(InputError, match="version 2 is not allowed: must be 1"):
            attempt(path)


def test_reading_makes_no_database(path, tmp_path):
    with pytest.raises(InputError, match="does not exist; use benchnn results add to create it"):
        content(path)
    assert not path.parent.exists()
    with pytest.raises(InputError, match="is a folder"):
        content(tmp_path)


def test_a_database_without_rows_is_made_from_an_empty_file(path, record):
    path.parent.mkdir()
    path.touch()
    with pytest.raises(InputError, match="is empty; use benchnn results add to create it"):
        content(path)
    add(path, record(1))
    assert content(path) == [record(1)]


def test_the_rollback_journal_is_used(path, record):
    add(path, record(1))
    assert sqlite3.connect(path).execute("PRAGMA journal_mode").fetchone() == ("delete",)


def test_a_lock_that_is_never_given_back_is_reported(path, record, monkeypatch):
    add(path, record(1))
    monkeypatch.setattr(module, "WAIT_S", 0.05)
    holder = sqlite3.connect(path, isolation_level=None)
    holder.execute("BEGIN EXCLUSIVE")
    with pytest.raises(WriteError, match=r"cannot use the database .*locked"):
        add(path, record(2))
    holder.execute("ROLLBACK")
    assert add(path, record(2)) == [Added.NEW]


def test_a_writer_waits_as_long_as_others_get_on(path, record, monkeypatch):
    add(path, record(0))
    monkeypatch.setattr(module, "WAIT_S", 0.5)
    begun = threading.Event()

    def write_all_the_time():
        with opened(path) as database:
            for number in range(1, 31):
                with database.transaction():
                    database.add(record(number), Path("result.json"))
                    begun.set()
                    time.sleep(0.05)

    others = threading.Thread(target=write_all_the_time)
    others.start()
    begun.wait()
    assert add(path, record(31)) == [Added.NEW]
    others.join()
    assert content(path) == [record(number) for number in range(32)]


def test_a_transaction_keeps_other_writers_out_from_its_beginning(path, record):
    add(path, record(1))
    other = sqlite3.connect(path, isolation_level=None, timeout=0)
    with opened(path, make=True) as database, database.transaction():
        # What is looked up before it is written must not change in between.
        with pytest.raises(sqlite3.OperationalError, match="locked"):
            other.execute("BEGIN IMMEDIATE")
        assert other.execute("SELECT count(*) FROM record").fetchone() == (1,)
    other.execute("BEGIN IMMEDIATE")


def test_a_folder_that_cannot_be_made_is_reported(tmp_path, record):
    (tmp_path / "file").touch()
    with pytest.raises(WriteError, match=r"cannot make the database .*: File exists"):
        add(tmp_path / "file" / "results.sqlite", record(1))


NO_LOCKS = """
import errno, fcntl
def no_locks(descriptor, operation):
    raise OSError(errno.ENOLCK, "No locks available")
fcntl.flock = fcntl.lockf = no_locks
"""
ADD_MANY = """
import sys
import threading
import time
from pathlib import Path
sys.path[:0] = [{tests!r}, {root!r}]
from conftest import make
from benchnn.results.database import opened
for number in range({first}, {last}):
    with opened(Path({path!r}), make=True) as database, database.transaction():
        database.add(make(number), Path("result.json"))
"""


@pytest.mark.parametrize("before", ["", NO_LOCKS], ids=["locks", "no_locks"])
def test_processes_add_at_the_same_time(tmp_path, record, before):
    path = tmp_path / "results.sqlite"
    # They begin together, without a database, and share some of their runs.
    jobs = []
    for first in range(0, 200, 40):
        code = ADD_MANY.format(
            tests=str(Path(__file__).parent), root=str(ROOT), first=first, last=first + 50, path=str(path)
        )
        jobs.append(subprocess.Popen([sys.executable, "-c", before + code], stderr=subprocess.PIPE, text=True))
    for job in jobs:
        _, error = job.communicate(timeout=120)
        assert job.returncode == 0, error
    assert content(path) == [record(number) for number in range(210)]
    assert list(tmp_path.iterdir()) == [path]


def test_where_there_are_no_locks_a_process_that_never_ends_is_reported(path, record, monkeypatch):
    add(path, record(1))

    def no_locks(descriptor, operation):
        raise OSError(errno.ENOLCK, "No locks available")

    for name in ("flock", "lockf"):
        monkeypatch.setattr(fcntl, name, no_locks)
    monkeypatch.setattr(module, "WAIT_S", 0.05)
    with opened(path), pytest.raises(InputError, match="is writing to it"):
        add(path, record(2))
    assert add(path, record(2)) == [Added.NEW]


DAMAGES = {
    "another number": ('"spikes":1000', '"spikes":1001'),
    "no JSON": ('"spikes":1000', '"spikes":1\x01\x1b0'),
    "no text": ('"spikes":1000', b'"spikes":\xff\xfe00'),
    "cut": ('"spikes":1000', '"spikes"'),
}


def replaced(path, before, after):
    """Change bytes of a record as a disk may, of any length."""
    connection = sqlite3.connect(path)
    connection.execute(
        "UPDATE record SET record = CAST(replace(CAST(record AS BLOB), CAST(? AS BLOB), CAST(? AS BLOB)) AS TEXT) "
        "WHERE run_id LIKE '%1'",
        (before, after),
    )
    connection.commit()
    connection.close()


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_record_is_refused_and_named(path, record, damage):
    add(path, record(1), record(2))
    replaced(path, *DAMAGES[damage])
    run_id = record(1)["run_id"]
    for attempt in (content, lambda path: add(path, record(1))):
        with pytest.raises(InputError, match=f"is damaged: the record of run '{run_id}'"):
            attempt(path)
    with opened(path) as database:
        assert database.stored(record(2)["run_id"]).record == record(2)
        assert database.path_of(run_id).endswith("/result.json")
        database.remove(run_id)
    assert add(path, record(1)) == [Added.NEW]
    assert content(path) == [record(1), record(2)]


@pytest.mark.parametrize("damage", ["no JSON", "no text", "cut"])
def test_a_database_of_an_earlier_version_has_no_digests(path, record, damage):
    add(path, record(1))
    connection = sqlite3.connect(path)
    connection.execute("DROP TABLE digest")
    connection.close()
    assert content(path) == [record(1)]
    assert add(path, record(1), record(2)) == [Added.KNOWN, Added.NEW]
    replaced(path, *DAMAGES[damage])
    with pytest.raises(InputError, match="is damaged"):
        content(path)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_damaged_file_is_refused_or_read_as_it_was(tmp_path_factory, record, data):
    path = tmp_path_factory.mktemp("any") / "results.sqlite"
    records = [record(number) for number in range(8)]
    add(path, *records)
    whole = bytearray(path.read_bytes())
    place = data.draw(st.integers(0, len(whole) - 1))
    if data.draw(st.booleans()):
        del whole[place:]
    else:
        whole[place : place + 64] = data.draw(st.binary(min_size=1, max_size=64))
    path.write_bytes(whole)
    try:
        found = content(path)
    except (InputError, WriteError):
        return
    assert all(entry in records for entry in found)


def test_a_database_that_is_made_meanwhile_is_none_of_another_program(tmp_path):
    path = tmp_path / "results.sqlite"
    refused = []

    class Interrupted(sqlite3.Connection):
        """Between the first query and the next, another process wants to make the database."""

        def execute(self, query, *values):
            answer = super().execute(query, *values)
            if query == "PRAGMA application_id":
                found = answer.fetchone()
                with closing(sqlite3.connect(path, isolation_level=None, timeout=0.0)) as other:
                    try:
                        other.execute("BEGIN IMMEDIATE")
                        module._make_schema(other)
                        other.execute("COMMIT")
                    except sqlite3.OperationalError as error:
                        refused.append(str(error))
                return SimpleNamespace(fetchone=lambda: found)
            return answer

    with closing(sqlite3.connect(path, isolation_level=None, factory=Interrupted)) as connection:
        assert module._is_empty(connection, path, make=True)
    assert refused == ["database is locked"]
