"""Vector widths of compiled loops, determined from their machine code.

LLVM chooses the width by the processor: on several processors with AVX-512 it prefers 256 bits, because wider
instructions would lower the clock.
"""

import re
from collections import Counter
from collections.abc import Iterator
from typing import Any

import llvmlite.binding
import numba
from numba import float32, types

LABEL = re.compile(r"^(\.?L\w+):")
JUMP = re.compile(r"^\s+(?:j\w+|b\.\w+|cbn?z\s+\w+,|tbn?z\s+\w+, #\d+,)\s+(\.?L\w+)")
REGISTERS = ((512, re.compile(r"%zmm\d")), (256, re.compile(r"%ymm\d")), (128, re.compile(r"%xmm\d|\bv\d+\.\d+[bhsd]")))
"""Vector registers of x86-64 and aarch64, the widest first."""
SCALAR = re.compile(r"v?\w*(ss|sd)\b")
"""Scalar instructions, which also use 128-bit registers."""


def processor() -> tuple[str, str]:
    """Return name and features of the processor for which kernels are compiled; the user's settings come first."""
    name = numba.config.CPU_NAME or llvmlite.binding.get_host_cpu_name()
    features = numba.config.CPU_FEATURES
    if features is None:
        features = llvmlite.binding.get_host_cpu_features().flatten()
    return name, features


def loops(assembly: str) -> Iterator[list[str]]:
    """Return the instructions of the innermost loops without branches."""
    label, body = "", list[str]()
    for line in assembly.splitlines():
        if found := LABEL.match(line):
            label, body = found.group(1), []
        elif line.startswith("\t") and not line.startswith("\t."):
            body.append(line.strip())
            jump = JUMP.match(line)
            if jump and jump.group(1) == label:
                yield body
            if jump:
                label, body = "", []


def width(loop: list[str]) -> int:
    """Return the register width in bits that most vector instructions use; 0 if there are none."""
    used = Counter[int]()
    for instruction in loop:
        found = next((bits for bits, register in REGISTERS if register.search(instruction)), 0)
        if found and not SCALAR.match(instruction):
            used[found] += 1
    return max(used, key=lambda bits: (used[bits], bits), default=0)


def compiled_width(function: Any, signature: tuple[Any, ...]) -> int:
    """Compile a kernel with one loop and return its vector width in bits; 0 if it is not vectorised.

    Parameters
    ----------
    function
        Python source of the kernel.
    signature
        Numba types of its arguments.
    """
    compiled = numba.njit(nogil=True)(function)
    compiled.compile(signature)
    # The remaining numbers are processed by loops with shorter vectors.
    return max((width(loop) for loop in loops(compiled.inspect_asm(signature))), default=0)


def _add(into: Any, values: Any) -> None:
    for i in range(len(into)):
        into[i] += values[i]


def vector_bits() -> int:
    """Return the vector width in bits for which kernels are compiled."""
    numbers = types.Array(float32, 1, "C")
    return compiled_width(_add, (numbers, numbers))
