"""Layers of SATA's release with its counts, and the arrays and workloads of these tests."""

from dataclasses import dataclass, replace

from simcore.accelerators.systolic.cycles import Array
from simcore.accelerators.workloads.workload import CONVOLUTION, LINEAR, Layer, Workload

OUTPUTS_STAY = Array(16, 8, 1, outputs_stay=True)
WEIGHTS_STAY = Array(16, 8, 1, outputs_stay=False)


@dataclass(frozen=True)
class Counted:
    """A layer, square, and its counts in the release: as `simcore.accelerators.systolic.accesses` names them."""

    size: int
    kernel: int
    channels: int
    filters: int
    stride: int
    step_cycles: int
    weight_cycles: int
    sram_input_reads: int
    dram_input_reads: int
    dram_weight_reads: int
    sram_output_writes: int
    dram_output_writes: int

    @property
    def layer(self) -> Layer:
        """The layer, with the padding that it has."""
        if self.size == 1:
            return Layer("linear", LINEAR, self.channels, self.filters, input_density=(0.1,))
        sides = {"input_size": (self.size,) * 2, "kernel": (self.kernel,) * 2, "stride": (self.stride,) * 2}
        return Layer("conv", CONVOLUTION, self.channels, self.filters, padding=(1, 1), input_density=(0.1,), **sides)


RELEASE = tuple(
    Counted(*row)
    for row in (
        (32, 3, 3, 64, 1, 22_343, 14_085, 194_400, 3_072, 1_728, 68_544, 57_607),
        (32, 3, 64, 64, 1, 272_687, 269_221, 4_147_200, 649_682, 36_864, 68_544, 57_607),
        (16, 3, 64, 128, 1, 124_383, 134_565, 1_806_336, 276_832, 73_728, 30_080, 25_095),
        (8, 3, 128, 128, 1, 56_351, 85_189, 663_552, 8_192, 147_456, 5_760, 4_608),
        (4, 3, 128, 256, 1, 37_567, 96_741, 147_456, 2_048, 294_912, 1_792, 1_024),
        (4, 3, 256, 256, 1, 74_431, 193_509, 294_912, 4_096, 589_824, 1_792, 1_024),
        (1, 1, 1_024, 1_024, 1, 133_887, 319_464, 131_072, 1_024, 1_048_576, 4_096, 1_024),
        (1, 1, 1_024, 512, 1, 66_943, 159_720, 65_536, 1_024, 524_288, 2_048, 512),
        (32, 3, 128, 256, 1, 2_141_375, 2_160_229, 33_177_600, 7_501_612, 294_912, 274_176, 230_407),
        (16, 3, 256, 512, 1, 1_935_231, 2_156_325, 28_901_376, 6_799_586, 1_179_648, 120_320, 100_359),
        (8, 3, 512, 1_024, 1, 1_777_919, 2_727_877, 21_233_664, 7_320_866, 4_718_592, 46_080, 36_871),
        (4, 3, 1_024, 512, 1, 591_231, 1_548_261, 2_359_296, 1_058_891, 4_718_592, 3_584, 2_048),
        (32, 3, 128, 128, 1, 1_070_687, 1_079_653, 16_588_800, 3_748_404, 147_456, 137_088, 115_207),
        (32, 3, 128, 256, 2, 601_087, 677_097, 9_437_184, 4_721_068, 294_912, 77_824, 65_543),
        (16, 3, 256, 512, 2, 595_455, 939_945, 9_437_184, 6_273_799, 1_179_648, 38_912, 32_775),
        (8, 3, 512, 512, 1, 888_959, 1_363_909, 10_616_832, 3_658_466, 2_359_296, 23_040, 18_439),
        (1, 1, 8_192, 1_024, 1, 1_051_391, 2_555_880, 1_048_576, 8_192, 8_388_608, 4_096, 1_024),
    )
)
"""All 17 layers of SATA_Sim's results for Table II of arXiv 2309.03388, with buffers of 32, 144 and 32 KiB."""


def with_density(workload: Workload, density: float, **changes: object) -> Workload:
    """A workload whose layers all have one density in all steps, and what else changes."""
    layers = tuple(replace(layer, input_density=(density,), **changes) for layer in workload.layers)
    return replace(workload, layers=layers)
