// The arithmetic of the oracle in model.py, in the same order.
__device__ inline bool update_iaf_psc_exp_reset(const Neuron &n) {
    REAL &v = n.state(0), &current = n.state(1);
    int &refractory = n.counter(0);
    const REAL old_v = v, old_current = current;
    const int left = refractory;
    const REAL integrated = old_v * n.coefficient(0) + old_current * n.coefficient(2) + n.coefficient(4);
    const bool fires = left == 0 && integrated > n.coefficient(5);
    // 2^-100: below, nothing is left.
    const REAL negligible = REAL(7.888609052210118e-31);
    REAL arrived = old_current * n.coefficient(1) + n.arrived(0);
    REAL jumped = integrated + n.arrived(1) * n.coefficient(3);
    arrived = fabs(arrived) < negligible ? REAL(0) : arrived;
    jumped = fabs(jumped) < negligible ? REAL(0) : jumped;
    current = fires ? REAL(0) : left == 0 ? arrived : old_current;
    v = fires ? n.coefficient(6) : left == 0 ? jumped : old_v;
    refractory = fires ? static_cast<int>(n.coefficient(7)) : left - (left != 0);
    return fires;
}
