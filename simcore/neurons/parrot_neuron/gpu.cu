__device__ inline bool update_parrot_neuron(const Neuron &n) { return n.input[0] > 0; }
