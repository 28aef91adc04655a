/* SPDX-License-Identifier: MIT */
/* date.c - IMF-fixdate (RFC 9110 5.6.7) without libc's calendar and its hidden state. */
#include "http/date.h"

#include <string.h>

#include "config/text.h"

#define DAY 86400

static const char day_names[] = "ThuFriSatSunMonTueWed"; /* 1970-01-01 was a Thursday */
static const char month_names[] = "JanFebMarAprMayJunJulAugSepOctNovDec";

typedef struct civil {
    int64_t year;
    int64_t month; /* from 1 */
    int64_t day;   /* from 1 */
} civil;

/* Days since 1970-01-01 to a date. Years are counted from March, so that leap days come last; an
 * era is 400 years. Days are not negative here. */
static civil
civil_from_days(int64_t days)
{
    days += 719468; /* 0000-03-01 */
    int64_t era = days / 146097, of_era = days % 146097;
    int64_t year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
    int64_t of_year = of_era - (365 * year + year / 4 - year / 100);
    int64_t from_march = (5 * of_year + 2) / 153;
    civil out;
    out.day = of_year - (153 * from_march + 2) / 5 + 1;
    out.month = from_march < 10 ? from_march + 3 : from_march - 9;
    out.year = year + era * 400 + (out.month <= 2 ? 1 : 0);
    return out;
}

static int64_t
days_from_civil(civil date)
{
    int64_t year = date.year - (date.month <= 2 ? 1 : 0);
    int64_t era = year / 400, of_era_year = year % 400;
    int64_t from_march = date.month > 2 ? date.month - 3 : date.month + 9;
    int64_t of_year = (153 * from_march + 2) / 5 + date.day - 1;
    int64_t of_era = of_era_year * 365 + of_era_year / 4 - of_era_year / 100 + of_year;
    return era * 146097 + of_era - 719468;
}

static void
put_number(char *out, int64_t number, size_t digits)
{
    while (digits-- > 0) {
        out[digits] = (char)('0' + number % 10);
        number /= 10;
    }
}

void
ch_date_format(int64_t seconds, char out[CH_DATE_LEN + 1])
{
    if (seconds < 0)
        seconds = 0;
    if (seconds > 253402300799) /* 9999-12-31 23:59:59 */
        seconds = 253402300799;
    int64_t days = seconds / DAY, time = seconds % DAY;
    civil date = civil_from_days(days);

    memcpy(out, "Ddd, 00 Mmm 0000 00:00:00 GMT", CH_DATE_LEN + 1);
    memcpy(out, day_names + days % 7 * 3, 3);
    put_number(out + 5, date.day, 2);
    memcpy(out + 8, month_names + (date.month - 1) * 3, 3);
    put_number(out + 12, date.year, 4);
    put_number(out + 17, time / 3600, 2);
    put_number(out + 20, time / 60 % 60, 2);
    put_number(out + 23, time % 60, 2);
}

kida_str
ch_date_now(ch_date_cache *cache, int64_t now)
{
    if (cache->second != now || cache->text[0] == '\0') {
        ch_date_format(now, cache->text);
        cache->second = now;
    }
    kida_str out = { cache->text, CH_DATE_LEN };
    return out;
}

bool
ch_date_parse(kida_str text, int64_t *out)
{
    if (text.len != CH_DATE_LEN)
        return false;
    uint64_t day, year, hour, minute, second;
    if (!ch_parse_uint(ch_str_slice(text, 5, 7), 31, &day) ||
        !ch_parse_uint(ch_str_slice(text, 12, 16), 9999, &year) ||
        !ch_parse_uint(ch_str_slice(text, 17, 19), 23, &hour) ||
        !ch_parse_uint(ch_str_slice(text, 20, 22), 59, &minute) ||
        !ch_parse_uint(ch_str_slice(text, 23, 25), 60, &second))
        return false;
    for (int64_t month = 1; month <= 12; month++) {
        if (memcmp(text.ptr + 8, month_names + (month - 1) * 3, 3) != 0)
            continue;
        civil date = { (int64_t)year, month, (int64_t)day };
        int64_t days = year < 1970 || day == 0 ? -1 : days_from_civil(date);
        if (days < 0)
            return false;
        int64_t seconds = days * DAY + (int64_t)(hour * 3600 + minute * 60 + second);
        /* Writing it again must give the same text: that checks the weekday, the separators and
         * the length of the month in one go; a leap second is not kept. */
        char again[CH_DATE_LEN + 1];
        ch_date_format(seconds, again);
        if (memcmp(again, text.ptr, CH_DATE_LEN) != 0)
            return false;
        *out = seconds;
        return true;
    }
    return false;
}
