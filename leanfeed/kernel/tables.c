/* From lines of comma-separated values, grouped by a name, to columns: a part of kernel.c.
 *
 * A line is read when its name is wanted, and passed over else. As there, what is not plain is handed
 * back: reading stops before the first line that is anything but numbers where numbers belong.
 */

#define NAME (-2)
#define TIME (-1)
#define PASSED_OVER (-3)
/* Of each run: where its name starts, how long that is, which of the wanted it is, how many rows. */
#define RUN_WIDTH 4

typedef struct {
    const char *names;
    /* Where each name ends; the first one starts at 0. */
    const int64_t *ends;
    int64_t count;
} Wanted;

/* Which of the sorted names is spelt so; NOT_MINE: none of them. */
static int64_t look_up(const Wanted *wanted, const unsigned char *key, int64_t length)
{
    int64_t low = 0, high = wanted->count;
    while (low < high) {
        int64_t middle = low + (high - low) / 2, start = middle ? wanted->ends[middle - 1] : 0;
        int64_t size = wanted->ends[middle] - start;
        int order = memcmp(wanted->names + start, key, (size_t)(size < length ? size : length));
        if (!order && size == length)
            return middle;
        if (order < 0 || (!order && size < length))
            low = middle + 1;
        else
            high = middle;
    }
    return NOT_MINE;
}

/* Step over a whole number that 64 bits hold for certain. */
static int stamp(Text *text, int64_t *value)
{
    uint64_t read = 0;
    int is_negative = next(text) == '-';
    text->at += is_negative;
    int count = digits(text, &read);
    /* Of 19 digits none is lost in 64 bits. */
    if (count < 1 || count > 19 || read > INT64_MAX)
        return 0;
    *value = is_negative ? -(int64_t)read : (int64_t)read;
    return 1;
}

/* The field of that number in a line; NULL when there is none. */
static const unsigned char *field_at(const unsigned char *line, const unsigned char *end, int number)
{
    for (; number; number--) {
        line = memchr(line, ',', (size_t)(end - line));
        if (!line)
            return NULL;
        line++;
    }
    return line;
}

/* Whether a field is that name, and another field follows. */
static int is_same(const unsigned char *field, const unsigned char *end, const unsigned char *name,
                   int64_t length)
{
    return name && end - field > length && field[length] == ',' &&
           !memcmp(field, name, (size_t)length);
}

typedef struct {
    /* What each field of a line is: the number of a column, or one of those above. */
    const int32_t *fields;
    int32_t count, name_field;
    double *columns;
    int64_t *times;
    int64_t capacity;
} Layout;

/* Read one line, up to but without its end. */
static int read_line(Text line, const Layout *layout, int64_t row)
{
    for (int32_t i = 0; i < layout->count; i++) {
        int32_t kind = layout->fields[i];
        if (i && next(&line) != ',')
            return 0;
        line.at += i > 0;
        if (kind == TIME) {
            if (!stamp(&line, layout->times + row))
                return 0;
        } else if (kind >= 0) {
            Number read;
            if (!number(&line, &read) || !read.is_exact)
                return 0;
            layout->columns[kind * layout->capacity + row] = read.value;
        } else {
            const unsigned char *comma = memchr(line.at, ',', (size_t)(line.end - line.at));
            line.at = comma ? comma : line.end;
        }
    }
    return line.at == line.end;
}

/* Read whole lines.
 *
 * text, size: lines, each ended by a line feed; what follows the last line feed is left.
 * fields: of each of the `count` fields of a line, what it is. One is NAME, one is TIME.
 * names, ends, wanted: sorted names, one after the other, where each ends, and how many; -1: all
 *     names are wanted.
 * head, tail: bytes before and behind what is looked up of a name.
 * times, columns: room for `capacity` rows, column after column.
 * runs, run_capacity: room for so many runs of lines with one name that is wanted.
 * done: how many rows were read, how many runs there are, and how many lines were passed over.
 *
 * Returns the bytes that were read: up to the first line that is not mine, or for which there is no
 * room.
 */
EXPORT int64_t leanfeed_read_lines(const char *start, int64_t size, const int32_t *fields,
                                   int32_t count, const char *names, const int64_t *ends,
                                   int64_t wanted_count, int32_t head, int32_t tail, int64_t *times,
                                   double *columns, int64_t capacity, int64_t *runs,
                                   int64_t run_capacity, int64_t *done)
{
    const unsigned char *text = (const unsigned char *)start, *end = text + size, *line = text;
    const unsigned char *name = NULL, *key = NULL;
    Wanted wanted = {names, ends, wanted_count};
    Layout layout = {fields, count, 0, columns, times, capacity};
    int64_t name_length = 0, key_length = 0, which = NOT_MINE, row = 0, run = 0, passed_over = 0;
    while (layout.name_field < count && fields[layout.name_field] != NAME)
        layout.name_field++;
    while (line < end) {
        const unsigned char *feed = memchr(line, '\n', (size_t)(end - line));
        if (!feed)
            break;
        const unsigned char *line_end = feed > line && feed[-1] == '\r' ? feed - 1 : feed;
        const unsigned char *spelt = field_at(line, line_end, layout.name_field);
        if (!spelt)
            break;
        if (!is_same(spelt, line_end, name, name_length)) {
            const unsigned char *comma = memchr(spelt, ',', (size_t)(line_end - spelt));
            int64_t length = (comma ? comma : line_end) - spelt, inner = length - head - tail;
            if (!length || (!comma && layout.name_field != count - 1))
                break;
            inner = inner < 0 ? 0 : inner;
            if (!key || inner != key_length ||
                (inner && memcmp(spelt + head, key, (size_t)inner))) {
                key_length = inner;
                key = inner ? spelt + head : spelt;
                which = wanted_count < 0 ? 0 : look_up(&wanted, key, key_length);
            }
            if (which >= 0) {
                if (run == run_capacity)
                    break;
                runs[run * RUN_WIDTH] = spelt - text;
                runs[run * RUN_WIDTH + 1] = length;
                runs[run * RUN_WIDTH + 2] = which;
                runs[run * RUN_WIDTH + 3] = 0;
                run++;
            }
            name = spelt;
            name_length = length;
        }
        if (which >= 0) {
            Text fields_left = {line, line_end};
            if (row == capacity || !read_line(fields_left, &layout, row))
                break;
            runs[(run - 1) * RUN_WIDTH + 3]++;
            row++;
        } else
            passed_over++;
        line = feed + 1;
    }
    if (run && !runs[(run - 1) * RUN_WIDTH + 3])
        run--; /* its first row is not mine */
    done[0] = row;
    done[1] = run;
    done[2] = passed_over;
    return line - text;
}
