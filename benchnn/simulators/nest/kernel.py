"""The Python module of NEST, imported without messages and without command-line arguments, which it would interpret."""

import os
import sys
from functools import cache
from typing import Any


@cache
def nest_module() -> Any:
    """Return the module ``nest``, which only prints errors."""
    os.environ["PYNEST_QUIET"] = "1"  # read while nest is imported
    ours, sys.argv = sys.argv, ["benchnn"]
    try:
        import nest
    finally:
        sys.argv = ours

    nest.verbosity = nest.VerbosityLevel.ERROR
    return nest
