/* From columns to the text of LEAN files: a part of kernel.c. */

static const char PAIRS[] =
    "00010203040506070809101112131415161718192021222324252627282930313233343536373839404142434445464748"
    "4950515253545556575859606162636465666768697071727374757677787980818283848586878889909192939495"
    "96979899";

/* How many digits a number below 10**9 has. */
static int digits_of(uint32_t value)
{
    if (value < 10000)
        return value < 100 ? 1 + (value >= 10) : 3 + (value >= 1000);
    if (value < 1000000)
        return 5 + (value >= 100000);
    return value < 100000000 ? 7 + (value >= 10000000) : 9;
}

/* Write a whole number of at least `least` digits; returns its end. */
static char *put_whole(char *out, uint64_t value, int least)
{
    int count = 0;
    uint64_t large = value;
    for (; large >= 1000000000; large /= 10)
        count++;
    count += digits_of((uint32_t)large);
    char *end = out + (count < least ? least : count), *at = end;
    for (; value > UINT32_MAX; value /= 100)
        memcpy(at -= 2, PAIRS + value % 100 * 2, 2);
    uint32_t small = (uint32_t)value; /* which is divided in less time */
    for (; small >= 10; small /= 100)
        memcpy(at -= 2, PAIRS + small % 100 * 2, 2);
    if (small)
        *--at = (char)('0' + small);
    while (at > out)
        *--at = '0';
    return end;
}

/* The whole number that is `value` times `scale`, if there is one; the proof is the division. */
static int scaled(double value, double scale, int64_t *result)
{
    double product = value * scale;
    if (!(product > -FIFTEEN_DIGITS && product < FIFTEEN_DIGITS))
        return 0;
    *result = (int64_t)(product < 0 ? product - 0.5 : product + 0.5);
    return (double)*result / scale == value;
}

/* Write `value` times `scale`; NULL where more than six decimals are needed, and for NaN. */
static char *put_number(char *out, double value, double scale)
{
    int64_t whole;
    int decimals = 0;
    if (!scaled(value, scale, &whole)) {
        decimals = 6;
        if (!scaled(value, scale * 1e6, &whole))
            return NULL;
        for (; whole % 10 == 0; whole /= 10)
            decimals--;
    }
    if (whole < 0)
        *out++ = '-';
    uint64_t size = whole < 0 ? (uint64_t)-whole : (uint64_t)whole;
    if (!decimals)
        return put_whole(out, size, 1);
    uint64_t unit = (uint64_t)POWERS[decimals];
    out = put_whole(out, size / unit, 1);
    *out++ = '.';
    return put_whole(out, size % unit, decimals);
}

/* Write the rows of one day as LEAN's text, with a line feed between them and none at the end.
 *
 * times, midnight: the first column are milliseconds from midnight on, less than a day.
 * columns: `count` columns of `rows` numbers, one after the other.
 * scales: the power of ten by which each column is multiplied, 1e10 at most.
 * may_lack: whether NaN is written as nothing; else it is left to Python.
 * out, capacity: room for the text; (count + 1) * 24 bytes a row are always enough.
 * done: how many rows were written: all, or those before the first one that is left to Python.
 *
 * Returns the length of the text.
 */
EXPORT int64_t leanfeed_format_rows(const int64_t *times, int64_t midnight, const double *columns,
                                    const double *scales, int32_t count, int64_t rows,
                                    int32_t may_lack, char *out, int64_t capacity, int64_t *done)
{
    char *start = out, *end = out + capacity, *row_start = out;
    for (*done = 0; *done < rows; ++*done, row_start = out) {
        uint64_t since = (uint64_t)times[*done] - (uint64_t)midnight;
        if (since >= DAY || end - out < (int64_t)(count + 1) * WIDEST)
            break;
        if (*done)
            *out++ = '\n';
        out = put_whole(out, since, 1);
        for (int i = 0; i < count; i++) {
            double value = columns[i * rows + *done];
            *out++ = ',';
            if (may_lack && value != value)
                continue;
            if (!(out = put_number(out, value, scales[i])))
                return row_start - start;
        }
    }
    return row_start - start;
}

/* Write the rows of several sessions, each as leanfeed_format_rows does, one text behind the other.
 *
 * block: of each session its times, then its columns; rows: how many it has; midnights: as there.
 * scales: `count` for each session.
 * lengths: of each text; NOT_MINE where a row is left to Python.
 */
EXPORT void leanfeed_format_sessions(const int64_t *block, const int64_t *rows,
                                     const int64_t *midnights, const double *scales, int32_t count,
                                     int64_t sessions, char *out, int64_t capacity,
                                     int64_t *lengths)
{
    for (int64_t i = 0; i < sessions; i++, scales += count) {
        int64_t done;
        const double *columns = (const double *)(block + rows[i]);
        int64_t length = leanfeed_format_rows(block, midnights[i], columns, scales, count, rows[i],
                                              0, out, capacity, &done);
        lengths[i] = done == rows[i] ? length : NOT_MINE;
        block += (count + 1) * rows[i];
        if (lengths[i] > 0) {
            out += length;
            capacity -= length;
        }
    }
}
