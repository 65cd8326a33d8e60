"""A small network in which every neuron fires often and input of both signs arrives after every delay."""

from simcore.network import FixedIndegree, Network, Normal, Population, Projection, Uniform


def busy():
    initial = {"V_m": Normal(mean=-60.0, std=5.0, high=-50.1)}
    neuron = {"V_th": -50.0, "I_e": 700.0, "t_ref": 1.0}
    populations = [Population(name, 120, "iaf_psc_exp", neuron, initial) for name in ("E", "I")]
    weights = {"E": Normal(mean=60.0, std=10.0, low=1.0), "I": Normal(mean=-80.0, std=10.0, high=-1.0)}
    delays = Uniform(low=0.1, high=2.0)
    projections = [
        Projection(source, target, FixedIndegree(24), weights[source], delays) for source in "EI" for target in "EI"
    ]
    return Network(populations, projections)
