#!/usr/bin/env bash
# Measures the gpu backend on a machine without network, see docs/gpu.md:
#     bash benchmarks/on_a_gpu.sh pack       where there is a network
#     bash benchmarks/on_a_gpu.sh check      on the machine with the GPU: does it compute the right spikes?
#     bash benchmarks/on_a_gpu.sh measure    there, too: how fast, and why not faster?
# PYTHON is the interpreter that has CuPy (python3).
set -euo pipefail
benchmarks=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PYTHONPATH="$benchmarks${PYTHONPATH:+:$PYTHONPATH}"
exec "${PYTHON:-python3}" -m on_a_gpu "$@"
