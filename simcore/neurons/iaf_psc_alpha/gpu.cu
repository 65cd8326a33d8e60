// The arithmetic of the oracle in model.py, in the same order.
__device__ inline bool update_iaf_psc_alpha(const Neuron &n) {
    REAL &v = n.state(0), &i_ex = n.state(1), &i_in = n.state(2), &di_ex = n.state(3), &di_in = n.state(4);
    int &refractory = n.counter(0);
    const REAL old_v = v, floor = n.coefficient(6);
    const int left = refractory;
    const REAL integrated = n.coefficient(0) + n.coefficient(1) * di_ex + n.coefficient(2) * i_ex
        + n.coefficient(3) * di_in + n.coefficient(4) * i_in + n.coefficient(5) * old_v + old_v;
    const REAL bounded = integrated < floor ? floor : integrated;
    const REAL potential = left == 0 ? bounded : old_v;
    i_ex = n.coefficient(11) * di_ex + n.coefficient(10) * i_ex;
    i_in = n.coefficient(14) * di_in + n.coefficient(13) * i_in;
    di_ex = di_ex * n.coefficient(10) + n.coefficient(12) * n.arrived(0);
    di_in = di_in * n.coefficient(13) + n.coefficient(15) * n.arrived(1);
    const bool fires = potential >= n.coefficient(7);
    v = fires ? n.coefficient(8) : potential;
    refractory = fires ? static_cast<int>(n.coefficient(9)) : left - (left != 0);
    return fires;
}
