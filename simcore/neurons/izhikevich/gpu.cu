// The arithmetic of the oracle in model.py, in the same order.
__device__ inline bool update_izhikevich(const Neuron &n) {
    REAL &v = n.state(0), &u = n.state(1);
    const REAL old_v = v, old_u = u, floor = n.coefficient(7);
    const REAL arrived = n.arrived(0) + n.arrived(1);
    const REAL slope = REAL(0.04) * old_v * old_v + REAL(5.0) * old_v + REAL(140.0) - old_u + n.coefficient(1);
    const REAL stepped = old_v + (n.coefficient(0) * slope + arrived);
    const REAL recovery = old_u + n.coefficient(2) * (n.coefficient(3) * old_v - old_u);
    const REAL potential = stepped < floor ? floor : stepped;
    const bool fires = potential >= n.coefficient(6);
    v = fires ? n.coefficient(4) : potential;
    u = fires ? recovery + n.coefficient(5) : recovery;
    return fires;
}
