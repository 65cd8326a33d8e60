// The arithmetic of the oracle in model.py, in the same order.
__device__ inline bool update_lif_discrete(const Neuron &n) {
    REAL &v = n.state(0), &u = n.state(1);
    const REAL current = u * n.coefficient(0) + (n.coefficient(3) + n.arrived(0));
    const REAL potential = v * n.coefficient(1) + current * n.coefficient(2);
    const bool fires = potential > n.coefficient(4);
    u = current;
    v = fires ? potential * n.coefficient(5) + n.coefficient(6) : potential;
    return fires;
}
