"""What each meter finds on made-up nodes, and why it finds nothing."""

import sys
from types import SimpleNamespace

import pytest

from benchnn.energy import meter_names, meters
from benchnn.energy.instrument import Domain
from benchnn.energy.measuring import NodeEnergy, instruments_here
from benchnn.energy.record import energy_part
from benchnn.energy.recorder import EnergyRecorder
from simcore.errors import InputError
from simcore.job.gpus import gpus_of_job


def found(node, name):
    """Domain -> (kind of hardware, value)."""
    instruments = meters.get(name).instruments(node.root)
    return {one.domain.name: (one.domain.covers, one.read()) for one in instruments}


def why_not(node, name):
    return meters.get(name).unusable_because(node.root)


@pytest.mark.parametrize("name", ["powercap", "pm_counters", "hwmon"])
def test_a_node_without_files_is_not_usable_and_says_where_they_would_be(node, name):
    why = why_not(node, name)
    assert "/sys/" in why
    assert found(node, name) == {}


def test_powercap_finds_packages_and_their_parts(node):
    node.zone("intel-rapl:0", "package-0", 12.5)
    node.zone("intel-rapl:0:0", "core", 3.0)
    node.zone("intel-rapl:0:1", "dram", 2.0)
    node.zone("intel-rapl:1", "package-1", 7.0, range_j=65_532.0)
    node.zone("intel-rapl:2", "psys", 99.0)
    node.zone("intel-rapl-mmio:0", "package-0", 12.5)
    node.write("sys/class/powercap/intel-rapl/enabled", 1)
    assert why_not(node, "powercap") is None
    assert found(node, "powercap") == {
        "package-0": ("package", 12.5),
        "core-0": ("core", 3.0),
        "dram-0": ("dram", 2.0),
        "package-1": ("package", 7.0),
        "psys": ("platform", 99.0),
    }
    ranges = {one.domain.name: one.wraps_at_j for one in meters.get("powercap").instruments(node.root)}
    assert ranges["package-1"] == 65_532.0


def test_a_package_that_cannot_be_read_is_not_left_out_of_the_sum(node):
    node.unreadable_zone("intel-rapl:0", "package-0")
    assert "intel-rapl:0/energy_uj" in why_not(node, "powercap")
    node.zone("intel-rapl:1", "package-1", 7.0)
    assert why_not(node, "powercap") is None
    with EnergyRecorder(meters.get("powercap").instruments(node.root)) as recorder, recorder.window("propagation"):
        pass
    assert [one.fault is None for one in recorder.measured()] == [False, True]
    part, reasons = energy_part([NodeEnergy("a", tuple(recorder.measured()), None)], None, 0.0, 1.0)
    assert part.propagation_j is None and "package-0: it could not be read" in reasons["energy.propagation_j"]


def test_a_counter_without_a_number_is_no_counter(node):
    node.write("sys/class/powercap/intel-rapl:0/name", "package-0")
    node.write("sys/class/powercap/intel-rapl:0/energy_uj", "broken")
    assert "does not begin with a number" in why_not(node, "powercap")


def test_permission_denied_names_the_remedy(node, monkeypatch):
    path = node.zone("intel-rapl:0", "package-0", 1.0)
    read = type(path).read_text

    def refuse(self, *arguments, **options):
        if self.name == "energy_uj":
            raise PermissionError(13, "Permission denied")
        return read(self, *arguments, **options)

    monkeypatch.setattr(type(path), "read_text", refuse)
    assert why_not(node, "powercap") == f"{path}: permission denied; ask the administrator for read access"


def test_cray_counters(node):
    folder = "sys/cray/pm_counters"
    for name, text in {
        "energy": "26812842 J 1579797973203013 us",
        "cpu_energy": "100 J 1579797973203013 us",
        "memory_energy": "20 J 1579797973203013 us",
        "accel1_energy": "5 J 1579797973203013 us",
        "power": "300 W 1579797973203013 us",
        "generation": "1",
    }.items():
        node.write(f"{folder}/{name}", text)
    assert found(node, "pm_counters") == {
        "node": ("node", 26_812_842.0),
        "package": ("package", 100.0),
        "dram": ("dram", 20.0),
        "gpu-1": ("gpu", 5.0),
    }


def test_sensors_of_grace_boards_and_amd(node):
    for number, (chip, files) in enumerate(
        [
            ("power_meter", {"power1_average": 250_000_000, "power1_oem_info": "Module Power Socket 0"}),
            ("power_meter", {"power1_average": 90_000_000, "power1_oem_info": "Grace Power Socket 0"}),
            ("power_meter", {"power1_average": 400_000_000}),
            ("amd_energy", {"energy1_input": 1_500_000, "energy1_label": "Esocket0"}),
            ("amdgpu", {"power1_average": 30_000_000}),
            ("BAT0", {"power1_average": 1_000_000}),
            ("power_meter", {"device/power1_average": 80_000_000, "device/power1_oem_info": "Grace Power Socket 1"}),
        ]
    ):
        node.write(f"sys/class/hwmon/hwmon{number}/name", chip)
        for name, value in files.items():
            node.write(f"sys/class/hwmon/hwmon{number}/{name}", value)
    assert found(node, "hwmon") == {
        "Module Power Socket 0": ("module", 250.0),
        "Grace Power Socket 0": ("package", 90.0),
        "node (hwmon2)": ("node", 400.0),
        "Esocket0": ("package", 1.5),
        "gpu (hwmon4)": ("gpu", 30.0),
        "Grace Power Socket 1": ("package", 80.0),
    }


class NVMLError(Exception):
    pass


def fake_nvml(energies_mj, broken=None):
    def total(handle):
        if handle == broken:
            raise NVMLError("Not Supported")
        return energies_mj[handle]

    return SimpleNamespace(
        NVMLError=NVMLError,
        nvmlInit=lambda: None,
        nvmlDeviceGetCount=lambda: len(energies_mj),
        nvmlDeviceGetHandleByIndex=lambda index: index,
        nvmlDeviceGetTotalEnergyConsumption=total,
        __spec__=SimpleNamespace(),
    )


def test_gpus(node, monkeypatch):
    monkeypatch.setitem(sys.modules, "pynvml", fake_nvml([1500, 2500]))
    assert why_not(node, "nvml") is None
    assert found(node, "nvml") == {"gpu-0": ("gpu", 1.5), "gpu-1": ("gpu", 2.5)}


UUIDS = ["GPU-aa11-0", "GPU-aa22-1", "GPU-bb33-2"]
MIG = {"MIG-5e-1": 2, "MIG-5e-2": 2}


@pytest.fixture
def three_boards(monkeypatch):
    """A node with three GPUs, the last of which is divided; nothing in the environment restricts the job."""
    for name in ("CUDA_VISIBLE_DEVICES", "CUDA_DEVICE_ORDER", "SLURM_JOB_GPUS", "SLURM_STEP_GPUS"):
        monkeypatch.delenv(name, raising=False)

    def part(uuid):
        if uuid not in MIG:
            raise NVMLError("Not Found")
        return uuid

    made = fake_nvml([1000, 2000, 3000])
    made.nvmlDeviceGetUUID = lambda handle: UUIDS[handle].encode()
    made.nvmlDeviceGetName = lambda handle: "H100"
    made.nvmlDeviceGetHandleByUUID = part
    made.nvmlDeviceGetDeviceHandleFromMigDeviceHandle = MIG.__getitem__
    monkeypatch.setitem(sys.modules, "pynvml", made)
    return made


@pytest.mark.parametrize(
    ("environment", "boards"),
    [
        ({}, [0, 1, 2]),
        ({"CUDA_VISIBLE_DEVICES": "1"}, [1]),
        ({"CUDA_VISIBLE_DEVICES": "2,0"}, [0, 2]),
        ({"CUDA_VISIBLE_DEVICES": "0,7,1"}, [0]),
        ({"CUDA_VISIBLE_DEVICES": "GPU-aa22-1"}, [1]),
        ({"CUDA_VISIBLE_DEVICES": "GPU-bb"}, [2]),
        ({"CUDA_VISIBLE_DEVICES": "MIG-5e-2,MIG-5e-1"}, [2]),
        ({"CUDA_VISIBLE_DEVICES": "MIG-GPU-aa11-0/1/0"}, [0]),
        ({"SLURM_JOB_GPUS": "1,2"}, [1, 2]),
        ({"SLURM_JOB_GPUS": "0-2", "SLURM_STEP_GPUS": "2"}, [2]),
        ({"SLURM_JOB_GPUS": "5-7"}, [0, 1, 2]),
        ({"SLURM_JOB_GPUS": "5-7", "CUDA_VISIBLE_DEVICES": "0"}, [0]),
    ],
)
def test_gpus_of_the_job_alone(node, three_boards, monkeypatch, environment, boards):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert why_not(node, "nvml") is None
    assert found(node, "nvml") == {f"gpu-{k}": ("gpu", k + 1.0) for k in boards}


@pytest.mark.parametrize(
    ("environment", "reason"),
    [
        ({"CUDA_VISIBLE_DEVICES": ""}, "CUDA_VISIBLE_DEVICES"),
        ({"CUDA_VISIBLE_DEVICES": "GPU-aa"}, "not show a GPU of the job"),
        ({"CUDA_VISIBLE_DEVICES": "MIG-77"}, "not show a GPU of the job"),
        ({"SLURM_JOB_GPUS": "0-3"}, "assigns 4 GPUs"),
    ],
)
def test_gpus_of_others_are_not_read(node, three_boards, monkeypatch, environment, reason):
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert reason in why_not(node, "nvml")


def test_numbers_of_different_boards_need_an_order(node, three_boards, monkeypatch):
    three_boards.nvmlDeviceGetName = lambda handle: ["A100", "T4", "A100"][handle]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "GPU-aa22-1")
    assert list(found(node, "nvml")) == ["gpu-1"]
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "1")
    assert "CUDA_DEVICE_ORDER=PCI_BUS_ID" in why_not(node, "nvml")
    monkeypatch.setenv("CUDA_DEVICE_ORDER", "PCI_BUS_ID")
    assert list(found(node, "nvml")) == ["gpu-1"]


def test_gpus_of_all_ranks_of_the_node_are_read_once(node, three_boards, monkeypatch):
    def of_ranks(*environments):
        gpus = tuple(gpus_of_job(environment) for environment in environments)
        return [one.domain.name for one in instruments_here("nvml", node.root, gpus)[0]]

    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", "0")
    assert of_ranks({"CUDA_VISIBLE_DEVICES": "0"}, {"CUDA_VISIBLE_DEVICES": "GPU-bb"}) == ["gpu-0", "gpu-2"]
    assert of_ranks({"CUDA_VISIBLE_DEVICES": "1"}, {"CUDA_VISIBLE_DEVICES": "1"}) == ["gpu-1"]


@pytest.mark.parametrize(
    ("module", "reason"),
    [(None, "not installed"), (fake_nvml([]), "not show a GPU"), (fake_nvml([1, 2], broken=1), "Not Supported")],
)
def test_gpus_that_cannot_be_read(node, monkeypatch, module, reason):
    if module is None:
        monkeypatch.setattr("benchnn.energy.nvml.find_spec", lambda name: None)
    else:
        monkeypatch.setitem(sys.modules, "pynvml", module)
    assert reason in why_not(node, "nvml")


def test_names_of_meters():
    assert meter_names("auto") == meters.names()
    assert meter_names("none") == []
    assert meter_names("nvml, powercap") == ["nvml", "powercap"]
    for wrong in ("", "powercap,", "abacus", "nvml,nvml", "auto,nvml"):
        with pytest.raises(InputError, match=r"meters = .* is not allowed: use auto, none, or names of powercap"):
            meter_names(wrong)


def test_domains_can_be_distinguished():
    assert Domain("powercap", "package-0", "package") != Domain("hwmon", "package-0", "package")
