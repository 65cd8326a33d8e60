// The arithmetic of the oracle in model.py, in the same order.
__device__ inline bool update_iaf_psc_exp_multisynapse(const Neuron &n) {
    REAL &v = n.state(0);
    int &refractory = n.counter(0);
    const int left = refractory, receptors = static_cast<int>(n.coefficient(0));
    REAL integrated = v * n.coefficient(1) + n.coefficient(2);
    for (int k = 0; k < receptors; ++k) {
        REAL &current = n.state(1 + k);
        const REAL old_current = current;
        integrated = integrated + n.coefficient(6 + 2 * k) * old_current;
        current = old_current * n.coefficient(7 + 2 * k) + n.arrived(k);
    }
    const REAL potential = left == 0 ? integrated : v;
    const bool fires = potential >= n.coefficient(3);
    v = fires ? n.coefficient(4) : potential;
    refractory = fires ? static_cast<int>(n.coefficient(5)) : left - (left != 0);
    return fires;
}
