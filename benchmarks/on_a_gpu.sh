#!/usr/bin/env bash
# Measures the gpu backend on a machine without network; see docs/gpu.md:
#     bash benchmarks/on_a_gpu.sh pack       on a machine with network: downloads packages
#     bash benchmarks/on_a_gpu.sh check      on the machine with the GPU: checks the spikes
#     bash benchmarks/on_a_gpu.sh measure    also there: measures speed and its limits
# PYTHON is the interpreter that has CuPy (python3).
set -euo pipefail
benchmarks=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
export PYTHONPATH="$benchmarks${PYTHONPATH:+:$PYTHONPATH}"
exec "${PYTHON:-python3}" -m on_a_gpu "$@"
