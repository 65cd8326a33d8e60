"""Simple spiking neuron of Izhikevich."""
