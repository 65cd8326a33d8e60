// Philox4x32-10 (Salmon et al. 2011): the arithmetic of simcore/random.py.

struct Words {
    uint32 w0, w1, w2, w3;

    // An array with an index that is not known when it is compiled would not stay in registers.
    __device__ uint32 word(int64 number) const {
        return number == 0 ? w0 : number == 1 ? w1 : number == 2 ? w2 : w3;
    }
};

__device__ inline Words philox(uint32 c0, uint32 c1, uint32 c2, uint32 c3, uint32 k0, uint32 k1) {
    for (int round = 0; round < 10; ++round) {
        const uint64 product0 = 0xD2511F53ull * c0, product1 = 0xCD9E8D57ull * c2;
        c0 = static_cast<uint32>(product1 >> 32) ^ c1 ^ k0;
        c1 = static_cast<uint32>(product1);
        c2 = static_cast<uint32>(product0 >> 32) ^ c3 ^ k1;
        c3 = static_cast<uint32>(product0);
        k0 += 0x9E3779B9u;
        k1 += 0xBB67AE85u;
    }
    return {c0, c1, c2, c3};
}
