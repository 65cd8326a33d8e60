"""Check whether the neurons of each population are exchangeable, so that synapses need not be drawn."""

import numpy as np

from simcore.network.description import Network


def why_not_exchangeable(network: Network) -> str | None:
    """Reason why the neurons of a population differ in their connections by more than chance, or None."""
    one = np.ones(1, dtype=np.int64)
    for index, projection in enumerate(network.projections):
        wiring, sides = network.wiring(index), (projection.source, projection.target)
        whole = [network.population(name).size for name in sides] == [wiring.n_source, wiring.n_target]
        if not whole or projection.rule.log_unreached(wiring, one) is None:
            kind = projection.rule.name if whole else "between selected neurons"
            return f"neurons of a population are not exchangeable: projection {' -> '.join(sides)} is {kind}"
    return None
