/* Gives the kernel pages that were tampered with, and numbers and files of any kind, in memory that
 * ends where they end, for sanitizers to watch. Usage: hostile FILE ROUNDS FOLDER; the file holds
 * one good page, and the folder nothing. */

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "kernel.c"

int32_t leanfeed_is_sound(const void *, int64_t, int64_t, int64_t, int64_t, int64_t, double, double,
                          double);
int32_t leanfeed_put(const char *const *, const char *const *, const char *const *,
                     const char *const *, const int64_t *, int64_t, int32_t, int64_t *, int64_t *);

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

/* A time near `midnight`, or any. */
static int64_t any_time(int64_t midnight)
{
    uint64_t near = (uint64_t)midnight + chance(90000000);
    return (int64_t)(chance(4) ? near : state);
}

/* A number that is a price or a volume, or any. */
static double any_number(void)
{
    static const double odd[] = {0, -1, 1e-10, 1e13, 1e17, 1e300, 5e-324};
    double value = (double)chance(1000000000) / (chance(2) ? 10000 : 1e6);
    if (!chance(6))
        value = odd[chance(sizeof odd / sizeof *odd)];
    if (!chance(6)) {
        uint64_t bits = (chance(1), state);
        memcpy(&value, &bits, sizeof value);
    }
    return value;
}

/* One session's block: its times, then `count` columns. */
static void fill(int64_t *block, int64_t rows, int count, int64_t midnight)
{
    for (int64_t i = 0; i < rows; i++)
        block[i] = any_time(midnight);
    for (int64_t i = rows; i < rows * (count + 1); i++) {
        double value = any_number();
        memcpy(block + i, &value, sizeof value);
    }
}

static void write_any_sessions(void)
{
    enum { MOST = 4, COUNT = 5 };
    int64_t sessions = (int64_t)chance(MOST + 1), all = 0;
    int64_t rows[MOST], midnights[MOST], lengths[MOST];
    double scales[MOST * COUNT];
    for (int64_t i = 0; i < sessions; i++) {
        all += rows[i] = (int64_t)chance(5);
        midnights[i] = chance(4) ? 1704171600000 : (chance(1), (int64_t)state);
        for (int k = 0; k < COUNT; k++)
            scales[i * COUNT + k] = POWERS[chance(11)];
    }
    size_t size = (size_t)all * (COUNT + 1) * sizeof(int64_t);
    int64_t *block = malloc(size ? size : 1), *at = block;
    for (int64_t i = 0; i < sessions; at += rows[i++] * (COUNT + 1))
        fill(at, rows[i], COUNT, midnights[i]);
    int64_t capacity = (int64_t)chance((uint64_t)all * (COUNT + 1) * WIDEST + 1), length = 0;
    char *out = malloc(capacity ? (size_t)capacity : 1);
    leanfeed_format_sessions(block, rows, midnights, scales, COUNT, sessions, out, capacity,
                             lengths);
    for (int64_t i = 0; i < sessions; i++) {
        if (lengths[i] < NOT_MINE)
            abort();
        length += lengths[i] > 0 ? lengths[i] : 0;
    }
    if (length > capacity)
        abort();
    free(out);
    free(block);
}

static void look_at_anything(void)
{
    int64_t rows = (int64_t)chance(6), midnight = chance(4) ? 1704171600000 : any_time(0);
    size_t size = (size_t)rows * 6 * sizeof(int64_t);
    int64_t *block = malloc(size ? size : 1), start = any_time(midnight), end = any_time(midnight);
    fill(block, rows, 5, midnight);
    int64_t step = (int64_t)chance(3) * 60000;
    int32_t answer =
        leanfeed_is_sound(block, rows, start, end, midnight, step, 1e-10, 1e13, 1e17);
    if (answer != 0 && (answer != 1 || !rows || block[0] < start || block[rows - 1] >= end))
        abort();
    free(block);
}

static char *path(const char *folder, char kind, uint64_t number)
{
    char whole[4096];
    snprintf(whole, sizeof whole, "%s/%c%d", folder, kind, (int)number);
    return strcpy(malloc(strlen(whole) + 1), whole);
}

/* Some files, of which a few stand in their own way or belong to a folder that is not there. */
static void put_anything(const char *folder)
{
    enum { MOST = 40 };
    int64_t count = (int64_t)chance(MOST + 1), sizes[MOST], done = -1;
    char *temporaries[MOST], *targets[MOST], *contents[MOST], *folders[MOST];
    int64_t *stamps = calloc(count ? (size_t)count * 3 : 1, sizeof *stamps);
    for (int64_t i = 0; i < count; i++) {
        folders[i] = chance(60) ? strcpy(malloc(strlen(folder) + 1), folder) : path(folder, 'x', 0);
        temporaries[i] = path(folders[i], 't', (uint64_t)i);
        targets[i] = path(folders[i], 'z', chance(400));
        sizes[i] = (int64_t)(chance(5) ? chance(300) : chance(200000));
        contents[i] = malloc(sizes[i] ? (size_t)sizes[i] : 1);
        memset(contents[i], (int)i, (size_t)sizes[i]);
    }
    int32_t error = leanfeed_put((const char *const *)temporaries, (const char *const *)targets,
                                 (const char *const *)folders, (const char *const *)contents, sizes,
                                 count, !chance(8), stamps, &done);
    if (done < 0 || done > count || (done == count) != !error)
        abort();
    for (int64_t i = 0; i < count; i++) {
        if (!access(temporaries[i], F_OK) || (i < done && stamps[3 * i] != sizes[i]))
            abort();
        if (i < done && unlink(targets[i]))
            abort();
        free(temporaries[i]);
        free(targets[i]);
        free(contents[i]);
        free(folders[i]);
    }
    free(stamps);
}

int main(int count, char **arguments)
{
    static char page[1 << 16];
    if (count != 4)
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
        write_any_sessions();
        look_at_anything();
        if (round % 1000 == 0)
            put_anything(arguments[3]);
    }
    return 0;
}
