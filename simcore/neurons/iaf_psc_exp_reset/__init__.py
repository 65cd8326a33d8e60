"""Leaky integrate-and-fire neuron with a synaptic current that spikes reset, as in the whole-brain model of the fly."""
