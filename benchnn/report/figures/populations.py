"""Colours and marks of populations."""

import re

from benchnn.report.style import BLUE, RED, TEAL

MAX_SHOWN = 12
"""Largest number of populations that a figure shows."""


def kind(name: str) -> str:
    """Kind of a population by its name: ``excitatory``, ``inhibitory`` or ``other``."""
    if re.search(r"(?:^|[^a-z])inh|(?:^|[^A-Z])I$|^I(?:$|[^a-zA-Z])", name):
        return "inhibitory"
    if re.search(r"(?:^|[^a-z])exc|(?:^|[^A-Z])E$|^E(?:$|[^a-zA-Z])", name):
        return "excitatory"
    return "other"


def colour(name: str) -> str:
    """Blue for excitatory and red for inhibitory populations, as is common in the field."""
    return {"excitatory": BLUE, "inhibitory": RED, "other": TEAL}[kind(name)]
