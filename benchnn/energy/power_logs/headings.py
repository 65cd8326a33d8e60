"""Headings of the columns of a power log: whether they name a time or a power, and their units."""

import re

from simcore.recording.time_units import ms_per_unit


def _set(words: str) -> frozenset[str]:
    return frozenset(words.split())


W_PER_SYMBOL = {"W": 1.0, "w": 1.0, "kW": 1e3, "kw": 1e3, "mW": 1e-3, "mw": 1e-3, "uW": 1e-6, "µW": 1e-6, "μW": 1e-6}
"""``MW``, a megawatt, is omitted: if everything is in capitals, it may be a milliwatt."""
PREFIXES = {"": 1.0, "k": 1e3, "kilo": 1e3, "m": 1e-3, "milli": 1e-3, "u": 1e-6, "µ": 1e-6, "μ": 1e-6, "micro": 1e-6}
WATTS = re.compile(
    r"((?i:milli|kilo|micro|mega|giga)(?=[ _-]?[Ww])|(?<![^\W_])[mkuµμMG](?=[Ww][Aa]))?[ _-]?(?i:watts?)(?![a-z])"
)
"""A prefix of one letter must begin a word: ``mWatt`` is a milliwatt, but ``RAMWatt`` is not."""
NEUTRAL = _set(
    "power wattage active real total input draw node system instantaneous instant average avg mean consumption "
    "reading usage wall current now last"
)
"""Words of a heading that may accompany a power in W without a unit."""
NOT_MEASURED = _set(
    "limit cap budget rated nominal target threshold max maximum min minimum peak std stddev sd sem error state "
    "status quality count readings time timestamp"
)
OTHER_QUANTITIES = _set("energy voltage charge temperature frequency loss losses")
OTHER_UNITS = _set(
    "va kva vah var kvar varh wh kwh mwh j kj mj v mv a ma ah mah hz khz mhz c k dbm dbw db hp btu m2 cm2 percent "
    "pct factor ratio efficiency apparent reactive %"
)
TIME = _set("time times timestamp timestamps date datetime epoch unix ts utc gmt")
UTC = _set("utc gmt")
DEVICE = _set("index uuid serial pci bus gpu cpu core package socket outlet channel device host hostname node")
OF_A_DEVICE = _set("id name number")
TOKEN = re.compile(r"[^\W_]+|%")
CAMEL = re.compile(r"[A-Z]+(?=[A-Z][a-z])|[A-Z]?[^\WA-Z\d_]+|[A-Z]+|\d+")
BRACKETS = re.compile(r"[\[(]")


def names_time(heading: str) -> bool:
    """Whether a heading names a time or a date."""
    return not TIME.isdisjoint(_words(heading))


def names_utc(heading: str) -> bool:
    """Whether a heading states that its times are in UTC."""
    return not UTC.isdisjoint(_words(heading))


def names_device(heading: str) -> bool:
    """Whether a heading only identifies a part of the machine, such as ``index`` or ``gpu_name``."""
    words = _words(heading)
    return not DEVICE.isdisjoint(words) and words <= DEVICE | OF_A_DEVICE


def names_power(heading: str) -> bool:
    """Whether a heading names a measured power: it has a unit of power, or only states that it is a power."""
    words = _words(heading)
    if not words.isdisjoint(NOT_MEASURED | OTHER_QUANTITIES | OTHER_UNITS) or power_unit_w(heading) is None:
        return False
    return bool(_units(heading)) or (words <= NEUTRAL and not words.isdisjoint(("power", "wattage")))


def power_unit_w(heading: str) -> float | None:
    """Return the unit of power of a heading in W; 1 without a unit, None for another unit."""
    units = _units(heading)
    if units:
        return units.pop() if len(units) == 1 else None
    words = _words(heading)
    quantity = "power" not in words and not words.isdisjoint(OTHER_QUANTITIES)
    return None if quantity or BRACKETS.search(heading) or not words.isdisjoint(OTHER_UNITS) else 1.0


def time_unit_s(heading: str) -> float | None:
    """Return the unit of time of a heading in s; None without a unit, or with several units."""
    units = {ms_per_unit(token) for token in (*TOKEN.findall(heading), *_words(heading))} - {None}
    factor = units.pop() if len(units) == 1 else None
    return None if factor is None else factor / 1000.0


def _units(heading: str) -> set[float | None]:
    """Units of power in W; None for an unknown unit, such as MW."""
    found: set[float | None] = {
        PREFIXES.get(prefix if len(prefix) == 1 else prefix.lower()) for prefix in WATTS.findall(heading)
    }
    for token in TOKEN.findall(heading):
        # Also as in powermW; BeamW may be W or mW.
        symbols = (symbol for symbol in W_PER_SYMBOL if token.endswith(symbol) and symbol.endswith("W"))
        behind = [symbol for symbol in symbols if token.removesuffix(symbol).lower() in NEUTRAL]
        if token in W_PER_SYMBOL or behind:
            found.add(W_PER_SYMBOL[token if token in W_PER_SYMBOL else behind[0]])
        elif token.endswith("W"):
            found.add(None)
    return found


def _words(heading: str) -> set[str]:
    """Lower-case words, also split at capitals: ``PkgWatt`` is pkg and watt."""
    words: set[str] = set()
    for token in TOKEN.findall(WATTS.sub(" watts ", heading)):
        whole = token in W_PER_SYMBOL or ms_per_unit(token) is not None
        words.update(word.lower() for word in ([token] if whole else CAMEL.findall(token) or [token]))
        if token.lower() in OTHER_UNITS:
            words.add(token.lower())
    return words
