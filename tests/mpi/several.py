"""Several commands of ``benchnn``, one after the other: the argument is a JSON list of their arguments.

Rank 0 prints exit code, standard output and standard error of each command on each rank.
"""

import json
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

from benchnn.cli import main


def captured(arguments):
    """Exit code and output of one command on this rank."""
    with redirect_stdout(StringIO()) as out, redirect_stderr(StringIO()) as err:
        code = main(arguments)
    return code, out.getvalue(), err.getvalue()


def run():
    from mpi4py import MPI

    found = MPI.COMM_WORLD.gather([captured(arguments) for arguments in json.loads(sys.argv[1])])
    if found is not None:
        sys.stdout.write(json.dumps(list(zip(*found, strict=True))))


if __name__ == "__main__":
    run()
