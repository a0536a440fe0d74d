/* From an array of flat JSON objects to columns: a part of kernel.c.
 *
 * The rows of a page look alike: the first is read field by field, and shows what stands between the
 * numbers of the others, of which then only that is compared. A row that looks otherwise is read field
 * by field again.
 */

/* Of a row that is read the quick way; digits of one part of a number there; and bytes of a row. */
#define MOST_FIELDS 16
#define PLAIN_DIGITS 20
#define WIDEST_ROW 1024

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
