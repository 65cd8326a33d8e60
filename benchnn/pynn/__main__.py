"""Run a PyNN script that imports its simulator by name: ``python -m benchnn.pynn SCRIPT.py benchnn ...``.

PyNN's own `get_simulator` imports ``pyNN.NAME``. Within the script, ``pyNN.benchnn`` is `benchnn.pynn`. With several
processes, an error in one of them ends all.
"""

import runpy
import sys
import traceback
from pathlib import Path

import pyNN

import benchnn.pynn


def main(arguments: list[str]) -> int:
    """Run the script with the remaining arguments."""
    if not arguments or not Path(arguments[0]).is_file():
        sys.stderr.write("usage: python -m benchnn.pynn SCRIPT.py [ARGUMENT ...], where SCRIPT.py is a file\n")
        return 2
    sys.modules["pyNN.benchnn"] = benchnn.pynn
    pyNN.benchnn = benchnn.pynn
    sys.argv = arguments
    sys.path.insert(0, str(Path(arguments[0]).resolve().parent))
    comm = benchnn.pynn.simulator.state.comm
    try:
        runpy.run_path(arguments[0], run_name="__main__")
    except Exception:  # noqa: BLE001 - whatever the script raises
        # Other ranks may be waiting for this rank.
        sys.stderr.write(f"rank {comm.rank}: {traceback.format_exc()}" if comm.size > 1 else traceback.format_exc())
        sys.stderr.flush()
        comm.abort(1)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
