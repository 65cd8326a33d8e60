"""Power and area of a processing element."""

from dataclasses import replace

import pytest

from simcore.accelerators.figures import Unpublished
from simcore.accelerators.sheets.parser import load_accelerator
from simcore.accelerators.systolic.power import Power, area_of, lif_share, parts_of, power_of

SATA = load_accelerator("sata")


def in_milliwatts(power: Power) -> tuple[float, float, float]:
    """Ungated and gated power, and leakage, mW."""
    return tuple(round(1e3 * value, 9) for value in (power.ungated_w, power.gated_w, power.leakage_w))


def test_published_powers_are_those_of_the_release():
    powers = {part.name: in_milliwatts(power_of(SATA, part, as_published=True)) for part in parts_of(SATA)}
    assert powers == {
        "spike_mac": (0.01924, 0.02511, 6.2e-5),
        "lif": (0.05625, 0.01886, 8.4e-5),
        "scratchpad": (0.21233, 0.11241, 5.23e-4),
    }


def test_powers_of_ours_are_not_rounded():
    spike_mac, lif, _ = (power_of(SATA, part) for part in parts_of(SATA))
    assert spike_mac.leakage_w == pytest.approx((0.00481 + 0.017 + 0.0402) * 1e-6)
    assert lif.leakage_w == pytest.approx((0.0182 + 0.035 + 0.0102 + 0.0201) * 1e-6)


def test_powers_of_the_dense_array_are_those_of_the_release():
    dense = load_accelerator("sata_dense")
    powers = {part.name: in_milliwatts(power_of(dense, part, as_published=True)) for part in parts_of(dense)}
    assert powers == {
        "mac": (0.06698, 0.10721, 1.99e-4),
        "relu": (0.01955, 0, 1.8e-5),
        "scratchpad": (1.19904, 2.79776, 6.432e-3),
    }


def test_a_lif_unit_takes_most_of_the_power_of_what_computes():
    assert lif_share(SATA, parts_of(SATA)) == pytest.approx(0.629, abs=5e-4)


def test_with_an_and_of_16_bits_the_share_is_that_of_the_paper():
    # arXiv 2309.03388, Section IV: 61.6 %.
    spike_mac, lif, scratchpad = parts_of(SATA)
    wide = replace(spike_mac, ungated=(("and", 16, 1.0), *spike_mac.ungated[1:]))
    assert lif_share(SATA, (wide, lif, scratchpad)) == pytest.approx(0.6164, abs=5e-5)


@pytest.mark.parametrize("channels", [2, 4])
def test_channels_that_share_a_lif_unit_divide_its_power_and_area(channels):
    # arXiv 2309.03388 prints 75.1 % less for four channels.
    single, shared = parts_of(SATA), parts_of(SATA, lif_sharing=channels)
    for before, after in zip(single, shared, strict=True):
        factor = 1 / channels if before.name == "lif" else 1
        wanted = in_milliwatts(power_of(SATA, before))
        assert in_milliwatts(power_of(SATA, after)) == pytest.approx([factor * power for power in wanted], abs=1e-9)
    lif_area = (32.424 + 45.024 + 17.47 + 34.27) * 1e-12
    assert area_of(SATA, single) - area_of(SATA, shared) == pytest.approx(lif_area * (1 - 1 / channels))


def test_the_area_of_an_element_is_the_sum_of_its_components():
    # 26 B of scratchpads, a spike-mac and a LIF unit: 1,117 um2; 128 of them 0.143 mm2.
    assert area_of(SATA, parts_of(SATA)) == pytest.approx(1117e-12, abs=0.5e-12)


def test_narrower_potentials_need_a_narrower_unit():
    lif = parts_of(SATA, membrane_bits=4)[1]
    assert in_milliwatts(power_of(SATA, lif)) == (
        pytest.approx(0.00364 + 0.00873),
        pytest.approx(2 * 0.00637),
        pytest.approx((0.00398 + 0.0086 + 2 * 0.0102) * 1e-3),
    )


def test_a_width_without_components_has_the_reason_of_the_sheet():
    with pytest.raises(Unpublished, match="comparator_w for 3 bits"):
        power_of(SATA, parts_of(SATA, membrane_bits=3)[1])
