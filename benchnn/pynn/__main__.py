"""Runs a PyNN script that imports its simulator by name: ``python -m benchnn.pynn SCRIPT.py benchnn ...``.

PyNN's own `get_simulator` imports ``pyNN.NAME``. Within the script, ``pyNN.benchnn`` is `benchnn.pynn`.
"""

import runpy
import sys
from pathlib import Path

import pyNN

import benchnn.pynn


def main(arguments: list[str]) -> int:
    """Run the script with the arguments that follow its name."""
    if not arguments or not Path(arguments[0]).is_file():
        sys.stderr.write("usage: python -m benchnn.pynn SCRIPT.py [ARGUMENT ...], where SCRIPT.py is a file\n")
        return 2
    sys.modules["pyNN.benchnn"] = benchnn.pynn
    pyNN.benchnn = benchnn.pynn
    sys.argv = arguments
    sys.path.insert(0, str(Path(arguments[0]).resolve().parent))
    runpy.run_path(arguments[0], run_name="__main__")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
