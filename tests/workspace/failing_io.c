/* Loaded before libc: makes the n-th call that changes files below a folder fail, as a disk would.
 * `fail_arm(n, lasting, error, folder)` arms it: lasting, every later call fails too, as where the
 * disk is full. `fail_count()` says how many calls there were. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

static int at, lasting, error, count;
static char folder[4096];

void fail_arm(int at_, int lasting_, int error_, const char *folder_) {
    at = at_, lasting = lasting_, error = error_, count = 0;
    snprintf(folder, sizeof folder, "%s", folder_);
}

int fail_count(void) { return count; }

static int fails_path(const char *path) {
    if (!folder[0] || strncmp(path, folder, strlen(folder))) return 0;
    count++;
    if (!at || count < at || (count > at && !lasting)) return 0;
    errno = error;
    return 1;
}

static int fails(int fd) {
    char link[64], path[4096];
    if (!folder[0]) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, sizeof path - 1);
    if (size < 0) return 0;
    path[size] = 0;
    return fails_path(path);
}

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

ssize_t write(int fd, const void *data, size_t size) { return fails(fd) ? -1 : NEXT(write)(fd, data, size); }
ssize_t writev(int fd, const struct iovec *data, int n) { return fails(fd) ? -1 : NEXT(writev)(fd, data, n); }
ssize_t pwrite(int fd, const void *data, size_t size, off_t to) { return fails(fd) ? -1 : NEXT(pwrite)(fd, data, size, to); }
ssize_t pwrite64(int fd, const void *data, size_t size, off64_t to) { return fails(fd) ? -1 : NEXT(pwrite64)(fd, data, size, to); }
int fsync(int fd) { return fails(fd) ? -1 : NEXT(fsync)(fd); }
int fdatasync(int fd) { return fails(fd) ? -1 : NEXT(fdatasync)(fd); }
int ftruncate(int fd, off_t size) { return fails(fd) ? -1 : NEXT(ftruncate)(fd, size); }
int ftruncate64(int fd, off64_t size) { return fails(fd) ? -1 : NEXT(ftruncate64)(fd, size); }
int rename(const char *from, const char *to) { return fails_path(to) ? -1 : NEXT(rename)(from, to); }
int unlink(const char *path) { return fails_path(path) ? -1 : NEXT(unlink)(path); }
int mkdir(const char *path, mode_t mode) { return fails_path(path) ? -1 : NEXT(mkdir)(path, mode); }

#define OPEN(name)                                                  \
    int name(const char *path, int flags, ...) {                    \
        va_list rest;                                               \
        va_start(rest, flags);                                      \
        mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;   \
        va_end(rest);                                               \
        if ((flags & O_CREAT) && fails_path(path)) return -1;       \
        return NEXT(name)(path, flags, mode);                       \
    }
OPEN(open)
OPEN(open64)
