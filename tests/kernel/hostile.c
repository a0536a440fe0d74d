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

/* Lines with names, times and numbers, tampered with; names are looked up without two bytes. */
static void read_tampered_lines(int64_t run_capacity)
{
    static const char lines[] =
        "O:AA,12,1.5,1717421400000000000\nO:AA,0.25,2e3,1717421460000000000\r\n"
        "O:AB,7,8,-5\nO:B,1,2,3\nO:AA,1,2,3\n";
    static const char odd[] = ",,\n\r\"-+.eE0123456789OAB:\xff\0 ";
    static const int32_t orders[2][4] = {{-2, 0, 1, -1}, {-3, 0, -1, -2}};
    static const int64_t ends[2] = {2, 3};
    size_t size = sizeof lines - 1, length = chance(4) ? size : chance(size + 1);
    char *copy = malloc(length ? length : 1);
    memcpy(copy, lines, length);
    for (uint64_t times = chance(5); length && times; times--)
        copy[chance(length)] = odd[chance(sizeof odd - 1)];
    int64_t capacity = (int64_t)chance(7), done[3] = {-1, -1, -1};
    int64_t *stamps = malloc(capacity ? (size_t)capacity * sizeof *stamps : 1);
    double *columns = malloc(capacity ? (size_t)capacity * 2 * sizeof *columns : 1);
    int64_t *runs = malloc(run_capacity ? (size_t)run_capacity * 4 * sizeof *runs : 1);
    int64_t end = leanfeed_read_lines(copy, (int64_t)length, orders[chance(2)], 4, "AAB", ends,
                                      (int64_t)chance(4) - 1 > 1 ? -1 : 2, (int32_t)chance(4),
                                      (int32_t)chance(3), stamps, columns, capacity, runs,
                                      run_capacity, done);
    if (end < 0 || (size_t)end > length || done[0] < 0 || done[0] > capacity || done[1] < 0 ||
        done[1] > run_capacity || done[2] < 0)
        abort();
    for (int64_t i = 0; i < done[1]; i++)
        if (runs[i * 4] < 0 || runs[i * 4] + runs[i * 4 + 1] > end || runs[i * 4 + 3] < 1)
            abort();
    free(runs);
    free(columns);
    free(stamps);
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
        read_tampered_lines((int64_t)chance(5));
        write_anything();
    }
    return 0;
}
