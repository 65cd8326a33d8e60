"""The sub-command ``benchnn results``."""

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from benchnn.commands.output import emit, report
from benchnn.commands.parser import EXIT_CODES, Parser
from simcore.errors import InputError

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from benchnn.commands.parser import Commands
    from benchnn.results.pareto import Front
    from benchnn.results.selection import Condition, Record

DATABASE = "results/results.sqlite"


def add(commands: "Commands") -> None:
    """Declare the sub-command."""
    results = commands.add_parser(
        "results",
        help="collect the records of many runs, and list and compare them",
        description="Keep the records of many runs in one SQLite file, list and compare them, and find regressions.",
        epilog=EXIT_CODES,
        allow_abbrev=False,
    )
    actions = results.add_subparsers(title="actions", metavar="ACTION", required=True, parser_class=Parser)

    adding = _action(actions, "add", _add, "add the records of finished runs to the database")
    adding.add_argument("paths", metavar="PATH", nargs="+", type=Path, help="result.json, or a folder of results")
    adding.add_argument(
        "--replace",
        action="store_true",
        help="also replace records to which energy was added after they were stored in the database",
    )

    listing = _action(actions, "list", _list, "list runs, starting with the latest")
    _add_where(listing, "--where", "list only runs that satisfy a condition")
    listing.add_argument("--columns", metavar="KEY,KEY,...", help="keys of result.json to show")
    listing.add_argument(
        "--pareto",
        metavar="KEY,KEY:max,...",
        help="list only the Pareto front: runs that no other run surpasses in the given keys; small values are better, "
        "or large values with :max; the runs are ordered by the first key, the best first",
    )
    listing.add_argument("--sort", metavar="KEY", help="sort by a key in ascending order")
    listing.add_argument("--reverse", action="store_true", help="reverse the order")
    listing.add_argument("--limit", metavar="N", help="list only the first N runs")
    form = listing.add_mutually_exclusive_group()
    form.add_argument("--csv", action="store_true", help="print CSV (RFC 4180)")
    form.add_argument("--json", action="store_true", help="print JSON")

    show = _action(actions, "show", _show, "show all keys of the record of a run, with their values")
    _add_run(show, "run")
    show.add_argument("--json", action="store_true", help="print JSON")

    compare = _action(
        actions,
        "compare",
        _compare,
        "compare two runs, and exit with code 1 if everything that determines their spikes is equal "
        "but the spikes differ",
    )
    for name in ("a", "b"):
        _add_run(compare, name)

    regressions = _action(
        actions,
        "regressions",
        _regressions,
        "compare runs of the newest code with earlier runs, and exit with code 1 if a regression is found",
    )
    _add_where(regressions, "--where", "consider only runs that satisfy a condition")
    _add_where(
        regressions,
        "--baseline",
        "compare the newest code not with its previous versions, but with earlier runs that satisfy a condition",
    )
    regressions.add_argument(
        "--since",
        metavar="DATE|COMMIT",
        help="judge only configurations whose newest version first ran after this date or commit",
    )
    regressions.add_argument(
        "--min-change", metavar="PERCENT", default="5", help="smallest relevant change, percent (default: 5)"
    )
    regressions.add_argument(
        "--level", metavar="P", default="0.01", help="probability of a false alarm in a comparison (default: 0.01)"
    )
    regressions.add_argument(
        "--any-host", action="store_true", help="treat hosts with the same processor as one machine"
    )
    regressions.add_argument("--json", action="store_true", help="print JSON")

    remove = _action(actions, "remove", _remove, "remove a run from the database, but keep its files")
    remove.add_argument(
        "run",
        metavar="RUN",
        help="a run in the database, given by the first characters of the run_id or of the random digits at the end "
        "of the run_id",
    )


def _action(actions: "Commands", name: str, call: Any, text: str) -> argparse.ArgumentParser:
    action = actions.add_parser(
        name, help=text, description=f"{text.capitalize()}.", epilog=EXIT_CODES, allow_abbrev=False
    )
    action.set_defaults(call=call)
    action.add_argument(
        "--database", metavar="FILE", type=Path, default=Path(DATABASE), help=f"database file (default: {DATABASE})"
    )
    return action


def _add_where(action: argparse.ArgumentParser, name: str, text: str) -> None:
    help_text = (
        f"{text}, such as 'layout.ranks>=2': a dotted key, one of = != < <= > >= ~ (contains), and a value (repeatable)"
    )
    action.add_argument(name, metavar="'KEY OP VALUE'", action="append", default=[], help=help_text)


def _add_run(action: argparse.ArgumentParser, name: str) -> None:
    text = (
        "folder of a result, or a run in the database, given by the first characters of the run_id or of the random "
        "digits at the end of the run_id"
    )
    action.add_argument(name, metavar=name.upper(), help=text)


def _add(arguments: argparse.Namespace) -> int:
    from benchnn.results.database import Added, opened
    from benchnn.results.reading import read_runs

    counts = dict.fromkeys(Added, 0)
    found = list(read_runs(arguments.paths))
    faults = [entry.fault for entry in found if entry.fault is not None]
    with opened(arguments.database, make=True) as database, database.transaction():
        for entry in found:
            if entry.record is not None:
                try:
                    counts[database.add(entry.record, entry.path, arguments.replace)] += 1
                except InputError as error:
                    faults.append(f"{entry.path}: {error}")
    for fault in faults:
        report(fault, 2)
    words = [f"{number} {what.value}" for what, number in counts.items() if number or what is Added.NEW]
    words += [f"{len(faults)} refused"] if faults else []
    emit(f"{arguments.database}: {', '.join(words)}\n")
    return 2 if faults else 0


def _list(arguments: argparse.Namespace) -> int:
    from benchnn.results import pareto
    from benchnn.results.database import opened
    from benchnn.results.selection import require_key, select, sort_records

    conditions = _conditions(arguments.where)
    limit = None if arguments.limit is None else _positive("limit", arguments.limit)
    objectives = () if arguments.pareto is None else pareto.parse_objectives(arguments.pareto)
    with opened(arguments.database) as database:
        records = database.records()
    keys = None if arguments.columns is None else [key.strip() for key in arguments.columns.split(",")]
    for key in [*(keys or ()), *([arguments.sort] if arguments.sort else ())]:
        require_key(records, key)
    pareto.require_numbers(records, objectives)
    key, reverse = "provenance.started_utc", True
    if arguments.sort:
        key, reverse = arguments.sort, False
    elif objectives:
        key, reverse = objectives[0].key, objectives[0].largest
    ordered = sort_records(select(records, conditions), key, reverse != arguments.reverse)
    form = "csv" if arguments.csv else "json" if arguments.json else "text"
    if objectives:
        emit(_front(pareto.pareto_front(ordered, objectives), keys, limit, form), exact=form != "text")
    elif form != "text" or ordered:
        emit(_table(ordered[:limit], keys, (), form), exact=form != "text")
    else:
        emit(f"no run satisfies the conditions (runs in the database: {len(records)})\n" if records else "no runs\n")
    return 0


def _table(runs: "list[Record]", keys: list[str] | None, more: "Sequence[str]", form: str) -> str:
    """Runs as text, CSV or JSON: their `keys`, or the keys that distinguish them and the keys of `more`."""
    from benchnn.results import listing

    if form == "text":
        return listing.key_table(runs, keys) if keys else listing.default_table(runs, more)
    columns = keys or listing.default_keys(runs, more)
    return listing.to_csv(runs, columns) if form == "csv" else listing.to_json(runs, columns)


def _front(front: "Front", keys: list[str] | None, limit: int | None, form: str) -> str:
    """A Pareto front as text, CSV (only its runs) or JSON."""
    from benchnn.results import listing, pareto

    runs, wanted = front.runs[:limit], [objective.key for objective in front.objectives]
    if form == "json":
        return pareto.to_json(front, listing.to_rows(runs, keys or listing.default_keys(runs, wanted)))
    if form == "csv":
        return _table(runs, keys, wanted, form)
    return pareto.heading(front) + (f"\n{_table(runs, keys, wanted, form)}" if runs else "")


def _show(arguments: argparse.Namespace) -> int:
    from benchnn.record.keys import to_lines

    record = _run_of(arguments.run, arguments.database)
    emit(json.dumps(record, indent=2, allow_nan=False) + "\n" if arguments.json else to_lines(record))
    return 0


def _compare(arguments: argparse.Namespace) -> int:
    from benchnn.results.comparison import agreement, to_text

    a, b = (_run_of(name, arguments.database) for name in (arguments.a, arguments.b))
    emit(to_text(a, b))
    return 1 if agreement(a, b).broken else 0


def _regressions(arguments: argparse.Namespace) -> int:
    from benchnn.results import regressions_table
    from benchnn.results.database import opened
    from benchnn.results.regressions import Question, find_regressions, since_text
    from benchnn.results.repeats import Criterion

    criterion = Criterion(
        _fraction("min_change", arguments.min_change, 0.01, "a percentage from 0 to 100"),
        _fraction("level", arguments.level, 1.0, "a probability from 0 to 1"),
    )
    where, baseline = _conditions(arguments.where), _conditions(arguments.baseline)
    with opened(arguments.database) as database:
        records = database.records()
    since = None if arguments.since is None else since_text(arguments.since, records)
    found = find_regressions(records, Question(criterion, arguments.any_host, tuple(baseline), since), where)
    if arguments.json:
        emit(json.dumps(regressions_table.to_record(found), indent=2, allow_nan=False) + "\n")
    else:
        emit(regressions_table.to_text(found))
    return 1 if found.failed else 0


def _remove(arguments: argparse.Namespace) -> int:
    from benchnn.results.database import opened

    with opened(arguments.database) as database:
        run_id = database.find(arguments.run)
        path = database.path_of(run_id)
        database.remove(run_id)
    emit(f"removed {run_id} from {arguments.database}; its file is kept: {path}\n")
    return 0


def _run_of(name: str, database_path: Path) -> "Mapping[str, Any]":
    """The record in a folder, or the record of a run in the database."""
    from benchnn.record.reading import read_run
    from benchnn.results.database import opened

    if name and (Path(name).is_dir() or "/" in name):
        return read_run(Path(name)).values
    with opened(database_path) as database:
        return database.stored(database.find(name)).record


def _conditions(texts: list[str]) -> "list[Condition]":
    from benchnn.results.selection import parse_condition

    return [parse_condition(text) for text in texts]


def _positive(field: str, text: str) -> int:
    from benchnn.declared_types import from_text
    from simcore.errors import integer

    return integer(from_text(text, int, field), field, 1)


def _fraction(field: str, text: str, unit: float, allowed: str) -> float:
    from benchnn.declared_types import from_text
    from simcore.errors import require

    value = from_text(text, float, field)
    require(isinstance(value, float) and 0.0 <= value * unit <= 1.0, field, text, f"must be {allowed}")
    return float(value or 0.0) * unit
