/* When the system last changed a file, as leanfeed/stamps.py counts: what files.c and new_files.c share. */

#ifndef LEANFEED_TIMES_H
#define LEANFEED_TIMES_H

#include <stdint.h>
#include <sys/stat.h>
#include <time.h>

#if defined(__APPLE__)
#define MODIFIED st_mtimespec
#define CHANGED st_ctimespec
#else
#define MODIFIED st_mtim
#define CHANGED st_ctim
#endif

static int64_t nanoseconds(struct timespec time)
{
    return (int64_t)time.tv_sec * 1000000000 + time.tv_nsec;
}

/* Size, modification time, and the later of that and the time of change. */
static void read_stamp(const struct stat *found, int64_t *size, int64_t *modified, int64_t *changed)
{
    *size = found->st_size;
    *modified = nanoseconds(found->MODIFIED);
    *changed = nanoseconds(found->CHANGED);
    if (*changed < *modified)
        *changed = *modified;
}

#endif
