"""Which GPUs are the job's own."""

import pytest

from simcore.job.gpus import GpuChoice, cuda_numbers, gpus_of_job, gpus_of_slurm


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ("0", ("0",)),
        ("2, 0,2", ("2", "0")),
        ("1,-1,0", ("1",)),
        ("", ()),
        ("NoDevFiles", ()),
        ("GPU-8932f937,01", ("GPU-8932f937", "1")),
        ("MIG-a0b1-c2", ("MIG-a0b1-c2",)),
        ("MIG-GPU-8932f937-d72c/1/0", ("MIG-GPU-8932f937-d72c/1/0",)),
        ("0;rm,1", ()),
    ],
)
def test_what_cuda_sees(text, names):
    assert gpus_of_job({"CUDA_VISIBLE_DEVICES": text, "SLURM_JOB_GPUS": "7"}) == GpuChoice(
        names, "CUDA_VISIBLE_DEVICES"
    )


def test_what_slurm_gives():
    environment = {"SLURM_JOB_GPUS": "0,2-4"}
    assert gpus_of_job(environment) == GpuChoice(("0", "2", "3", "4"), "SLURM_JOB_GPUS")
    environment["SLURM_STEP_GPUS"] = "3"
    assert gpus_of_job(environment) == gpus_of_slurm(environment) == GpuChoice(("3",), "SLURM_STEP_GPUS")
    assert gpus_of_job({}) is None and gpus_of_slurm({"CUDA_VISIBLE_DEVICES": "0"}) is None


def test_cuda_counts_otherwise_than_slurm():
    buses = ("0000:81:00.0", "0000:01:00.0", "0000:41:00.0", "0000:C1:00.0")
    assert cuda_numbers(buses, {}) == [0, 1, 2, 3]
    assert cuda_numbers(buses, {"SLURM_JOB_GPUS": "0,2"}) == [1, 0]
    # CUDA heeds its own variable, and other jobs' GPUs may be hidden.
    assert cuda_numbers(buses[:2], {"CUDA_VISIBLE_DEVICES": "2,3", "SLURM_JOB_GPUS": "2,3"}) == [0, 1]
    assert cuda_numbers(buses[:2], {"SLURM_JOB_GPUS": "2,3"}) == [0, 1]
