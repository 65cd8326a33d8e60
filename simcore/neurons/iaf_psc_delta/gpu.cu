// The arithmetic of the oracle in model.py, in the same order.
__device__ inline bool update_iaf_psc_delta(const Neuron &n) {
    REAL &v = n.state(0), &kept = n.state(1);
    int &refractory = n.counter(0);
    const REAL old_v = v, floor = n.coefficient(3);
    const int left = refractory;
    const REAL arrived = n.arrived(0) + n.arrived(1);
    const REAL integrated = n.coefficient(0) + n.coefficient(1) * old_v + arrived + kept;
    const REAL bounded = integrated < floor ? floor : integrated;
    const REAL potential = left == 0 ? bounded : old_v;
    kept = left == 0 ? REAL(0) : (kept + arrived) * n.coefficient(2);
    const bool fires = potential >= n.coefficient(4);
    v = fires ? n.coefficient(5) : potential;
    refractory = fires ? static_cast<int>(n.coefficient(6)) : left - (left != 0);
    return fires;
}
