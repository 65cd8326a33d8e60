"""Work that does not grow with the square of a network's populations, counted instead of timed."""

from collections import Counter

from simcore.backends.cpu.miniature import representatives
from simcore.network import Dc, Network, Noise, Poisson, Population, StepCurrent

N = 200


def many():
    populations = [Population(f"P{k}", 2, "iaf_psc_exp" if k % 2 else "iaf_psc_delta") for k in range(N)]
    drives = [Poisson(f"P{k}", 10.0, 1.0) for k in range(N)]
    drives += [StepCurrent(f"P{k}", [1.0], [5.0]) for k in range(1, N, 4)]
    return Network(populations, drives=[*drives, Dc("P3", 7.0), Dc("P1", 1.0), StepCurrent("P3", [2.0], [1.0])])


def test_kernels_are_compiled_once_for_populations_that_need_the_same():
    chosen = representatives(many())
    # The first of each model and kinds of drives: P1 and P3 have a dc, too, P5 has none, P7 no current at all.
    assert list(chosen) == ["P0", "P1", "P5", "P7"]
    assert {population.model for population in chosen.values()} == {"iaf_psc_exp", "iaf_psc_delta"}


def test_drives_of_a_population_are_found_without_a_look_at_all():
    network = many()
    expected = {
        p.name: [(k, d) for k, d in enumerate(network.drives) if d.target == p.name] for p in network.populations
    }
    assert {p.name: list(network.drives_of(p.name)) for p in network.populations} == expected
    assert list(network.drives_of("none")) == []


def test_a_description_prepares_each_drive_a_few_times_however_many_there_are(monkeypatch):
    prepared = Counter()
    prepare = Noise.prepare
    monkeypatch.setattr(Noise, "prepare", lambda self, h: prepared.update([self.target]) or prepare(self, h))
    Network([Population(f"P{k}", 1) for k in range(30)], drives=[Noise(f"P{k}", 1.0, 1.0) for k in range(30)])
    assert set(prepared.values()) == {1} and len(prepared) == 30
