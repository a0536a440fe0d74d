/* From the text of a provider to columns, and from columns to the text of a LEAN file: what the parts
 * of that, at the end, have in common.
 *
 * They do the common case and nothing else. What they are not sure of, to the last bit, they hand back,
 * and leanfeed does it in Python: a number is read, or written, only where one correctly rounded
 * operation of IEEE 754 proves it right. They allocate nothing, keep nothing, and neither read nor
 * write outside of what they are given, whatever is in it: a page is hostile.
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

typedef struct {
    const unsigned char *at, *end;
} Text;

/* The next byte; 0, which JSON does not have here, at the end. */
static int next(const Text *text) { return text->at < text->end ? *text->at : 0; }

static int is_digit(int byte) { return byte >= '0' && byte <= '9'; }

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

#include "rows.c"

#include "texts.c"

#include "tables.c"
