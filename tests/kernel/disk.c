/* A disk that fails when it is told to: preloaded, it stands before the C library.
 *
 * It writes down each call below a folder, and lets the one with a certain number fail.
 */

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <unistd.h>

/* In the place of an error's number. */
enum { CHANGED = 0, SHORT = -1, ENDED = -2 };

static char folder[4096], which[16], lines[1 << 20];
static size_t length;
static long number, seen;
static int fault;

/* The `new_number`-th call of a kind is to fail; with 0 none. */
void disk_fails(const char *new_folder, const char *kind, long new_number, int new_fault)
{
    snprintf(folder, sizeof folder, "%s/", new_folder);
    snprintf(which, sizeof which, "%s", kind);
    number = new_number;
    fault = new_fault;
    seen = 0;
    length = 0;
    lines[0] = 0;
}

/* Every call so far, each in a line: its kind and the path. */
const char *disk_calls(void) { return lines; }

/* Write a call down; whether it is the one to fail. */
static int fails(const char *kind, const char *path)
{
    char whole[4097];
    snprintf(whole, sizeof whole, "%s/", path); /* the folder itself is below it, too */
    if (!*folder || strncmp(whole, folder, strlen(folder)))
        return 0;
    int is_it = !strcmp(kind, which) && ++seen == number;
    if (length < sizeof lines - 5000)
        length += (size_t)sprintf(lines + length, "%s%s %s\n", is_it ? "FAILED " : "", kind, path);
    return is_it;
}

static int fails_at(const char *kind, int file)
{
    char link[40], path[4096];
    sprintf(link, "/proc/self/fd/%d", file);
    ssize_t size = *folder ? readlink(link, path, sizeof path - 1) : -1;
    path[size < 0 ? 0 : size] = 0;
    return size > 0 && fails(kind, path);
}

#define REAL(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))
#define FAIL return errno = fault, -1

#define OPEN(name)                                                                                 \
    int name(const char *path, int flags, ...)                                                     \
    {                                                                                              \
        va_list rest;                                                                              \
        va_start(rest, flags);                                                                     \
        mode_t mode = flags & O_CREAT ? va_arg(rest, mode_t) : 0;                                  \
        va_end(rest);                                                                              \
        if (fails(flags & O_CREAT ? "create" : "open", path))                                      \
            FAIL;                                                                                  \
        return REAL(name)(path, flags, mode);                                                      \
    }
OPEN(open)
OPEN(open64)

ssize_t write(int file, const void *data, size_t size)
{
    int is_it = fails_at("write", file);
    if (is_it && fault > 0)
        FAIL;
    return REAL(write)(file, data, is_it && size ? 1 : size);
}

/* What was read, bent. */
static ssize_t bent(char *data, ssize_t count)
{
    if (fault == ENDED)
        return 0;
    if (fault == CHANGED && count > 0)
        data[count / 2] ^= 1;
    return count;
}

ssize_t read(int file, void *data, size_t size)
{
    if (!fails_at("read", file))
        return REAL(read)(file, data, size);
    if (fault > 0)
        FAIL;
    return bent(data, REAL(read)(file, data, fault == SHORT ? 1 : size));
}

#define PREAD(name, offset_t)                                                                      \
    ssize_t name(int file, void *data, size_t size, offset_t at)                                   \
    {                                                                                              \
        if (!fails_at("read", file))                                                               \
            return REAL(name)(file, data, size, at);                                               \
        if (fault > 0)                                                                             \
            FAIL;                                                                                  \
        return bent(data, REAL(name)(file, data, fault == SHORT ? 1 : size, at));                  \
    }
PREAD(pread, off_t)
PREAD(pread64, off64_t)

/* That takes most of the time, and no test ends in a power cut. */
int fsync(int file)
{
    if (fails_at("fsync", file))
        FAIL;
    return 0;
}

/* A file is closed though the disk says that something went wrong. */
int close(int file)
{
    int is_it = fails_at("close", file), answer = REAL(close)(file);
    if (is_it)
        FAIL;
    return answer;
}

int rename(const char *path, const char *target)
{
    if (fails("rename", target))
        FAIL;
    return REAL(rename)(path, target);
}

int unlink(const char *path)
{
    if (fails("unlink", path))
        FAIL;
    return REAL(unlink)(path);
}
