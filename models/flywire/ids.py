"""Neurons of the fly's brain by id: FlyWire's root ids, or the numbers of a surrogate's neurons."""

import csv
import hashlib
from collections.abc import Mapping

from simcore.network import InputError, require

COMPLETENESS_SHA256 = "52b0ac6094cd32c546f8d4c341e094376f48f4e791f8db9b166de5dff8199ea4"
"""SHA-256 of ``Completeness_783.csv``."""
LARGEST_FILE = 1 << 26
"""Maximum size of a file with ids, bytes; the ids of all neurons take 3 MB."""


def _content(path: str, field: str) -> bytes:
    try:
        with open(path, "rb") as file:
            content = file.read(LARGEST_FILE + 1)
    except OSError as error:
        raise InputError(f"{field}: cannot read {path}: {error.strerror}", field, path) from None
    require(len(content) <= LARGEST_FILE, f"{field}: bytes of {path}", len(content), f"must be at most {LARGEST_FILE}")
    return content


def require_sha256(found: str, expected: str, path: str, field: str) -> None:
    """Refuse a file that is not the published one."""
    require(found == expected, f"{field}: SHA-256 of {path}", found, f"the published file has {expected}")


def root_ids(path: str) -> dict[int, int]:
    """Number of each neuron by its root id, from the rows of ``Completeness_783.csv``.

    Raises
    ------
    InputError
        If the file cannot be read or is not the published file.
    """
    content = _content(path, "completeness")
    require_sha256(hashlib.sha256(content).hexdigest(), COMPLETENESS_SHA256, path, "completeness")
    rows = csv.reader(content.decode().splitlines())
    next(rows)
    return {int(row[0]): number for number, row in enumerate(rows)}


def listed_ids(path: str, known: Mapping[int, int] | range, field: str) -> list[int]:
    """Numbers of the neurons whose ids a text file lists, one per line; empty lines and text after a # are ignored.

    Parameters
    ----------
    path
        Path of the text file.
    known
        Number of each neuron by its id, or the range of all numbers, which then are the ids.
    field
        Name of the parameter that gives the file.

    Raises
    ------
    InputError
        If the file cannot be read or a line is wrong; the message names file and line.
    """
    found: dict[int, int] = {}
    is_number = isinstance(known, range)
    allowed = f"a number from 0 to {len(known) - 1}" if is_number else "a root id of FlyWire v783"
    for line, text in enumerate(_content(path, field).decode("utf-8-sig", errors="replace").splitlines(), 1):
        word = text.partition("#")[0].strip()
        if not word:
            continue
        where = f"{field}: {path}, line {line}"
        digits = word.isascii() and word.isdigit() and len(word) < 20
        require(digits and int(word) in known, where, word, f"must be {allowed}, one per line")
        neuron = int(word) if is_number else known[int(word)]
        require(neuron not in found, where, word, "it is listed twice")
        found[neuron] = line
    require(len(found) > 0, field, path, "the file lists no ids")
    return sorted(found)
