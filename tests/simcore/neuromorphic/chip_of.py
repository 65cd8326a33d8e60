"""Chips for tests, from their limits."""

from simcore.neuromorphic.sheets.quantities import PACKINGS, QUANTITIES
from simcore.neuromorphic.sheets.sheet import Chip, Fact, Packing


def packing_of(rule, **values):
    """A packing rule with all its parameters; those that are lists are tuples here."""
    facts = []
    for quantity in PACKINGS[rule]:
        value = values.get(quantity.key, (0,) if quantity.form == "list" else 0)
        given = {"values": tuple(map(float, value))} if quantity.form == "list" else {"value": float(value)}
        facts.append(Fact(quantity, "", (), "vendor", **given))
    return Packing(rule, tuple(facts))


def chip_of(packing=None, **limits):
    """A chip that states these limits alone."""
    facts = tuple(Fact(QUANTITIES[key], "", (), "vendor", value=float(value)) for key, value in limits.items())
    return Chip("own", "Own", "digital clocked", "any", facts, (), (), packing)
