// exp(x): the arithmetic of simcore/exponential.py, where it is explained.

template <class Real> struct Reduction;

template <> struct Reduction<float> {
    typedef uint32 Bits;
    static constexpr float rounder = 0x1.8p23f, ln2_high = 0x1.63p-1f, ln2_low = -0x1.bd0106p-13f;
    static constexpr int terms = 8, mantissa_bits = 23, exponent_bias = 127;
};

template <> struct Reduction<double> {
    typedef uint64 Bits;
    static constexpr double rounder = 0x1.8p52, ln2_high = 0x1.62e42fee00000p-1, ln2_low = 0x1.a39ef35793c76p-33;
    static constexpr int terms = 16, mantissa_bits = 52, exponent_bias = 1023;
};

// Eight terms of a polynomial in r, over the power of the first.
__device__ inline REAL taylor(const REAL *c, REAL r) {
    const REAL r2 = r * r;
    const REAL low = (c[0] + c[1] * r) + (c[2] + c[3] * r) * r2;
    const REAL high = (c[4] + c[5] * r) + (c[6] + c[7] * r) * r2;
    return low + high * (r2 * r2);
}

// 2^k, from the sum of k and the rounder.
__device__ inline REAL power_of_two(REAL shifted) {
    typedef Reduction<REAL> Constants;
    union {
        REAL number;
        Constants::Bits bits;
    } scale{shifted};
    scale.bits = (scale.bits << Constants::mantissa_bits)
        + (static_cast<Constants::Bits>(Constants::exponent_bias) << Constants::mantissa_bits);
    return scale.number;
}

__device__ inline REAL exponential(REAL x) {
    typedef Reduction<REAL> Constants;
    const REAL factorials[16] = {
        REAL(1.0), REAL(1.0), REAL(1.0 / 2.0), REAL(1.0 / 6.0), REAL(1.0 / 24.0), REAL(1.0 / 120.0), REAL(1.0 / 720.0),
        REAL(1.0 / 5040.0), REAL(1.0 / 40320.0), REAL(1.0 / 362880.0), REAL(1.0 / 3628800.0), REAL(1.0 / 39916800.0),
        REAL(1.0 / 479001600.0), REAL(1.0 / 6227020800.0), REAL(1.0 / 87178291200.0), REAL(1.0 / 1307674368000.0)};
    const REAL low = REAL(-80.0), high = REAL(80.0);
    const REAL above = x < low ? low : x;
    const REAL clipped = above > high ? high : above;
    const REAL shifted = clipped * REAL(0x1.71547652b82fep+0) + Constants::rounder;
    const REAL k = shifted - Constants::rounder;
    const REAL r = (clipped - k * Constants::ln2_high) - k * Constants::ln2_low;
    REAL series = taylor(factorials, r);
    if (Constants::terms == 16) {
        const REAL r4 = (r * r) * (r * r);
        series = series + taylor(factorials + 8, r) * (r4 * r4);
    }
    return series * power_of_two(shifted);
}
