"""What the doctor finds, on this machine and on made-up ones."""

import pytest

from benchnn import doctor
from benchnn.doctor import Finding, examine, report
from benchnn.record import machine
from benchnn.record.machine import Unknown
from benchnn.simulators import peers
from simcore.backends import backends
from simcore.jit import vectors


def write(root, path, text):
    file = root / path
    file.parent.mkdir(parents=True, exist_ok=True)
    file.write_text(text)


@pytest.fixture
def known_vectors(monkeypatch):
    """Spare tests of other facts the process that finds the width of vectors."""
    monkeypatch.setattr(doctor, "_vectors", lambda: "128 bits")


def finding(findings, name):
    return next(found for found in findings if found.name == name)


def test_report_on_this_machine(benchnn):
    finished = benchnn("doctor")
    assert finished.code == 0 and finished.err == ""
    for topic in ("backends", "neuron models", "connection rules", "peer simulators", "energy meters", "machine"):
        assert f"\n{topic}\n" in finished.out
    lines = [line.split() for line in finished.out.splitlines()]
    for name in ("oracle", "iaf_psc_exp", "fixed_total_number"):
        assert [name, "yes"] in [line[:2] for line in lines]


def test_what_is_not_usable_says_why(monkeypatch, known_vectors):
    monkeypatch.setattr(backends, "unusable_because", lambda name: "no abacus" if name == "cpu" else None)
    monkeypatch.setattr(peers, "unusable_because", lambda name: f"no {name}" if name == "nest" else None)
    monkeypatch.setattr(doctor, "find_spec", lambda name: None)
    findings = examine()
    assert finding(findings, "cpu") == Finding("backends", "cpu", False, "no abacus")
    assert finding(findings, "oracle").usable is True
    assert finding(findings, "nest") == Finding("peer simulators", "nest", False, "no nest")
    neo = finding(findings, "neo")
    assert neo.usable is False and neo.detail == "not installed: pip install 'benchnn[neo]'"


def test_the_size_of_the_kernel_cache(tmp_path, monkeypatch, known_vectors):
    monkeypatch.setenv("BENCHNN_CACHE_DIR", str(tmp_path))
    assert finding(examine(), "kernel cache").detail == f"0.0 MB of 0 versions in {tmp_path / 'benchnn'}"
    kept = tmp_path / "benchnn" / f"kernels-{'a' * 16}" / "cpu_0"
    kept.mkdir(parents=True)
    (kept / "deliver.1.nbc").write_bytes(bytes(2_300_000))
    assert finding(examine(), "kernel cache").detail == f"2.3 MB of 1 version in {tmp_path / 'benchnn'}"


def test_the_width_of_vectors_is_that_of_the_compiled_code(monkeypatch):
    bits, _, name = finding(examine(), "vectors").detail.partition(" bits, compiled for ")
    assert int(bits) == vectors.vector_bits() >= 128 and name == vectors.processor()[0]
    monkeypatch.setenv("NUMBA_CPU_NAME", "generic")
    assert finding(examine(), "vectors").detail == "128 bits, compiled for generic"


def test_report_is_a_table():
    text = report([Finding("a", "x", True, "1"), Finding("a", "longer", False), Finding("b", "y", None, "2")])
    assert text == "a\n  x       yes  1\n  longer  no\n\nb\n  y            2\n"


def test_energy_meters(tmp_path, known_vectors):
    write(tmp_path, "sys/class/powercap/intel-rapl:0/name", "package-0\n")
    write(tmp_path, "sys/class/powercap/intel-rapl:0/energy_uj", "12\n")
    write(tmp_path, "sys/class/powercap/intel-rapl:0:0/name", "dram\n")
    write(tmp_path, "sys/class/powercap/intel-rapl:0:0/energy_uj", "3\n")
    findings = [found for found in examine(tmp_path) if found.topic == "energy meters"]
    assert [found.name for found in findings] == ["powercap", "pm_counters", "hwmon", "nvml"]
    assert findings[0] == Finding("energy meters", "powercap", True, "package-0, dram-0")
    assert findings[1].usable is False and "HPE Cray" in findings[1].detail


def test_no_energy_meter(tmp_path, known_vectors):
    found = finding(examine(tmp_path), "powercap")
    assert found.usable is False and "virtual machines" in found.detail


def test_machine_facts(tmp_path):
    write(tmp_path, "proc/cpuinfo", "processor\t: 0\nmodel name\t: Abacus 3000\n")
    write(tmp_path, "proc/meminfo", "MemFree: 1 kB\nMemTotal:       2048 kB\n")
    for cpu, governor in enumerate(["performance", "powersave", "performance"]):
        write(tmp_path, f"sys/devices/system/cpu/cpu{cpu}/cpufreq/scaling_governor", f"{governor}\n")
    cache = "sys/devices/system/cpu/cpu0/cache/index"
    for index, values in enumerate([("1", "Data", "32K", "0"), ("2", "Unified", "1024K", "0-1")]):
        for name, value in zip(("level", "type", "size", "shared_cpu_list"), values, strict=True):
            write(tmp_path, f"{cache}{index}/{name}", f"{value}\n")
    write(tmp_path, "sys/kernel/mm/transparent_hugepage/enabled", "always [madvise] never\n")
    write(tmp_path, "proc/driver/nvidia/version", "NVRM version: NVIDIA x86_64 570.1\nGCC\n")
    assert machine.cpu_model(tmp_path) == "Abacus 3000"
    assert machine.memory_total_bytes(tmp_path) == 2048 * 1024
    assert machine.cpu_governor(tmp_path) == "performance, powersave"
    assert machine.caches(tmp_path) == ["L1d 32KB, CPUs 0", "L2 1024KB, CPUs 0-1"]
    assert machine.huge_pages(tmp_path) == "madvise"
    assert machine.nvidia_driver(tmp_path) == "NVIDIA x86_64 570.1"


def test_limits_of_the_job(tmp_path, monkeypatch, known_vectors):
    for name in ("SLURM_CPUS_PER_TASK", "SLURM_CPUS_ON_NODE", "SLURM_STEP_GPUS", "SLURM_JOB_GPUS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)
    monkeypatch.setattr(doctor, "usable_cpus", lambda: (0, 1, 2, 3))

    def details():
        return {found.name: found.detail for found in examine(tmp_path) if found.topic == "limits of the job"}

    free = details()
    assert free["affinity"].endswith("on 4 cores") and free["threads by default"] == "4"
    assert "none" in free["CPU quota"] and "none" in free["Slurm's share"] and "none" in free["memory limit"]
    assert free["GPUs of the job"] == "all of the node" and "does not show" in free["pinning"]
    for cpu in range(4):
        write(tmp_path, f"sys/devices/system/cpu/cpu{cpu}/topology/thread_siblings_list", f"{cpu % 2},{cpu % 2 + 2}\n")
    write(tmp_path, "proc/self/cgroup", "0::/job\n")
    write(tmp_path, "sys/fs/cgroup/job/cpu.max", "250000 100000\n")
    write(tmp_path, "sys/fs/cgroup/job/memory.max", "3000000000\n")
    write(tmp_path, "sys/fs/cgroup/job/memory.current", "1000000000\n")
    monkeypatch.setenv("SLURM_CPUS_PER_TASK", "3")
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1,GPU-4f")
    limited = details()
    assert limited["affinity"].endswith("on 2 cores") and limited["threads by default"] == "2"
    assert limited["CPU quota"] == f"2.5 CPUs ({tmp_path}/sys/fs/cgroup/job/cpu.max)"
    assert limited["Slurm's share"] == "3 CPUs (SLURM_CPUS_PER_TASK)"
    assert limited["memory limit"] == f"2.0 GB left ({tmp_path}/sys/fs/cgroup/job/memory.max)"
    assert limited["GPUs of the job"] == "1 GPU-4f (CUDA_VISIBLE_DEVICES)"


def test_a_machine_that_tells_nothing(tmp_path, known_vectors):
    for fact in (machine.memory_total_bytes, machine.cpu_governor, machine.huge_pages):
        assert isinstance(fact(tmp_path), Unknown)
    assert machine.caches(tmp_path) == []
    assert machine.nvidia_driver(tmp_path) == "not loaded"
    for found in examine(tmp_path):
        assert "Unknown(" not in found.detail and "None" not in found.detail


@pytest.mark.parametrize(("numbers", "text"), [([], ""), ([3], "3"), ([0, 1, 2, 8, 10, 11], "0-2,8,10-11")])
def test_ranges(numbers, text):
    assert machine.ranges(numbers) == text
