"""The kernels of all models and drives are CUDA C++ for the GPUs that are meant, by NVIDIA's own compilers."""

import ctypes
import shutil
import subprocess
from importlib.util import find_spec
from pathlib import Path

import pytest

from simcore.backends.gpu.device import OPTIONS
from simcore.backends.gpu.source import check_kernels, connect_source, kernel_source
from simcore.errors import InputError
from simcore.network import (
    AllToAll,
    InhomogeneousPoisson,
    Network,
    Noise,
    Poisson,
    Population,
    Projection,
    SpikeTrain,
    Stdp,
    StepCurrent,
    Tsodyks2,
)
from simcore.neurons import neuron_models

ARCHITECTURES = [pytest.param("sm_80", marks=pytest.mark.thorough), "sm_90"]
TYPES = [("float32", "int32", "int32"), ("float64", "int64", "int64")]


def all_models():
    """A network with every neuron model that has a kernel, and every drive."""
    populations = []
    for name in neuron_models.names():
        try:
            check_kernels(Network([Population(name, 2, name)]))
        except InputError:
            continue
        populations.append(Population(name, 2, name))
    target = "iaf_psc_exp"
    drives = [
        Poisson(target, 100.0, 1.0),
        InhomogeneousPoisson(target, [0.0], [100.0], 1.0),
        SpikeTrain(target, [1.0], 1.0),
        StepCurrent(target, [1.0], [1.0]),
        Noise(target, 1.0, 1.0),
        Poisson(target, [1.0, 2.0], 1.0),
        SpikeTrain(target, [1.0], [1.0, -2.0]),
    ]
    return Network(populations, drives=drives)


def plastic():
    """A network with both kinds of plasticity, and neurons that relay spikes."""
    populations = [Population("A", 2), Population("R", 2, "parrot_neuron")]
    rules = [Stdp(mu_plus=0.4), Tsodyks2()]
    return Network(populations, [Projection("R", "A", AllToAll(), 1.0, 1.0, None, rule) for rule in rules])


def nvrtc():
    """NVIDIA's run-time compiler, which CuPy uses, from its wheel; None without it."""
    spec = find_spec("nvidia") and find_spec("nvidia.cuda_nvrtc")
    folders = [] if spec is None else list(spec.submodule_search_locations or [])
    found = [path for folder in folders for path in sorted(Path(folder, "lib").glob("libnvrtc.so.*"))]
    return ctypes.CDLL(str(found[0])) if found else None


SOURCES = {
    "step loop, float32": lambda: kernel_source(all_models(), *TYPES[0]),
    "step loop, float64": lambda: kernel_source(all_models(), *TYPES[1]),
    "plasticity, float32": lambda: kernel_source(plastic(), *TYPES[0]),
    "plasticity, float64": lambda: kernel_source(plastic(), *TYPES[1]),
    "delivery by rows": lambda: kernel_source(all_models(), *TYPES[0], delay="uint8"),
    "delivery by rows, plasticity, float64": lambda: kernel_source(plastic(), *TYPES[1], delay="uint16"),
    "construction, 32-bit words": lambda: connect_source("int32"),
    "construction, 64-bit words": lambda: connect_source("int64"),
    "construction by rows": lambda: connect_source("int32", delay="uint16"),
}


@pytest.mark.parametrize("architecture", ARCHITECTURES)
@pytest.mark.parametrize("source", SOURCES)
def test_the_run_time_compiler_takes_them(source, architecture):
    library = nvrtc()
    if library is None:
        pytest.skip("gpu: the wheel nvidia-cuda-nvrtc-cu12 is not installed")
    program = ctypes.c_void_p()
    text = SOURCES[source]().encode()
    assert library.nvrtcCreateProgram(ctypes.byref(program), text, b"kernels.cu", 0, None, None) == 0
    options = [option.encode() for option in (*OPTIONS, f"--gpu-architecture={architecture}")]
    code = library.nvrtcCompileProgram(program, len(options), (ctypes.c_char_p * len(options))(*options))
    size = ctypes.c_size_t()
    library.nvrtcGetProgramLogSize(program, ctypes.byref(size))
    log = ctypes.create_string_buffer(size.value)
    library.nvrtcGetProgramLog(program, log)
    assert code == 0, log.value.decode()
    assert library.nvrtcGetCUBINSize(program, ctypes.byref(size)) == 0 and size.value > 10_000
    library.nvrtcDestroyProgram(ctypes.byref(program))


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_nvcc_takes_them_without_spilling_registers(tmp_path, architecture):
    if shutil.which("nvcc") is None:
        pytest.skip("gpu: nvcc is not installed")
    network = Network([Population("A", 2)], drives=[Poisson("A", 100.0, 1.0)])
    sources = [
        (kernel_source(network, *TYPES[0]), 4),
        (kernel_source(network, *TYPES[0], delay="uint16"), 5),
        (connect_source("int32"), 4),
        (connect_source("int32", delay="uint16"), 5),
    ]
    for source, kernels in sources:
        (tmp_path / "kernels.cu").write_text(source)
        command = ["nvcc", *OPTIONS, f"-arch={architecture}", "-Xptxas", "-v", "-c", "kernels.cu", "-o", "kernels.o"]
        done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        lines = [line for line in done.stderr.splitlines() if "spill" in line]
        kept = [line for line in lines if "0 bytes spill stores, 0 bytes spill loads" in line]
        assert len(kept) == len(lines) == kernels, done.stderr


def test_static_networks_have_no_kernels_of_plasticity():
    static, changing = kernel_source(all_models(), *TYPES[0]), kernel_source(plastic(), *TYPES[0])
    for word in ("plasticity", "Plastic", "histories", "remembered"):
        assert word not in static and word in changing


def test_a_model_without_a_kernel_is_refused(monkeypatch):
    network = Network([Population("A", 2)])
    check_kernels(network)
    monkeypatch.setattr("simcore.backends.gpu.source.GPU_KERNEL", "absent.cu")
    with pytest.raises(InputError, match=r"population A\.model = 'iaf_psc_exp' is not allowed: it has no GPU kernel"):
        check_kernels(network)
