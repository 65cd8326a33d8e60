"""Which domains are summed, and why a sum is null."""

from benchnn.energy.instrument import Domain
from benchnn.energy.measuring import NodeEnergy
from benchnn.energy.record import DomainEnergy, energy_part, per_event_uj
from benchnn.energy.recorder import Measured

WINDOWS = {"idle": 20.0, "construction": 40.0, "warmup": 5.0, "propagation": 100.0}


def node(host, *domains, reason=None, faults=()):
    """A node whose domains (meter, name, kind) measured 1, 2, 3 ... times `WINDOWS`."""
    measured = [
        Measured(Domain(*domain), {name: k * j for name, j in WINDOWS.items()}, "broken" if k - 1 in faults else None)
        for k, domain in enumerate(domains, 1)
    ]
    return NodeEnergy(host, tuple(measured), reason)


PACKAGE = ("powercap", "package-0", "package")
SECOND = ("powercap", "package-1", "package")
CORE = ("powercap", "core-0", "core")
PSYS = ("powercap", "psys", "platform")
DRAM = ("powercap", "dram-0", "dram")
GPU = ("nvml", "gpu-0", "gpu")
WHOLE = ("pm_counters", "node", "node")
SAME = ("hwmon", "Esocket0", "package")


def sampled(host, *courses, domains=(PACKAGE, DRAM)):
    """A node whose domains have these powers."""
    measured = [
        Measured(Domain(*domain), WINDOWS, None, {"propagation": course})
        for domain, course in zip(domains, courses, strict=True)
    ]
    return NodeEnergy(host, tuple(measured), None)


def test_the_course_of_the_power_is_the_sum_of_the_counted_domains():
    part, reasons = energy_part([sampled("a", (1.0, 2.0), (10.0, 20.0))], None, 0.0, 10.0, 100.0)
    assert (part.power_every_ms, part.power_w) == (100.0, (11.0, 22.0))
    assert not {"energy.power_w", "energy.power_every_ms"} & set(reasons)
    part, reasons = energy_part([sampled("a", (1.0,), (10.0,), domains=(PACKAGE, CORE))], None, 0.0, 10.0, 100.0)
    assert part.power_w == (1.0,)


def test_why_the_course_of_the_power_is_not_known():
    hosts = [sampled(host, (1.0,), (2.0,)) for host in "ab"]
    part, reasons = energy_part(hosts, None, 0.0, 10.0, 100.0)
    assert part.power_w is None and "the power of each" in reasons["energy.power_w"]
    assert part.domains[0].power_w == (1.0,)
    part, reasons = energy_part([sampled("a", (), ())], None, 0.0, 10.0, 100.0)
    assert part.power_w is None and "less than 100 ms" in reasons["energy.power_w"]
    part, reasons = energy_part([node("a", PACKAGE)], None, 0.0, 10.0)
    assert part.power_w is None and "--power-every" in reasons["energy.power_w"]
    assert reasons["energy.power_every_ms"] == reasons["energy.power_w"]
    part, reasons = energy_part([node("a", PACKAGE, faults=[0])], None, 0.0, 10.0, 100.0)
    assert part.power_w is None and "broken" in reasons["energy.power_w"]
    outside = DomainEnergy(None, "power_log", "p.csv", "node", True, None, None, None, 700.0, None)
    part, reasons = energy_part([sampled("a", (1.0,), (2.0,))], outside, 0.0, 10.0, 100.0)
    assert part.power_w is None and "an external meter" in reasons["energy.power_w"]


def counted(part):
    return [(one.host, one.domain) for one in part.domains if one.counted]


def test_parts_that_do_not_overlap_are_summed():
    part, _ = energy_part([node("a", PACKAGE, CORE, DRAM, GPU, PSYS, SECOND)], None, 2.0, 10.0)
    assert counted(part) == [("a", "package-0"), ("a", "dram-0"), ("a", "gpu-0"), ("a", "package-1")]
    assert part.propagation_j == 100.0 * (1 + 3 + 4 + 6)
    assert part.construction_j == 40.0 * 14 and part.warmup_j == 5.0 * 14
    assert part.idle_w == 10.0 * 14 and part.mean_power_w == 140.0
    assert part.covers == ("package", "dram", "gpu")
    assert len(part.domains) == 6
    assert per_event_uj(part, 1_000_000) == 1400.0
    assert per_event_uj(part, 0) is None


def test_the_counter_of_the_node_contains_its_parts():
    part, _ = energy_part([node("a", PACKAGE, DRAM, WHOLE)], None, 0.0, 10.0)
    assert part.covers == ("node",) and part.propagation_j == 300.0


def test_two_meters_do_not_count_one_thing_twice():
    part, _ = energy_part([node("a", PACKAGE, SAME)], None, 0.0, 10.0)
    assert counted(part) == [("a", "package-0")] and part.propagation_j == 100.0


def test_gpus_of_two_meters_that_see_the_same_are_counted_once():
    part, _ = energy_part([node("a", ("pm_counters", "gpu-0", "gpu"), GPU)], None, 0.0, 10.0)
    assert part.propagation_j == 100.0
    part, _ = energy_part([node("a", ("hwmon", "gpu (hwmon4)", "gpu"), GPU)], None, 0.0, 10.0)
    assert part.propagation_j == 300.0


def test_counters_that_did_not_move_measure_nothing():
    measured = Measured(Domain(*PACKAGE), {"propagation": 0.0}, None)
    part, reasons = energy_part([NodeEnergy("a", (measured,), None)], None, 0.0, 0.001)
    assert part.propagation_j is None and "the counters did not change" in reasons["energy.propagation_j"]


def test_nodes_are_summed_over_what_all_of_them_have():
    part, _ = energy_part([node("a", PACKAGE, DRAM), node("b", PACKAGE)], None, 2.0, 10.0)
    assert part.covers == ("package",) and part.hosts == ("a", "b")
    assert counted(part) == [("a", "package-0"), ("b", "package-0")]
    assert part.propagation_j == 200.0 and part.idle_w == 20.0


def test_a_node_without_a_meter_makes_the_sum_null_and_says_so():
    part, reasons = energy_part([node("a", PACKAGE), node("b", reason="powercap: none")], None, 2.0, 10.0)
    assert part.propagation_j is None and part.mean_power_w is None and part.covers == ()
    assert reasons["energy.propagation_j"] == "b: powercap: none"
    assert part.domains[0].propagation_j == 100.0 and not part.domains[0].counted


def test_a_fault_makes_the_sum_null_and_says_so():
    part, reasons = energy_part([node("a", PACKAGE, DRAM, faults=[1])], None, 2.0, 10.0)
    assert part.propagation_j is None and part.idle_w is None
    assert reasons["energy.propagation_j"] == "a, powercap dram-0: broken"
    assert part.domains[1].propagation_j is None and part.domains[0].propagation_j == 100.0


def test_a_fault_of_what_is_not_counted_does_no_harm():
    part, _ = energy_part([node("a", PACKAGE, CORE, faults=[1])], None, 2.0, 10.0)
    assert part.propagation_j == 100.0


def test_no_meter_anywhere():
    part, reasons = energy_part([node("a", reason="x"), node("b", reason="x")], None, 0.0, 10.0)
    assert part is None and reasons == {"energy": "x"}


def test_parts_of_a_package_alone_are_no_total():
    part, reasons = energy_part([node("a", CORE)], None, 0.0, 10.0)
    assert part.propagation_j is None and "cover" in reasons["energy.propagation_j"]


def test_a_meter_outside_counts_alone():
    outside = DomainEnergy(None, "power_log", "p.csv", "node", True, None, None, None, 700.0, None)
    part, reasons = energy_part([node("a", PACKAGE)], outside, 2.0, 10.0)
    assert part.propagation_j == 700.0 and part.covers == ("node",) and counted(part) == [(None, "p.csv")]
    assert part.construction_j is None and "external" in reasons["energy.construction_j"]
