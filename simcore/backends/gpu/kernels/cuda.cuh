// What the kernels need of a GPU. The tests have a file with the same names for threads of a CPU.

#define WARP 32

// An addition that other threads may do at the same time to the same sum; its order changes nothing.
__device__ inline void add(int *sum, int value) { atomicAdd(sum, value); }

__device__ inline void add(long long *sum, long long value) {
    atomicAdd(reinterpret_cast<unsigned long long *>(sum), static_cast<unsigned long long>(value));
}

// The same, of numbers that are places: returns the sum before.
__device__ inline unsigned int append(unsigned int *end, unsigned int n) { return atomicAdd(end, n); }

__device__ inline long long append(long long *end, long long n) {
    return static_cast<long long>(
        atomicAdd(reinterpret_cast<unsigned long long *>(end), static_cast<unsigned long long>(n)));
}

// A value that other multiprocessors wrote before the latest barrier: not from the L1 cache.
template <class T> __device__ inline T fresh(const T *place) { return __ldcg(place); }

// Of this multiprocessor, and of the whole device; the second may advance in steps of a microsecond.
__device__ inline long long cycles() { return clock64(); }

__device__ inline long long nanoseconds() {
    long long now;
    asm volatile("mov.u64 %0, %globaltimer;" : "=l"(now));
    return now;
}

// Waits for all threads of the grid. All blocks must be resident; `arrivals` is 0 when the kernel starts.
__device__ inline void grid_barrier(unsigned int *arrivals, unsigned int &goal) {
    __syncthreads();
    if (threadIdx.x == 0) {
        goal += gridDim.x;
        __threadfence();
        atomicAdd(arrivals, 1u);
        while (*static_cast<volatile unsigned int *>(arrivals) < goal) {
        }
        __threadfence();
    }
    __syncthreads();
}
