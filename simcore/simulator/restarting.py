"""Check whether a network can restart with another seed."""

import numpy as np

from simcore.network import Column, Network, Projection


def not_restartable_because(network: Network) -> str | None:
    """Return why synapses would have to be redrawn for another seed; None if they do not depend on the seed.

    Parameters
    ----------
    network
        The description.
    """
    reasons = (_drawn(projection) or _changing(projection) for projection in network.projections)
    return next((reason for reason in reasons if reason is not None), None)


def _drawn(projection: Projection) -> str | None:
    name = f"projection {projection.source}->{projection.target}"
    if projection.rule.draws_edges:
        return f"the edges of {name} depend on the seed (rule {projection.rule.name})"
    for field in ("weight", "delay_ms"):
        # Values of unknown kinds may be random.
        if not isinstance(getattr(projection, field), float | np.ndarray | Column):
            return f"{field} of {name} is drawn from a distribution and depends on the seed"
    return None


def _changing(projection: Projection) -> str | None:
    if projection.plasticity is None:
        return None
    return f"the synapses of projection {projection.source}->{projection.target} are plastic"
