"""Integrate-and-fire neuron with any number of receptors, each with an exponentially decaying current."""
