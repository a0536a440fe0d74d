/* Gives the kernel pages that were tampered with, in memory that ends where they end, for sanitizers
 * to watch. Usage: hostile FILE ROUNDS; the file holds one good page. */

#include <stdio.h>
#include <stdlib.h>

#include "kernel.c"

static uint64_t state = 88172645463325252u;

static uint64_t chance(uint64_t below)
{
    state ^= state << 13;
    state ^= state >> 7;
    state ^= state << 17;
    return state % below;
}

static void read_tampered(const char *page, size_t size, int64_t capacity)
{
    static const char odd[] = "{}[]\",:.-+eE0123456789 \\\n\t\xff\0tfn";
    size_t length = chance(8) ? size : chance(size + 1);
    char *copy = malloc(length ? length : 1);
    memcpy(copy, page, length);
    for (uint64_t times = chance(4); length && times; times--)
        copy[chance(length)] = odd[chance(sizeof odd - 1)];
    if (length > 9 && !chance(4)) {
        uint64_t run = 1 + chance(40), at = chance(length);
        for (; run && at < length; run--, at++)
            copy[at] = (char)('0' + chance(10));
    }
    size_t room = (size_t)capacity * 6 * sizeof(double);
    double *columns = malloc(room ? room : 1);
    int64_t end = 0;
    int64_t rows = leanfeed_read_rows(copy, (int64_t)length, "t\0o\0h\0l\0c\0v", 6, 1, columns,
                                      capacity, &end);
    if (rows > capacity || end < 0 || (rows >= 0 && (size_t)end > length))
        abort();
    free(columns);
    free(copy);
}

static void write_anything(void)
{
    enum { ROWS = 7 };
    int64_t times[ROWS], done = -1;
    double values[2][ROWS], scales[2] = {1, 10000};
    int64_t midnight = (int64_t)(chance(4) ? chance(1 << 30) : state);
    for (int i = 0; i < ROWS; i++) {
        times[i] = (int64_t)(chance(2) ? chance(86400000) + (uint64_t)midnight : state);
        for (int k = 0; k < 2; k++) {
            uint64_t bits = chance(3) ? (chance(1), state) : 0;
            memcpy(&values[k][i], &bits, sizeof bits);
            if (chance(2))
                values[k][i] = (double)chance(1000000000) / (chance(2) ? 10000 : 1e6);
        }
    }
    int64_t capacity = (int64_t)chance(ROWS * 3 * 24 + 1);
    char *out = malloc(capacity ? (size_t)capacity : 1);
    int64_t length = leanfeed_format_rows(times, midnight, values[0], scales, 2, ROWS,
                                          (int32_t)chance(2), out, capacity, &done);
    if (length < 0 || length > capacity || done < 0 || done > ROWS)
        abort();
    free(out);
}

int main(int count, char **arguments)
{
    static char page[1 << 16];
    if (count != 3)
        return 2;
    FILE *file = fopen(arguments[1], "rb");
    size_t size = file ? fread(page, 1, sizeof page, file) : 0;
    if (!size)
        return 2;
    fclose(file);
    for (long round = atol(arguments[2]); round; round--) {
        read_tampered(page, size, (int64_t)chance(5));
        write_anything();
    }
    return 0;
}
