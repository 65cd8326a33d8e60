"""Digests of networks and spikes, and the identity of a simulation."""

import hashlib
from typing import Any

from simcore.backends import Construction, Plan
from simcore.network import Network


def digest_of_network(plan: Plan, network: Network, own: Construction) -> str:
    """Return the digest of synapses and parameters, with this rank's part `own`; all ranks call this together."""
    parts = plan.comm.gather((own.network_digest, own.synapses))
    described = f"{plan.tables.digest} {network.resolution_ms!r}"
    if not any(synapses for _, synapses in parts):
        described += f" {[population.size for population in network.populations]}"
    shared = hashlib.sha256(described.encode()).hexdigest()
    return hexadecimal(sum(digest for digest, _ in parts) + int(shared[:32], 16))


def digest_of_synapses(plan: Plan, own: Construction) -> str:
    """Return the digest of synapses, receptors and units of weights and delays; all ranks call this together."""
    parts = plan.comm.gather(own.synapse_digests)
    units = hashlib.sha256(f"{plan.network.resolution_ms!r} {[lsb.tolist() for lsb in plan.tables.grid.lsb]}".encode())
    total = int(units.hexdigest()[:32], 16)
    for receptor, digests in enumerate(zip(*parts, strict=True)):
        # An odd factor is invertible and distinguishes receptors.
        factor = int(hashlib.sha256(f"receptor {receptor}".encode()).hexdigest()[:32], 16) | 1
        total += factor * sum(digests)
    return hexadecimal(total)


def identity_of(plan: Plan, network_digest: str) -> dict[str, Any]:
    """Return the properties that a snapshot and the simulator that continues from it must share."""
    own = {"seed": plan.seed, "precision": plan.precision, "weight_bits": plan.tables.grid.bits}
    return own | {"network_digest": network_digest}


def hexadecimal(digest: int) -> str:
    """Return a sum of digests as a string of 32 digits."""
    return f"{digest % 2**128:032x}"
