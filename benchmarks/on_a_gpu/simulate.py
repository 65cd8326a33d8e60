"""``benchnn run`` on a device: python -m on_a_gpu.simulate DEVICE MODEL OPTIONS.

DEVICE is a backend, or one of `OTHERS`: the gpu backend on another device.
"""

import sys
from collections.abc import Sequence

from benchnn.cli import main as benchnn
from simcore.backends import backends
from simcore.registry import Entry

OTHERS = {
    "gpu-by-step": "on_a_gpu.by_step:BACKEND",
    "emulated": "on_a_gpu.emulated:BACKEND",
    "emulated-by-step": "on_a_gpu.emulated:BY_STEP",
}


def take(device: str) -> str:
    """Let the gpu backend use a device in this process, and return the name of the backend."""
    if device not in OTHERS:
        return device
    # Not a plug-in, because users should not find it.
    backends._entries["gpu"] = Entry(OTHERS[device])
    return "gpu"


def main(words: Sequence[str]) -> int:
    """Run, and return the exit code."""
    device, *arguments = words
    return benchnn(["run", *arguments, "--backend", take(device)])


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
