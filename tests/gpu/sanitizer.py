"""The kernels on threads of the CPU under GCC's thread sanitizer."""

import os
import subprocess
import sys
from pathlib import Path

import pytest
from emulation import COMPILER


def sanitized(module, function, change, time_ms=5.0, delivery="auto"):
    """Run the network of a module under GCC's thread sanitizer in a process of its own; returns what it found.

    `change` is a text of the kernels and what replaces it.
    """
    library = subprocess.run([COMPILER, "-print-file-name=libtsan.so"], capture_output=True, text=True, check=True)
    if not Path(library.stdout.strip()).is_absolute():
        pytest.skip("gpu: GCC's thread sanitizer is not installed")
    program = (
        "import sys; sys.path[:0] = sys.argv[7:]\n"
        "import emulation, numpy as np\n"
        "from simcore.backends import backends\n"
        "from simcore.simulator import Simulator\n"
        "from importlib import import_module\n"
        "old, new = sys.argv[1:3]\n"
        "flags = (*emulation.FLAGS, '-fsanitize=thread', '-g')\n"
        "made = emulation.emulated(blocks=2, threads=4, change=lambda s: s.replace(old, new), flags=flags)\n"
        "backends.get = lambda name: made\n"
        "network = getattr(import_module(sys.argv[3]), sys.argv[4])()\n"
        "with Simulator(network, seed=3, backend='gpu', delivery=sys.argv[6]) as simulator:\n"
        "    simulator.run(float(sys.argv[5]))\n"
    )
    folder = Path(__file__).parent
    folders = (folder, folder.parents[1], folder.parent / "simcore" / "plasticity")
    environment = {
        **os.environ,
        "LD_PRELOAD": library.stdout.strip(),
        "TSAN_OPTIONS": "halt_on_error=1 exitcode=66 report_signal_unsafe=0 ignore_noninstrumented_modules=1",
    }
    command = [sys.executable, "-c", program, *change, module, function, str(time_ms), delivery, *map(str, folders)]
    return subprocess.run(command, env=environment, capture_output=True, text=True, check=False, timeout=240)
