/* New files that appear whole or not at all, several at a time, without Python's lock.
 *
 * It does what staged() and put() in leanfeed/default_plugins/safe_files.py do, and in the same order
 * for each file: written beside its final name, read again, flushed, renamed, its folder flushed. The
 * steps of several files are taken together, because the first flush of some files takes most of what
 * the others need along. On Windows there is none of it.
 */

#if defined(__APPLE__)
#define _DARWIN_C_SOURCE
#else
#define _GNU_SOURCE
#define _FILE_OFFSET_BITS 64
#endif

#include <stdint.h>

#define CAME_BACK_CHANGED (-1)

#if defined(_WIN32)

__declspec(dllexport) int32_t leanfeed_put(void) { return CAME_BACK_CHANGED; }

#else

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "times.h"

/* Files that are open at a time. */
#define TOGETHER 16
#define PIECE 65536

/* Flush to the disk itself, as far as the file system can; 0 or an error's number. */
static int32_t flush(int file)
{
#if defined(F_FULLFSYNC)
    if (fcntl(file, F_FULLFSYNC) == 0)
        return 0;
    if (errno != EINVAL && errno != ENOTSUP && errno != EOPNOTSUPP && errno != ENOSYS)
        return errno;
#endif
    while (fsync(file) != 0) {
        if (errno == EINVAL || errno == ENOTSUP || errno == EOPNOTSUPP || errno == ENOSYS)
            return 0;
        if (errno != EINTR)
            return errno;
    }
    return 0;
}

static int32_t flush_folder(const char *folder)
{
    int file = open(folder, O_RDONLY | O_CLOEXEC);
    if (file < 0)
        return errno;
    int32_t error = flush(file);
    close(file);
    return error;
}

static int32_t fill(int file, const char *content, int64_t size)
{
    for (int64_t done = 0; done < size;) {
        ssize_t count = write(file, content + done, (size_t)(size - done));
        if (count < 0 && errno != EINTR)
            return errno;
        done += count > 0 ? count : 0;
    }
    return 0;
}

/* Whether a file holds this and nothing else; 0 when it does. */
static int32_t compare(int file, const char *content, int64_t size)
{
    char piece[PIECE];
    for (int64_t done = 0;;) {
        ssize_t count = pread(file, piece, PIECE, (off_t)done);
        if (count < 0 && errno != EINTR)
            return errno;
        if (count == 0)
            return done == size ? 0 : CAME_BACK_CHANGED;
        if (count > 0 && (count > size - done || memcmp(piece, content + done, (size_t)count)))
            return CAME_BACK_CHANGED;
        done += count > 0 ? count : 0;
    }
}

/* Write a file that was not there, and read it again; it stays open. */
static int32_t make(int *file, const char *path, const char *content, int64_t size)
{
    do
        *file = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
    while (*file < 0 && errno == EINTR);
    if (*file < 0)
        return errno;
    int32_t error = fill(*file, content, size);
    return error ? error : compare(*file, content, size);
}

/* Give a file its final name, unless anything stands there. */
static int32_t give_name(const char *temporary, const char *target)
{
    struct stat there;
    if (lstat(target, &there) == 0)
        return EEXIST;
    return rename(temporary, target) == 0 ? 0 : errno;
}

/* Size, modification time and time of change, as the fields of Stamp in leanfeed/stamps.py. */
static void look_at(const char *path, int64_t *stamp)
{
    struct stat found;
    if (stat(path, &found) != 0)
        return;
    read_stamp(&found, &stamp[0], &stamp[1], &stamp[2]);
}

typedef struct {
    const char *const *temporaries, *const *targets, *const *folders, *const *contents;
    const int64_t *sizes;
    int64_t *stamps;
    int is_durable;
} Files;

/* At most TOGETHER files, from `first` on; how many of them were put: those before an error. */
static int64_t put_some(const Files *files, int64_t first, int64_t count, int32_t *error)
{
    int opened[TOGETHER];
    int64_t made = 0, named = 0, flushed = 0;
    for (; made < count && !*error; made++) {
        int64_t i = first + made;
        *error = make(&opened[made], files->temporaries[i], files->contents[i], files->sizes[i]);
#if defined(__linux__)
        if (files->is_durable && !*error) /* the disk begins while the others are written */
            sync_file_range(opened[made], 0, 0, SYNC_FILE_RANGE_WRITE);
#endif
    }
    int64_t sound = *error ? made - 1 : made;
    for (int64_t n = 0; n < made; n++) {
        int32_t refusal = n < sound && files->is_durable ? flush(opened[n]) : 0;
        if (opened[n] >= 0 && close(opened[n]) != 0 && errno != EINTR && !refusal)
            refusal = errno;
        if (n < sound && refusal) {
            *error = refusal;
            sound = n;
        }
    }
    for (; named < sound; named++) {
        int64_t i = first + named;
        int32_t refusal = give_name(files->temporaries[i], files->targets[i]);
        if (refusal) {
            *error = refusal;
            break;
        }
        look_at(files->targets[i], files->stamps + 3 * i);
    }
    for (int64_t n = named; n < made; n++)
        if (opened[n] >= 0)
            unlink(files->temporaries[first + n]);
    while (files->is_durable && flushed < named) {
        const char *folder = files->folders[first + flushed];
        int32_t refusal = flush_folder(folder);
        if (refusal) {
            *error = refusal;
            return flushed;
        }
        while (flushed < named && strcmp(folder, files->folders[first + flushed]) == 0)
            flushed++;
    }
    return named;
}

/* Put new files in their places, in this order.
 *
 * temporaries, targets: paths of each of `count` files; folders: in which both of them lie.
 * contents, sizes: what they are to hold.
 * is_durable: whether files and folders are flushed to the disk.
 * stamps: room for three numbers of each file; zeros where the system does not tell.
 * done: how many were put, the first ones. Nothing temporary is left of the others; where a folder
 * cannot be flushed, some of them may be in their places all the same.
 *
 * Returns 0, the number of the error that ended it at the first one that was not put, such as EEXIST
 * where anything stood in its place, or CAME_BACK_CHANGED where it was not read again as written.
 */
__attribute__((visibility("default"))) int32_t
leanfeed_put(const char *const *temporaries, const char *const *targets, const char *const *folders,
             const char *const *contents, const int64_t *sizes, int64_t count, int32_t is_durable,
             int64_t *stamps, int64_t *done)
{
    Files files = {temporaries, targets, folders, contents, sizes, stamps, is_durable};
    int32_t error = 0;
    for (*done = 0; *done < count && !error;) {
        int64_t left = count - *done;
        *done += put_some(&files, *done, left < TOGETHER ? left : TOGETHER, &error);
    }
    return error;
}

#endif
