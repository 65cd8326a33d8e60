"""Databases of records."""

import json
import sqlite3
import tempfile
from pathlib import Path

from fuzzing.byte_mutations import mutated
from fuzzing.case import Case
from fuzzing.dice import Dice
from fuzzing.json_files import mutated_json
from fuzzing.reader import Reader
from fuzzing.readers.command import call_main

FILE = "runs.sqlite"


def _databases(results: Path) -> list[Case]:
    files = {FILE: (results / FILE).read_bytes()}
    run_id = json.loads((results / "seed1" / "result.json").read_text())["run_id"]
    other = json.loads((results / "seed2" / "result.json").read_text())["run_id"]
    actions = (
        ("list",),
        ("list", "--csv", "--columns", "run_id,spikes,model.name", "--sort", "spikes"),
        ("list", "--json", "--where", "model.neurons>=2", "--limit", "3"),
        ("show", run_id),
        ("compare", run_id, other),
        ("regressions",),
        ("regressions", "--json", "--any-host", "--baseline", "seed=1"),
        ("remove", run_id),
    )
    return [Case(files, ("results", *action, "--database", FILE)) for action in actions]


def _damaged(case: Case, dice: Dice) -> Case:
    content = case.files[FILE]
    return case.changed(FILE, mutated(content, dice, text=False) if dice.chance(0.4) else _edited(content, dice))


def _edited(content: bytes, dice: Dice) -> bytes:
    """A whole database with another record, row or schema."""
    with tempfile.NamedTemporaryFile(dir=".") as kept:
        Path(kept.name).write_bytes(content)
        connection = sqlite3.connect(kept.name, isolation_level=None)
        rows = connection.execute("SELECT run_id, record FROM record").fetchall()
        run_id, record = dice.pick(rows)
        what = dice.below(10)
        if what < 6:
            changed = mutated_json(record.encode(), dice)
            value = changed if dice.chance(0.1) else changed.decode(errors="replace")
            connection.execute("UPDATE record SET record = ? WHERE run_id = ?", (value, run_id))
        elif what == 6:
            column = dice.pick(("run_id", "path", "added_utc", "record"))
            value = dice.pick((b"\xff\xfe", 3, 2.5, "", "a\nb", "\x1b[31m", "a" * 10_000))
            connection.execute(f"UPDATE record SET {column} = ? WHERE run_id = ?", (value, run_id))  # noqa: S608
        elif what == 7:
            version = dice.pick((0, 2, -1, 2**31 - 1))
            connection.execute(f"PRAGMA {dice.pick(('user_version', 'application_id'))} = {version}")
        elif what == 8:
            connection.execute(
                dice.pick(("DROP VIEW runs", "ALTER TABLE record RENAME COLUMN added_utc TO at", "DROP TABLE record"))
            )
        else:
            connection.execute("CREATE TRIGGER t AFTER DELETE ON record BEGIN DELETE FROM record; END")
        connection.close()
        return Path(kept.name).read_bytes()


READERS = (Reader("database", _databases, _damaged, call_main, 0.8, (0, 1, 2)),)
