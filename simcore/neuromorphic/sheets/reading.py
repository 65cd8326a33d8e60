"""Reading of the contents that all sheets share: the file, its facts, words and sources, and unpublished figures.

A sheet is a TOML file. Figures that it does not state are not assumed.
"""

import hashlib
import tomllib
from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from pathlib import Path
from typing import Any

from simcore.errors import InputError, require, suggestion
from simcore.neuromorphic.sheets.catalogue import Catalogue
from simcore.neuromorphic.sheets.facts import read_fact, read_word
from simcore.neuromorphic.sheets.sheet import Fact
from simcore.neuromorphic.sheets.toml_values import either, require_known, text_of, texts_of


def read_toml(path: Path, thing: str, parse_float: Callable[[str], Any] = Decimal) -> tuple[dict[str, Any], str]:
    """The contents of a TOML file, by default with exact numbers, and the SHA-256 of the file.

    Raises
    ------
    InputError
        If the file is missing or not valid TOML; the message names the `thing` and the file.
    """
    if not path.is_file():
        raise InputError(f"{thing} = {str(path)!r} does not exist", thing, str(path))
    try:
        content = path.read_bytes()
        raw = tomllib.loads(content.decode("utf-8-sig").replace("\r\n", "\n"), parse_float=parse_float)
    except OSError as error:
        raise InputError(f"{thing} = {str(path)!r} cannot be read: {error.strerror}") from error
    except ArithmeticError as error:
        raise InputError(f"{thing} = {str(path)!r} contains a number whose exponent is out of range") from error
    except (ValueError, RecursionError) as error:
        raise InputError(f"{thing} = {str(path)!r} is not valid TOML: {' '.join(str(error).split())}") from error
    return raw, hashlib.sha256(content).hexdigest()


def read_statements(file: str, raw: Mapping[str, Any], catalogue: Catalogue) -> dict[str, Any]:
    """Read the statements of a sheet, as fields of a `simcore.neuromorphic.sheets.sheet.Sheet`.

    Parameters
    ----------
    file
        Name of the file, for messages.
    raw
        Contents of the sheet.
    catalogue
        Catalogue of the kind of thing.

    Returns
    -------
    dict
        The texts of the catalogue, ``facts``, ``words``, ``sources`` and ``unpublished``.

    Raises
    ------
    InputError
        If a statement is wrong; the message names file, key and value, and states what is allowed.
    """
    texts = _texts_at_the_top(file, raw, catalogue)
    sources = texts_of(raw.get("sources", {}), f"{file}: sources")
    stated = {key: (group, content) for group in catalogue.groups for key, content in raw.get(group, {}).items()}
    for key, (group, _) in stated.items():
        _require_place(key, group, texts["kind"], file, catalogue)
    unpublished = _unpublished(file, raw, texts["kind"], catalogue)
    for key in unpublished:
        allowed = f"omit it, because the sheet states {key}"
        require(key not in stated, f"{file}: unpublished.{key}", unpublished[key], allowed)
    facts = tuple(
        read_fact(quantity, stated[key][1], f"{file}: {quantity.group}.{key}", sources, catalogue)
        for key, quantity in catalogue.quantities.items()
        if key in stated
    )
    _require_outermost(facts, file)
    words = tuple(
        read_word(question, stated[key][1], f"{file}: {question.group}.{key}", sources)
        for key, question in catalogue.words.items()
        if key in stated
    )
    return {
        **texts,
        "facts": facts,
        "words": words,
        "sources": tuple(sources.items()),
        "unpublished": tuple(unpublished.items()),
    }


def _texts_at_the_top(file: str, raw: Mapping[str, Any], catalogue: Catalogue) -> dict[str, str]:
    tables = (*catalogue.groups, *catalogue.tables, "sources", "unpublished")
    require_known(raw, (*catalogue.texts, *tables), file, "use")
    for key in tables:
        require(isinstance(raw.get(key, {}), dict), f"{file}: {key}", raw.get(key), f"must be a table, [{key}]")
    texts = {key: text_of(raw.get(key), f"{file}: {key}") for key in catalogue.texts}
    require(texts["title"].isprintable(), f"{file}: title", texts["title"], "must be one line of text")
    require(texts["kind"] in catalogue.kinds, f"{file}: kind", texts["kind"], f"use {either(catalogue.kinds)}")
    return texts


def _unpublished(file: str, raw: Mapping[str, Any], kind: str, catalogue: Catalogue) -> dict[str, str]:
    unpublished = texts_of(raw.get("unpublished", {}), f"{file}: unpublished")
    require_known(unpublished, tuple(catalogue.keys), f"{file}: unpublished", "use a key of a quantity, such as")
    for key in unpublished:
        _require_kind(key, "unpublished", kind, file, catalogue)
    return unpublished


def _require_place(key: str, group: str, kind: str, file: str, catalogue: Catalogue) -> None:
    """Require that a quantity is known, is in its table, and is allowed for this kind of sheet."""
    known = catalogue.keys
    if key not in known:
        listed = ", ".join(other for other, quantity in known.items() if quantity.group == group)
        near = suggestion(key, known) or f"; use one of {listed} in [{group}]"
        raise InputError(f"{file}: {group}.{key} is unknown{near}")
    require(known[key].group == group, f"{file}: key", f"{group}.{key}", f"it belongs to [{known[key].group}]")
    _require_kind(key, group, kind, file, catalogue)


def _require_kind(key: str, table: str, kind: str, file: str, catalogue: Catalogue) -> None:
    kinds = catalogue.keys[key].kinds or catalogue.kinds
    allowed = f"only sheets of kind {either(map(repr, kinds))} have it; this sheet is of kind {kind!r}"
    require(kind in kinds, f"{file}: key", f"{table}.{key}", allowed)


def _require_outermost(facts: Sequence[Fact], file: str) -> None:
    """Require that no energy contains itself through others, because it would never be added."""
    contents = {fact.quantity.key: fact.includes for fact in facts}
    for key in contents:
        reached, ahead = set(), [key]
        while ahead:
            inner = [part for part in contents.get(ahead.pop(), ()) if part not in reached]
            reached.update(inner)
            ahead += inner
        require(key not in reached, f"{file}: {key}.includes", list(contents[key]), "an energy cannot contain itself")
