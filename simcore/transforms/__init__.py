"""Networks that follow from a drawn network: pruned, or with perturbed weights."""
