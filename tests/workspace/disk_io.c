/* Loaded before libc: watches every call that changes files below a folder.
 *
 * `disk_arm(n, how, folder)` makes the n-th call fail, or ends the process there:
 *   how > 0   it fails with this error; so do all later ones if `disk_lasting(1)` was called, as on a full disk;
 *   how == 0  the process is killed: a write is half done by then. What is sent to a server counts too.
 * `disk_count()` says how many calls there were.
 *
 * `disk_record(fd, folder)` writes each call that succeeded to a file, for `tests.workspace.power`:
 *   the kind, the lengths of two paths, an offset or size, the length of the data; then these. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <unistd.h>

enum { OFF, FAIL, KILL, RECORD };
static int mode, at, lasting, error, count, log_fd = -1;
static char folder[4096];

#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

void disk_lasting(int lasting_) { lasting = lasting_; }

void disk_arm(int at_, int how, const char *folder_) {
    mode = how ? FAIL : KILL, error = how, at = at_, count = 0;
    snprintf(folder, sizeof folder, "%s", folder_);
}

void disk_record(int fd, const char *folder_) {
    mode = RECORD, log_fd = fd;
    snprintf(folder, sizeof folder, "%s", folder_);
}

int disk_count(void) { return count; }

static void put(const void *data, size_t size) {
    while (size) {
        ssize_t done = syscall(SYS_write, log_fd, data, size);
        if (done <= 0) _exit(97);
        data = (const char *)data + done, size -= done;
    }
}

static void note(char kind, const char *one, const char *two, int64_t offset, const void *data, size_t size) {
    if (mode != RECORD) return;
    int kept = errno;
    uint32_t first = strlen(one), second = strlen(two), third = size;
    put(&kind, 1), put(&first, 4), put(&second, 4), put(&offset, 8), put(&third, 4);
    put(one, first), put(two, second), put(data, size);
    errno = kept;
}

/* What was said to be done, by the job itself. */
void disk_mark(const char *words) { note('k', words, "", 0, "", 0); }

static int inside(const char *path) {
    size_t size = strlen(folder);
    return size && !strncmp(path, folder, size) && (path[size] == '/' || !path[size]);
}

/* Count a call; return whether it fails. `half` is done of one that is cut off. */
static int counted(void) {
    count++;
    if (!at || count < at || (count > at && !lasting)) return 0;
    if (mode == FAIL) errno = error;
    return 1;
}

static void die(void) {
    syscall(SYS_kill, getpid(), SIGKILL);
    for (;;) pause();
}

static int fails_path(const char *path) {
    if (mode != FAIL && mode != KILL) return 0;
    if (!inside(path) || !counted()) return 0;
    if (mode == KILL) die();
    return 1;
}

/* Whether a file descriptor is one to be watched; its path is put into `path`. */
static int watched(int fd, char *path) {
    char link[64];
    if (mode == OFF || fd == log_fd) return 0;
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, 4095);
    if (size < 0) return 0;
    path[size] = 0;
    return inside(path) || (mode == KILL && !strncmp(path, "socket:", 7));
}

static int fails(int fd, int may_be_half) {
    char path[4096];
    if ((mode != FAIL && mode != KILL) || !watched(fd, path) || !counted()) return 0;
    if (mode == KILL && !may_be_half) die();
    return 1;
}

static void noted(char kind, int fd, int64_t offset, const void *data, size_t size) {
    char path[4096];
    if (mode == RECORD && watched(fd, path)) note(kind, path, "", offset, data, size);
}

ssize_t write(int fd, const void *data, size_t size) {
    if (fails(fd, 1)) {
        if (mode == KILL) NEXT(write)(fd, data, size / 2), die();
        return -1;
    }
    ssize_t done = NEXT(write)(fd, data, size);
    if (done > 0 && mode == RECORD) noted('w', fd, lseek(fd, 0, SEEK_CUR) - done, data, done);
    return done;
}

#define PWRITE(name, type)                                           \
    ssize_t name(int fd, const void *data, size_t size, type to) {   \
        if (fails(fd, 1)) {                                          \
            if (mode == KILL) NEXT(name)(fd, data, size / 2, to), die(); \
            return -1;                                               \
        }                                                            \
        ssize_t done = NEXT(name)(fd, data, size, to);               \
        if (done > 0) noted('w', fd, to, data, done);                \
        return done;                                                 \
    }
PWRITE(pwrite, off_t)
PWRITE(pwrite64, off64_t)

ssize_t writev(int fd, const struct iovec *data, int n) {
    char path[4096];
    if (fails(fd, 0)) return -1;
    if (mode == RECORD && watched(fd, path)) _exit(98); /* nobody does it: it would have to be recorded */
    return NEXT(writev)(fd, data, n);
}

ssize_t send(int fd, const void *data, size_t size, int flags) {
    if (mode == KILL && fails(fd, 1)) NEXT(send)(fd, data, size / 2, flags), die();
    return NEXT(send)(fd, data, size, flags);
}

#define SYNC(name)                       \
    int name(int fd) {                   \
        if (fails(fd, 0)) return -1;     \
        int done = NEXT(name)(fd);       \
        if (!done) noted('s', fd, 0, "", 0); \
        return done;                     \
    }
SYNC(fsync)
SYNC(fdatasync)

#define TRUNCATE(name, type)                     \
    int name(int fd, type size) {                \
        if (fails(fd, 0)) return -1;             \
        int done = NEXT(name)(fd, size);         \
        if (!done) noted('t', fd, size, "", 0);  \
        return done;                             \
    }
TRUNCATE(ftruncate, off_t)
TRUNCATE(ftruncate64, off64_t)

int rename(const char *from, const char *to) {
    if (fails_path(to)) return -1;
    int done = NEXT(rename)(from, to);
    if (!done && mode == RECORD && inside(to)) note('r', from, to, 0, "", 0);
    return done;
}

#define PATH(name, kind, ...)                                                      \
    int done;                                                                      \
    if (fails_path(path)) return -1;                                               \
    done = NEXT(name)(__VA_ARGS__);                                                \
    if (!done && mode == RECORD && inside(path)) note(kind, path, "", 0, "", 0);   \
    return done;
int unlink(const char *path) { PATH(unlink, 'u', path) }
int rmdir(const char *path) { PATH(rmdir, 'u', path) }
int mkdir(const char *path, mode_t mode_) { PATH(mkdir, 'm', path, mode_) }

#define OPEN(name)                                                       \
    int name(const char *path, int flags, ...) {                         \
        va_list rest;                                                    \
        va_start(rest, flags);                                           \
        mode_t mode_ = flags & O_CREAT ? va_arg(rest, mode_t) : 0;       \
        va_end(rest);                                                    \
        int mine = mode != OFF && (flags & (O_CREAT | O_TRUNC)) && inside(path); \
        if (mine && (flags & O_CREAT) && fails_path(path)) return -1;    \
        int there = mine && !access(path, F_OK);                         \
        int fd = NEXT(name)(path, flags, mode_);                         \
        if (fd >= 0 && mine && !there) note('c', path, "", 0, "", 0);    \
        if (fd >= 0 && there && (flags & O_TRUNC)) note('t', path, "", 0, "", 0); \
        return fd;                                                       \
    }
OPEN(open)
OPEN(open64)
