// The arithmetic of the oracle in model.py, in the same order.
__device__ inline bool update_iaf_psc_exp(const Neuron &n) {
    REAL &v = n.state(0), &i_ex = n.state(1), &i_in = n.state(2);
    int &refractory = n.counter(0);
    const REAL old_v = v, old_ex = i_ex, old_in = i_in;
    const int left = refractory;
    const REAL integrated = old_v * n.coefficient(0) + old_ex * n.coefficient(3) + old_in * n.coefficient(4) + n.coefficient(5);
    const REAL potential = left == 0 ? integrated : old_v;
    i_ex = old_ex * n.coefficient(1) + n.arrived(0);
    i_in = old_in * n.coefficient(2) + n.arrived(1);
    const bool fires = potential >= n.coefficient(6);
    v = fires ? n.coefficient(7) : potential;
    refractory = fires ? static_cast<int>(n.coefficient(8)) : left - (left != 0);
    return fires;
}
