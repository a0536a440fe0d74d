/* What the system says of many files, without a Python object for each.
 *
 * Whatever it does not say plainly is left to Python, which asks again and knows how to complain. On
 * Windows that is everything.
 */

#if defined(__APPLE__)
#define _DARWIN_C_SOURCE
#else
#define _POSIX_C_SOURCE 200809L
#define _FILE_OFFSET_BITS 64
#endif

#include <stdint.h>

#if defined(_WIN32)

__declspec(dllexport) int32_t leanfeed_look(void) { return 0; }

#else

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "times.h"

#define ABSENT (-1)

/* One file of a folder; 0 where it is neither there nor plainly absent. */
static int look_at(int folder, const char *name, int64_t *size, int64_t *modified, int64_t *changed)
{
    struct stat found;
    *size = *modified = *changed = ABSENT;
    if (fstatat(folder, name, &found, 0) != 0)
        return errno == ENOENT;
    read_stamp(&found, size, modified, changed);
    return 1;
}

/* Look at the files of some folders, symbolic links followed.
 *
 * folders: their paths, `count` of them; names: for each the names in it, one after the other, each
 * with a 0 at its end; counts: how many those are.
 * sizes, modified, changed: room for a number for each name, in their order, as the fields of Stamp in
 * leanfeed/stamps.py; -1 where there is no such file.
 *
 * Returns 1, or 0 where the system refuses anything.
 */
__attribute__((visibility("default"))) int32_t
leanfeed_look(const char *const *folders, const char *const *names, const int64_t *counts,
              int64_t count, int64_t *sizes, int64_t *modified, int64_t *changed)
{
    int64_t at = 0;
    for (int64_t i = 0; i < count; i++) {
        const char *name = names[i];
        int folder = open(folders[i], O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        if (folder < 0 && errno != ENOENT)
            return 0;
        for (int64_t end = at + counts[i]; at < end; at++, name += strlen(name) + 1) {
            int is_plain = 1;
            if (folder < 0)
                sizes[at] = modified[at] = changed[at] = ABSENT;
            else
                is_plain = look_at(folder, name, &sizes[at], &modified[at], &changed[at]);
            if (!is_plain) {
                close(folder);
                return 0;
            }
        }
        if (folder >= 0)
            close(folder);
    }
    return 1;
}

#endif
