"""NEST's Python module, imported quietly: it writes a banner to standard output, where a record may be expected."""

import os
from functools import cache
from typing import Any


@cache
def nest_module() -> Any:
    """The module ``nest``, which speaks of errors only."""
    os.environ["PYNEST_QUIET"] = "1"  # read while nest is imported
    import nest

    nest.verbosity = nest.VerbosityLevel.ERROR
    return nest
