// A disk that fails. Preloaded (LD_PRELOAD), this library counts what a process and its children do to files below a
// folder, and lets the n-th operation of a kind fail: Python, HDF5 and SQLite alike, because they all call the C library.
// The plan and the counts lie in a file that FAILING_DISK names; failing_disk.py writes and reads it.
#include <cerrno>
#include <csignal>
#include <cstdarg>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <dlfcn.h>
#include <fcntl.h>
#include <limits.h>
#include <string>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

namespace {

enum Operation : int64_t { WRITE, FSYNC, RENAME, TRUNCATE, CREATE, OPERATIONS, ANY = OPERATIONS };
enum Action : int64_t { ERROR, SHORT, SIGNAL };

struct Plan {
    int64_t operation, at, lasting, action, number;  // `at` counts from 1, 0 for never; an error or a signal's number
    int64_t counts[OPERATIONS + 1], hits;            // the last count is that of all operations
    char folder[1024], first[1024];                  // what was hit first: the path of its file
};

Plan *plan = nullptr;

__attribute__((constructor)) void begin() {
    const char *name = getenv("FAILING_DISK");
    const int file = name ? open(name, O_RDWR | O_CLOEXEC) : -1;
    if (file < 0) return;
    void *mapped = mmap(nullptr, sizeof(Plan), PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    close(file);
    if (mapped != MAP_FAILED) plan = static_cast<Plan *>(mapped);
}

std::string path_of(int file) {
    char path[PATH_MAX];
    const ssize_t length = readlink(("/proc/self/fd/" + std::to_string(file)).c_str(), path, sizeof path);
    return length < 0 ? "" : std::string(path, length);
}

std::string path_of(int folder, const char *path) {
    if (path[0] == '/') return path;
    char here[PATH_MAX];
    const std::string start = folder != AT_FDCWD ? path_of(folder) : getcwd(here, sizeof here) ? here : "";
    return start + "/" + path;
}

bool below(const std::string &path) {
    return plan && path.compare(0, strlen(plan->folder), plan->folder) == 0 && path[strlen(plan->folder)] == '/';
}

// Whether this operation is hit.
bool hit(Operation operation, const std::string &path) {
    if (!below(path)) return false;
    const int64_t nth = __atomic_add_fetch(&plan->counts[operation], 1, __ATOMIC_SEQ_CST);
    const int64_t all = __atomic_add_fetch(&plan->counts[ANY], 1, __ATOMIC_SEQ_CST);
    const int64_t count = plan->operation == ANY ? all : nth;
    if (plan->at == 0 || (plan->operation != ANY && plan->operation != operation)) return false;
    if (count != plan->at && !(plan->lasting && count > plan->at)) return false;
    if (__atomic_add_fetch(&plan->hits, 1, __ATOMIC_SEQ_CST) == 1)
        strncpy(plan->first, path.c_str(), sizeof plan->first - 1);
    return true;
}

// Whether this operation fails, with errno set.
bool fails(Operation operation, const std::string &path) {
    if (!hit(operation, path)) return false;
    if (plan->action == SIGNAL) kill(getpid(), static_cast<int>(plan->number));
    if (plan->action == ERROR) errno = static_cast<int>(plan->number);
    return plan->action == ERROR;
}

// How much of `size` bytes is written; -1 for none, with errno set.
ssize_t written(int file, size_t size) {
    const int64_t before = plan ? plan->hits : 0;
    if (fails(WRITE, path_of(file))) return -1;
    const bool half = plan && plan->hits > before && plan->action == SHORT && size > 1;
    return half ? size / 2 : size;
}

template <class Function> Function real(const char *name) { return reinterpret_cast<Function>(dlsym(RTLD_NEXT, name)); }

bool makes(int flags) { return (flags & O_CREAT) || (flags & O_TMPFILE) == O_TMPFILE; }

// Whether a new file or folder cannot be made; one that is there takes no room.
bool fails_to_make(int folder, const char *path) {
    return faccessat(folder, path, F_OK, AT_SYMLINK_NOFOLLOW) != 0 && fails(CREATE, path_of(folder, path));
}

int opened(const char *name, int folder, bool at, const char *path, int flags, va_list rest) {
    const mode_t mode = makes(flags) ? va_arg(rest, mode_t) : 0;
    if ((flags & O_CREAT) && fails_to_make(folder, path)) return -1;
    if (at) return real<int (*)(int, const char *, int, ...)>(name)(folder, path, flags, mode);
    return real<int (*)(const char *, int, ...)>(name)(path, flags, mode);
}

}  // namespace

extern "C" {

ssize_t write(int file, const void *bytes, size_t size) {
    const ssize_t part = written(file, size);
    return part < 0 ? -1 : real<ssize_t (*)(int, const void *, size_t)>("write")(file, bytes, part);
}

#define POSITIONED(NAME, OFFSET)                                                                                       \
    ssize_t NAME(int file, const void *bytes, size_t size, OFFSET offset) {                                            \
        const ssize_t part = written(file, size);                                                                      \
        return part < 0 ? -1 : real<ssize_t (*)(int, const void *, size_t, OFFSET)>(#NAME)(file, bytes, part, offset); \
    }
POSITIONED(pwrite, off_t)
POSITIONED(pwrite64, off64_t)

ssize_t writev(int file, const struct iovec *parts, int count) {
    return fails(WRITE, path_of(file)) ? -1 : real<ssize_t (*)(int, const struct iovec *, int)>("writev")(file, parts, count);
}

// No power fails while a test runs: what is written need not wait for the disk.
#define SYNCED(NAME)                                                        \
    int NAME(int file) {                                                    \
        const std::string path = path_of(file);                             \
        if (fails(FSYNC, path)) return -1;                                  \
        return below(path) ? 0 : real<int (*)(int)>(#NAME)(file);           \
    }
SYNCED(fsync)
SYNCED(fdatasync)

#define TRUNCATED(NAME, WHAT, PATH, SIZE)                                                          \
    int NAME(WHAT file, SIZE size) noexcept {                                                      \
        return fails(TRUNCATE, PATH) ? -1 : real<int (*)(WHAT, SIZE)>(#NAME)(file, size);          \
    }
TRUNCATED(ftruncate, int, path_of(file), off_t)
TRUNCATED(ftruncate64, int, path_of(file), off64_t)
TRUNCATED(truncate, const char *, path_of(AT_FDCWD, file), off_t)
TRUNCATED(truncate64, const char *, path_of(AT_FDCWD, file), off64_t)

int rename(const char *from, const char *to) noexcept {
    return fails(RENAME, path_of(AT_FDCWD, to)) ? -1 : real<int (*)(const char *, const char *)>("rename")(from, to);
}

int renameat(int from_folder, const char *from, int to_folder, const char *to) noexcept {
    using Real = int (*)(int, const char *, int, const char *);
    return fails(RENAME, path_of(to_folder, to)) ? -1 : real<Real>("renameat")(from_folder, from, to_folder, to);
}

int renameat2(int from_folder, const char *from, int to_folder, const char *to, unsigned int flags) noexcept {
    using Real = int (*)(int, const char *, int, const char *, unsigned int);
    return fails(RENAME, path_of(to_folder, to)) ? -1 : real<Real>("renameat2")(from_folder, from, to_folder, to, flags);
}

#define OPENED(NAME)                                                               \
    int NAME(const char *path, int flags, ...) {                                   \
        va_list rest;                                                              \
        va_start(rest, flags);                                                     \
        const int file = opened(#NAME, AT_FDCWD, false, path, flags, rest);        \
        va_end(rest);                                                              \
        return file;                                                               \
    }
OPENED(open)
OPENED(open64)

#define OPENED_AT(NAME)                                                            \
    int NAME(int folder, const char *path, int flags, ...) {                       \
        va_list rest;                                                              \
        va_start(rest, flags);                                                     \
        const int file = opened(#NAME, folder, true, path, flags, rest);           \
        va_end(rest);                                                              \
        return file;                                                               \
    }
OPENED_AT(openat)
OPENED_AT(openat64)

int mkdir(const char *path, mode_t mode) noexcept {
    return fails_to_make(AT_FDCWD, path) ? -1 : real<int (*)(const char *, mode_t)>("mkdir")(path, mode);
}

int mkdirat(int folder, const char *path, mode_t mode) noexcept {
    return fails_to_make(folder, path) ? -1 : real<int (*)(int, const char *, mode_t)>("mkdirat")(folder, path, mode);
}

}  // extern "C"
