"""The command line, called within the process."""

from collections.abc import Sequence

from benchnn.cli import main
from fuzzing.guards import before_simulation


def call_main(arguments: Sequence[str]) -> int:
    """Run a command up to where its simulation begins; the exit code."""
    with before_simulation():
        return main(list(arguments))
