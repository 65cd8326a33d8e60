"""Words and values that programs stumble over."""

import math
from typing import Any

NUMBERS = (
    *("nan", "NaN", "inf", "-inf", "Infinity", "1e999", "-1e999", "1e308", "1e-320", "-0", "-0.0", "0", "-1", "1.5"),
    *(str(2**31), str(2**32), str(2**53 + 1), str(2**63 - 1), str(2**63), str(2**64), str(-(2**63) - 1), "1e3"),
    *("9" * 400, "9" * 5000, "0." + "3" * 400, "1e-400", "1e99999999999999999999"),
    *("0x10", "1_000", "1,5", "1.2.3", "١٢", "²"),
)  # fmt: skip
TEXTS = (
    *("", " ", "\t", "\0", "\x1b[31mred\x1b[0m", "\x07", "\ufeff", "\u202e", "\u2028", "\x85", "\r", "\n", "\r\n"),
    *("é", "e\u0301", "😀", "\\ud800", "\\u0000", ",", ";", "|", ":", "=", '"', "'", "\\", "#", "%", "%s", "{}", "{0}"),
    *("{{out}}", "$(id)", "${HOME}", "<b>", "'; DROP TABLE record; --", "[]", "{}", "[1]", "-", "--", "-h", "*", "?"),
    *("null", "none", "None", "true", "false", "~", ".", "..", "../..", "/", "//"),
    *("a" * 300, "a" * 5000, "a," * 3000, "1970-01-01T00:00:00Z", "0000-00-00", "25:61:61"),
)  # fmt: skip
NESTED = tuple(mark * depth for mark in ("[", "{", '{"a":', "[[", "(", "{a=") for depth in (50, 1500, 60_000))
RUNS = tuple(mark * 60_000 for mark in (" ", "\t", "{{", "{{ ", ",", " ,", "1", "A"))
"""What a regular expression may read again and again."""
WORDS = (*NUMBERS, *TEXTS)
ARGUMENTS = (
    *(word for word in WORDS if "\0" not in word),
    "\udcff",
    "caf\udce9",
    "/dev/null",
    "/no/such/folder",
    " " * 5000,
)
"""Words that the operating system can pass to a program."""
BYTES = (
    *(word.encode() for word in (*WORDS, *NESTED, *RUNS)),
    *(b"\xff", b"\xff\xfe", b"\xed\xa0\x80", b"\xc3", b"\x00" * 64, b"\x80\x81\x82", b"\xf4\x90\x80\x80"),
)  # fmt: skip


def nested(depth: int, kind: type) -> Any:
    """Lists, or objects, in each other."""
    value: Any = 1
    for _ in range(depth):
        value = [value] if kind is list else {"a": value}
    return value


VALUES = (
    *(None, True, False, 0, 1, -1, 2, 1.5, -0.0, math.nan, math.inf, -math.inf, 1e308, -1e308, 5e-324),
    *(2**31, 2**32, 2**53 + 1, 2**63 - 1, 2**63, 2**64, -(2**63) - 1, 10**400),
    *([], {}, [[]], [1], [1, "a", None], {"a": 1}, {"": {}}, [[1, 2], [3, 4]]),
    *(nested(40, list), nested(200, list), nested(200, dict)),
    *TEXTS,
    *("\ud800", "\udcff", "1", "1.5", "nan", "1e999"),
)  # fmt: skip
"""Values of a JSON or TOML file."""
