"""NEST's Python module, imported quietly, and without our arguments, which it would take for its own."""

import os
import sys
from functools import cache
from typing import Any


@cache
def nest_module() -> Any:
    """The module ``nest``, which speaks of errors only."""
    os.environ["PYNEST_QUIET"] = "1"  # read while nest is imported
    ours, sys.argv = sys.argv, ["benchnn"]
    try:
        import nest
    finally:
        sys.argv = ours

    nest.verbosity = nest.VerbosityLevel.ERROR
    return nest
