/* SPDX-License-Identifier: MIT */
/* dates.c - date: seconds since 1970 and host dates by a strftime pattern. Names are English and
 * nothing depends on the locale. */
#define _POSIX_C_SOURCE 200809L /* localtime_r */
#include <math.h>
#include <time.h>

#include "builtins.h"
#include "text.h"

/* Years that a date can have; seconds outside are not even handed to the C library. */
#define YEAR_MIN 1
#define YEAR_MAX 9999
#define SECONDS_MIN (-62135769600.0) /* two days more on either side, for the time zone */
#define SECONDS_MAX 253402473600.0

/* A point in local time. */
typedef struct moment {
    struct tm tm;
    int64_t seconds; /* since 1970-01-01 UTC */
    uint32_t micros;
} moment;

static const char *const day_names[] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
                                         "Thursday", "Friday", "Saturday" };
static const char *const month_names[] = { "January",   "February", "March",    "April",
                                           "May",       "June",     "July",     "August",
                                           "September", "October",  "November", "December" };

/* Directives that stand for a pattern of others. */
static const struct {
    char letter;
    kida_str pattern;
} composites[] = {
    { 'c', KIDA_S_INIT("%a %b %e %H:%M:%S %Y") },
    { 'D', KIDA_S_INIT("%m/%d/%y") },
    { 'F', KIDA_S_INIT("%Y-%m-%d") },
    { 'R', KIDA_S_INIT("%H:%M") },
    { 'r', KIDA_S_INIT("%I:%M:%S %p") },
    { 'T', KIDA_S_INIT("%H:%M:%S") },
    { 'X', KIDA_S_INIT("%H:%M:%S") },
    { 'x', KIDA_S_INIT("%m/%d/%y") },
};

/* ---- calendar -------------------------------------------------------------------------------- */

static bool
is_leap(int year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

/* Day of the week, 0 being Monday, from tm's, where 0 is Sunday. */
static int
from_monday(int wday)
{
    return (wday + 6) % 7;
}

/* Week of ISO 8601 and the year that it belongs to. */
static int
iso_week(const struct tm *tm, int *year)
{
    int week = (tm->tm_yday + 1 - (from_monday(tm->tm_wday) + 1) + 10) / 7;

    *year = tm->tm_year + 1900;
    if (week == 0) {
        /* The last week of the year before: its 31 December lies tm_yday + 1 days back. */
        int days = tm->tm_yday + 365 + (is_leap(*year - 1) ? 1 : 0);
        (*year)--;
        return (days + 1 - (from_monday(tm->tm_wday) + 1) + 10) / 7;
    }
    int left = (is_leap(*year) ? 366 : 365) - (tm->tm_yday + 1);
    if (week == 53 && from_monday(tm->tm_wday) + left < 3) {
        (*year)++; /* its Thursday lies in the next year */
        return 1;
    }
    return week;
}

/* A directive that prints a number: value, width, and what fills it up. */
typedef struct number {
    int64_t value;
    int width;
    char fill;
} number;

static bool
number_of(const moment *m, char letter, number *out)
{
    const struct tm *tm = &m->tm;
    int year = tm->tm_year + 1900;
    int hour12 = tm->tm_hour % 12 == 0 ? 12 : tm->tm_hour % 12;
    int iso_year;
    int week = iso_week(tm, &iso_year);
    const struct {
        char letter;
        number number;
    } table[] = {
        { 'C', { year / 100, 2, '0' } },
        { 'd', { tm->tm_mday, 2, '0' } },
        { 'e', { tm->tm_mday, 2, ' ' } },
        { 'f', { m->micros, 6, '0' } },
        { 'G', { iso_year, 4, '0' } },
        { 'g', { iso_year % 100, 2, '0' } },
        { 'H', { tm->tm_hour, 2, '0' } },
        { 'I', { hour12, 2, '0' } },
        { 'j', { tm->tm_yday + 1, 3, '0' } },
        { 'k', { tm->tm_hour, 2, ' ' } },
        { 'l', { hour12, 2, ' ' } },
        { 'M', { tm->tm_min, 2, '0' } },
        { 'm', { tm->tm_mon + 1, 2, '0' } },
        { 'S', { tm->tm_sec, 2, '0' } },
        { 's', { m->seconds, 1, '0' } },
        { 'U', { (tm->tm_yday + 7 - tm->tm_wday) / 7, 2, '0' } },
        { 'u', { from_monday(tm->tm_wday) + 1, 1, '0' } },
        { 'V', { week, 2, '0' } },
        { 'W', { (tm->tm_yday + 7 - from_monday(tm->tm_wday)) / 7, 2, '0' } },
        { 'w', { tm->tm_wday, 1, '0' } },
        { 'Y', { year, 4, '0' } },
        { 'y', { year % 100, 2, '0' } },
    };

    for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
        if (table[i].letter == letter) {
            *out = table[i].number;
            return true;
        }
    }
    return false;
}

/* ---- patterns -------------------------------------------------------------------------------- */

static void
put_number(kida_buf *buf, const number *n, bool bare)
{
    int64_t limit = 10;
    int digits = 1;

    for (; n->value >= limit && digits < n->width; limit *= 10)
        digits++;
    if (!bare)
        kida_buf_fill(buf, n->fill, (uint64_t)(n->width - digits));
    kida_buf_int(buf, n->value);
}

/* Directives that print a name; NULL for others. */
static const char *
name_of(const struct tm *tm, char letter, size_t *len)
{
    const char *name = NULL;

    *len = SIZE_MAX;
    switch (letter) {
    case 'a':
        *len = 3;
        return day_names[tm->tm_wday];
    case 'A':
        return day_names[tm->tm_wday];
    case 'b':
    case 'h':
        *len = 3;
        return month_names[tm->tm_mon];
    case 'B':
        return month_names[tm->tm_mon];
    case 'p':
        name = tm->tm_hour < 12 ? "AM" : "PM";
        break;
    case 'P':
        name = tm->tm_hour < 12 ? "am" : "pm";
        break;
    case 'n':
        name = "\n";
        break;
    case 't':
        name = "\t";
        break;
    case '%':
        name = "%";
        break;
    case 'z': /* a local time that says no zone */
    case 'Z':
        name = "";
        break;
    default:
        break;
    }
    return name;
}

static void put_pattern(kida_buf *buf, const moment *m, kida_str pattern);

/* Writes one directive; false if there is none of that letter. */
static bool
put_directive(kida_buf *buf, const moment *m, char letter, bool bare)
{
    number n;
    size_t len;
    const char *name = name_of(&m->tm, letter, &len);

    if (name != NULL) {
        kida_str text = kida_str_from(name);
        text.len = text.len < len ? text.len : len;
        kida_buf_put(buf, text);
        return true;
    }
    if (number_of(m, letter, &n)) {
        put_number(buf, &n, bare);
        return true;
    }
    for (size_t i = 0; i < sizeof(composites) / sizeof(composites[0]); i++) {
        if (composites[i].letter == letter) {
            put_pattern(buf, m, composites[i].pattern); /* holds no composite: goes no deeper */
            return true;
        }
    }
    return false;
}

/* Writes pattern with its directives filled in; what is none is copied. */
static void
put_pattern(kida_buf *buf, const moment *m, kida_str pattern)
{
    size_t run = 0; /* where the text that is still to be copied begins */

    for (size_t i = 0; i + 1 < pattern.len; i++) {
        if (pattern.ptr[i] != '%')
            continue;
        char flag = pattern.ptr[i + 1];
        size_t at = i + 1;
        if ((flag == '-' || flag == ':') && i + 2 < pattern.len)
            at++;
        char letter = pattern.ptr[at];
        if (flag == ':' && letter != 'z')
            continue;
        kida_buf_put(buf, (kida_str){ pattern.ptr + run, i - run });
        run = i;
        if (put_directive(buf, m, letter, flag == '-')) {
            run = at + 1;
            i = at;
        }
    }
    kida_buf_put(buf, (kida_str){ pattern.ptr + run, pattern.len - run });
}

/* ---- the filter ------------------------------------------------------------------------------ */

/* Local time of a number of seconds; false for NaN and for years that dates do not reach. */
static bool
read_moment(kida_value v, moment *out)
{
    double d = kida_kind_of(v) == KIDA_FLOAT ? kida_as_float(v) : 0;
    double whole = 0;

    out->seconds = kida_as_int(v);
    out->micros = 0;
    if (kida_kind_of(v) == KIDA_FLOAT) {
        if (!(d >= SECONDS_MIN && d <= SECONDS_MAX))
            return false;
        double micros = nearbyint(modf(d, &whole) * 1e6);
        if (micros < 0) {
            micros += 1e6;
            whole -= 1;
        } else if (micros >= 1e6) {
            micros -= 1e6;
            whole += 1;
        }
        out->seconds = (int64_t)whole;
        out->micros = (uint32_t)micros;
    }
    if ((double)out->seconds < SECONDS_MIN || (double)out->seconds > SECONDS_MAX)
        return false;
    time_t seconds = (time_t)out->seconds;
    if ((int64_t)seconds != out->seconds || localtime_r(&seconds, &out->tm) == NULL)
        return false;
    return out->tm.tm_year + 1900 >= YEAR_MIN && out->tm.tm_year + 1900 <= YEAR_MAX;
}

/* date: a date by a pattern; everything that is none gives nothing. */
static kida_status
f_date(kida_call *call, kida_value self, kida_value *out)
{
    kida_value pattern = kida_arg(call, 0);
    kida_kind kind = kida_kind_of(self);
    kida_status st = KIDA_OK;
    moment m;
    kida_buf buf;

    *out = kida_string(KIDA_S(""));
    if (kind != KIDA_OBJECT && kind != KIDA_FLOAT && kind != KIDA_INT && kind != KIDA_BOOL)
        return KIDA_OK;
    if (kida_kind_of(pattern) != KIDA_STRING) /* none too is K-RUN-012 here, not K-RUN-005 */
        return kida_fail_kind(call, KIDA_E_TYPE, "TypeError", "date() wants a text as 'format'");
    if (kind == KIDA_OBJECT) {
        kida_value text = { 0 };
        st = kida_format_object(call, self, kd_text(pattern), &text);
        if (st == KIDA_OK && kida_kind_of(text) != KIDA_ABSENT)
            *out = text;
        return st;
    }
    if (!read_moment(self, &m))
        return KIDA_OK;
    kida_buf_init(&buf, call);
    put_pattern(&buf, &m, kd_text(pattern));
    return kida_buf_finish(&buf, out);
}

static const kida_param date_params[] = { { "format", KIDA_IN_ANY, "'%Y-%m-%d'" }, { 0 } };

const kida_filter kd_filters_dates[] = {
    { "date", f_date, date_params, KIDA_PURE, "date or seconds since 1970 by a strftime pattern" },
};
const size_t kd_filters_dates_count = sizeof(kd_filters_dates) / sizeof(kd_filters_dates[0]);
