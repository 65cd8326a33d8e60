"""``python -m slurm.testbed up|down DIR`` starts or stops a testbed."""

import argparse
import shlex
import sys

from slurm.testbed.cluster import Testbed, TestbedError


def main() -> int:
    """Start or stop the testbed of a folder; returns the exit code."""
    description = "Start or stop a Slurm cluster of two nodes on one machine."
    parser = argparse.ArgumentParser(prog="python -m slurm.testbed", description=description)
    parser.add_argument("action", choices=("up", "down"))
    parser.add_argument("folder", metavar="DIR", help="folder of the testbed; for up it must be empty or new")
    arguments = parser.parse_args()
    testbed = Testbed(arguments.folder)
    try:
        testbed.up() if arguments.action == "up" else testbed.down()
    except TestbedError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    if arguments.action == "up":
        for name, value in testbed.environment.items():
            sys.stdout.write(f"export {name}={shlex.quote(value)}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
