/* From the text of a provider's page to columns, and from columns to the text of a LEAN file.
 *
 * Both functions do the common case and nothing else. What they are not sure of, to the last bit,
 * they hand back, and leanfeed does it in Python: a number is read, or written, only where one
 * correctly rounded operation of IEEE 754 proves it right. They allocate nothing, keep nothing, and
 * neither read nor write outside of what they are given, whatever is in it: a page is hostile.
 */

#include <float.h>
#include <stdint.h>
#include <string.h>

#if FLT_EVAL_METHOD != 0
#error "double is not computed as double here: leanfeed does without the kernel"
#endif

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

/* Of this interface; leanfeed/kernel/__init__.py wants the same. */
#define VERSION 4

#define MOST_COLUMNS 16
/* Of a row that is read the quick way; digits of one part of a number there; and bytes of a row. */
#define MOST_FIELDS 16
#define PLAIN_DIGITS 20
#define WIDEST_ROW 1024
#define DAY 86400000
#define NOT_MINE (-1)

/* The whole numbers below it, and these powers of ten, are doubles. */
#define EXACT_BELOW ((uint64_t)1 << 53)
#define MOST_POWER 22
/* Decimals of so many digits differ as doubles, too. */
#define FIFTEEN_DIGITS 1e15
/* The widest number here, its sign, point and comma included. */
#define WIDEST 24

static const double POWERS[MOST_POWER + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22,
};

EXPORT int32_t leanfeed_version(void) { return VERSION; }

/* ---- Reading ----------------------------------------------------------------------------- */

typedef struct {
    const unsigned char *at, *end;
} Text;

/* The next byte; 0, which JSON does not have here, at the end. */
static int next(const Text *text) { return text->at < text->end ? *text->at : 0; }

static int is_digit(int byte) { return byte >= '0' && byte <= '9'; }

static int skip_blanks(Text *text)
{
    int byte;
    while ((byte = next(text)) == ' ' || byte == '\n' || byte == '\r' || byte == '\t')
        text->at++;
    return byte;
}

/* Step over one byte, and the blanks around it. */
static int take(Text *text, int byte)
{
    if (skip_blanks(text) != byte)
        return 0;
    text->at++;
    skip_blanks(text);
    return 1;
}

typedef struct {
    double value;
    uint64_t digits;
    /* `value` is the double nearest to the text. */
    int is_exact;
    /* No point, no exponent, no sign. */
    int is_plain;
} Number;

/* Append the digits that follow to `digits`; how many there are, 0 for a thousand and more. */
static int digits(Text *text, uint64_t *digits)
{
    const unsigned char *at = text->at;
    uint64_t value = *digits;
    for (; at < text->end && is_digit(*at); at++)
        value = value * 10 + (uint64_t)(*at - '0');
    int64_t count = at - text->at;
    text->at = at;
    *digits = value;
    return count < 1000 ? (int)count : 0;
}

/* Step over a number as JSON spells it. */
static int number(Text *text, Number *number)
{
    uint64_t mantissa = 0, power = 0;
    int exponent = 0, count, decimals = 0, is_negative = next(text) == '-';
    text->at += is_negative;
    int is_led_by_zero = next(text) == '0';
    if (!(count = digits(text, &mantissa)) || (is_led_by_zero && count > 1))
        return 0;
    number->is_plain = !is_negative;
    if (next(text) == '.') {
        text->at++;
        if (!(decimals = digits(text, &mantissa)))
            return 0;
        number->is_plain = 0;
    }
    if (next(text) == 'e' || next(text) == 'E') {
        text->at++;
        int sign = next(text);
        text->at += sign == '-' || sign == '+';
        int length = digits(text, &power);
        if (!length)
            return 0;
        exponent = length > 4 ? 9999 : (int)power;
        if (sign == '-')
            exponent = -exponent;
        number->is_plain = 0;
    }
    exponent -= decimals;
    /* Of 19 digits none is lost in 64 bits. A zero with a sign is left to Python. */
    number->is_exact = count + decimals <= 19 && mantissa < EXACT_BELOW &&
                       exponent >= -MOST_POWER && exponent <= MOST_POWER &&
                       !(is_negative && !mantissa);
    if (!number->is_exact)
        return 1;
    number->digits = mantissa;
    number->value = exponent < 0 ? (double)mantissa / POWERS[-exponent]
                                 : (double)mantissa * POWERS[exponent];
    if (is_negative)
        number->value = -number->value;
    return 1;
}

static int word(Text *text, const char *spelt)
{
    size_t length = strlen(spelt);
    if ((size_t)(text->end - text->at) < length || memcmp(text->at, spelt, length))
        return 0;
    text->at += length;
    return 1;
}

/* Step over the value of a name that nobody asked for. */
static int skip_value(Text *text)
{
    Number ignored;
    int byte = next(text);
    if (byte == '-' || is_digit(byte))
        return number(text, &ignored);
    return word(text, "true") || word(text, "false") || word(text, "null");
}

/* Step over a name in quotation marks; its length, or NOT_MINE for any that is not plain ASCII. */
static int64_t name(Text *text, const unsigned char **start)
{
    if (next(text) != '"')
        return NOT_MINE;
    *start = ++text->at;
    for (; next(text) != '"'; text->at++)
        if (next(text) < ' ' || next(text) > '~' || next(text) == '\\')
            return NOT_MINE;
    return text->at++ - *start;
}

typedef struct {
    const char *names[MOST_COLUMNS];
    size_t lengths[MOST_COLUMNS];
    int count;
} Names;

static int is_name(const Names *names, int which, const unsigned char *start, size_t length)
{
    const char *spelt = names->names[which];
    return names->lengths[which] == length &&
           (length == 1 ? *spelt == (char)*start : !memcmp(spelt, start, length));
}

static int find(const Names *names, const unsigned char *start, int64_t length, int likely)
{
    if (is_name(names, likely, start, (size_t)length))
        return likely;
    for (int which = 0; which < names->count; which++)
        if (is_name(names, which, start, (size_t)length))
            return which;
    return NOT_MINE;
}

/* What stands before each number of a row, as eight bytes that are masked, and where the number goes. */
typedef struct {
    uint64_t words[MOST_FIELDS + 1], masks[MOST_FIELDS + 1];
    int lengths[MOST_FIELDS + 1];
    /* The column, NOT_MINE for a number that nobody asked for. */
    int columns[MOST_FIELDS];
    /* Numbers of a row; 0 while no row is known that could be followed. */
    int count;
} Pattern;

static uint64_t eight_bytes(const unsigned char *at)
{
    uint64_t word;
    memcpy(&word, at, sizeof word);
    return word;
}

/* Learn what stands before a number, or behind the last one: `length` bytes, eight at the most. */
static int learn(Pattern *pattern, int field, const unsigned char *at, int64_t length)
{
    unsigned char word[8] = {0}, mask[8] = {0};
    if (length < 1 || length > 8 || field > MOST_FIELDS)
        return 0;
    memcpy(word, at, (size_t)length);
    memset(mask, 0xff, (size_t)length);
    pattern->words[field] = eight_bytes(word);
    pattern->masks[field] = eight_bytes(mask);
    pattern->lengths[field] = (int)length;
    return 1;
}

/* Step over digits, PLAIN_DIGITS at the most; how many there are. */
static int plain_digits(const unsigned char **at, uint64_t *value)
{
    const unsigned char *start = *at, *end = start + PLAIN_DIGITS, *here = start;
    uint64_t sum = *value;
    for (; here < end && is_digit(*here); here++)
        sum = sum * 10 + (uint64_t)(*here - '0');
    *value = sum;
    *at = here;
    return (int)(here - start);
}

/* Read a number without sign or exponent, of few digits; 0 for any other. */
static int plain_number(const unsigned char **at, double *value, uint64_t *digits, int *decimals)
{
    int is_led_by_zero = **at == '0', count;
    *digits = 0;
    *decimals = 0;
    count = plain_digits(at, digits);
    if (!count || (is_led_by_zero && count > 1))
        return 0;
    if (**at == '.') {
        ++*at;
        if (!(*decimals = plain_digits(at, digits)))
            return 0;
    }
    *value = *decimals ? (double)*digits / POWERS[*decimals] : (double)*digits;
    return count + *decimals <= 19 && *digits < EXACT_BELOW && **at != 'e' && **at != 'E';
}

/* Read one row that has the pattern of the one before; 0, and nothing is stepped over, if it has not.
 *
 * There are at least WIDEST_ROW bytes.
 */
static int read_alike(Text *text, const Pattern *pattern, uint32_t whole, void *columns,
                      int64_t capacity, int64_t row)
{
    const unsigned char *at = text->at;
    for (int field = 0; field < pattern->count; field++) {
        double value;
        uint64_t digits;
        int decimals, column = pattern->columns[field];
        if ((eight_bytes(at) & pattern->masks[field]) != pattern->words[field])
            return 0;
        at += pattern->lengths[field];
        if (!plain_number(&at, &value, &digits, &decimals))
            return 0;
        if (column < 0)
            continue;
        if (!(whole >> column & 1))
            ((double *)columns)[column * capacity + row] = value;
        else if (decimals)
            return 0;
        else
            ((int64_t *)columns)[column * capacity + row] = (int64_t)digits;
    }
    if ((eight_bytes(at) & pattern->masks[pattern->count]) != pattern->words[pattern->count])
        return 0;
    at += pattern->lengths[pattern->count];
    if (*at != '{')
        return 0;
    text->at = at;
    return 1;
}

/* Read one row, whatever it looks like, from its brace up to the next one or to the end of the array,
 * and learn its pattern. */
static int read_any(Text *text, const Names *asked, Pattern *pattern, uint32_t whole, void *columns,
                    int64_t capacity, int64_t row)
{
    const unsigned char *before = text->at; /* where what stands before the number begins */
    uint32_t seen = 0;
    int field = 0, is_known = 1;
    do {
        const unsigned char *spelt;
        Number number_read;
        text->at++; /* a brace or a comma */
        skip_blanks(text);
        int64_t length = name(text, &spelt);
        if (length < 0 || !take(text, ':'))
            return 0;
        int guess = field < MOST_FIELDS && pattern->columns[field] > 0 ? pattern->columns[field] : 0;
        int which = find(asked, spelt, length, guess);
        is_known &= learn(pattern, field, before, text->at - before) && next(text) <= '9';
        if (which < 0) {
            if (!skip_value(text))
                return 0;
        } else {
            int64_t place = which * capacity + row;
            int is_whole = whole >> which & 1;
            if (seen >> which & 1 || !number(text, &number_read) || !number_read.is_exact ||
                (is_whole && !number_read.is_plain))
                return 0;
            seen |= (uint32_t)1 << which;
            if (is_whole)
                ((int64_t *)columns)[place] = (int64_t)number_read.digits;
            else
                ((double *)columns)[place] = number_read.value;
        }
        if (field < MOST_FIELDS)
            pattern->columns[field] = which;
        before = text->at;
        field++;
    } while (skip_blanks(text) == ',');
    if (seen != ((uint32_t)1 << asked->count) - 1 || !take(text, '}'))
        return 0;
    if (next(text) == ',') {
        if (!take(text, ',') || next(text) != '{')
            return 0;
    } else if (next(text) != ']')
        return 0;
    is_known &= learn(pattern, field, before, text->at - before);
    pattern->count = is_known ? field : 0;
    return 1;
}

/* Read an array of flat objects, one row each, of which the columns asked for are numbers.
 *
 * text, size: starts at the bracket of the array, and may go on behind it.
 * names: of the columns, `count` of them, each ended by a zero byte. Every row must have each once.
 * whole: bit i is set when column i is to hold plain whole numbers, as int64; others are doubles.
 * columns: room for `count` columns of `capacity` numbers, one after the other.
 * end: where the array ends, in bytes from its start.
 *
 * Returns the number of rows; NOT_MINE when anything is not exactly as said here.
 */
EXPORT int64_t leanfeed_read_rows(const char *start, int64_t size, const char *names,
                                  int32_t count, uint32_t whole, void *columns, int64_t capacity,
                                  int64_t *end)
{
    Text text = {(const unsigned char *)start, (const unsigned char *)start + size};
    Names asked = {.count = count};
    Pattern pattern = {.count = 0};
    int64_t row = 0;
    if (count < 1 || count > MOST_COLUMNS)
        return NOT_MINE;
    for (int i = 0; i < count; i++, names += strlen(names) + 1) {
        asked.names[i] = names;
        asked.lengths[i] = strlen(names);
    }
    if (!take(&text, '['))
        return NOT_MINE;
    for (; next(&text) == '{'; row++) {
        if (row == capacity)
            return NOT_MINE;
        if (pattern.count && text.end - text.at >= WIDEST_ROW &&
            read_alike(&text, &pattern, whole, columns, capacity, row))
            continue;
        if (!read_any(&text, &asked, &pattern, whole, columns, capacity, row))
            return NOT_MINE;
    }
    if (next(&text) != ']')
        return NOT_MINE;
    *end = text.at + 1 - (const unsigned char *)start;
    return row;
}

/* ---- Writing ----------------------------------------------------------------------------- */

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

#include "tables.c"
