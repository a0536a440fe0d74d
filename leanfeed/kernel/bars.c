/* Whether the bars of a session are certainly sound.
 *
 * These are the questions of _is_sound in leanfeed/contract.py, all at once.
 */

#include <stdint.h>

#if defined(_WIN32)
#define EXPORT __declspec(dllexport)
#else
#define EXPORT __attribute__((visibility("default")))
#endif

/* Look at trade bars.
 *
 * block: `rows` times, int64, then opens, highs, lows, closes and volumes, doubles.
 * start, end, midnight, step: bars start in [start, end), at whole steps from midnight on.
 * smallest, largest_price, largest_volume: a number is at least the one and below the other.
 *
 * Returns 1 when all is well, else 0, also where anything is no number.
 */
EXPORT int32_t leanfeed_is_sound(const void *block, int64_t rows, int64_t start, int64_t end,
                                 int64_t midnight, int64_t step, double smallest,
                                 double largest_price, double largest_volume)
{
    const int64_t *time = block;
    const double *open = (const double *)block + rows, *high = open + rows, *low = high + rows,
                 *close = low + rows, *volume = close + rows;
    if (rows < 1 || step < 1 || time[0] < start || time[rows - 1] >= end)
        return 0;
    int is_sound = 1;
    for (int64_t i = 0; i < rows; i++) {
        int64_t since = (int64_t)((uint64_t)time[i] - (uint64_t)midnight);
        is_sound &= (i == 0 || time[i] > time[i - 1]) & (since % step == 0);
    }
    for (int64_t i = 0; i < rows; i++)
        is_sound &= (low[i] <= open[i]) & (low[i] <= close[i]) & (high[i] >= open[i]) &
                    (high[i] >= close[i]) & (low[i] >= smallest) & (high[i] < largest_price) &
                    (volume[i] >= smallest) & (volume[i] < largest_volume);
    return is_sound;
}
