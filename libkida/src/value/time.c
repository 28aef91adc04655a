/* SPDX-License-Identifier: MIT */
/* time.c - points in time as values: a host object over seconds since 1970, read in UTC, formatted
 * by our own strftime with English names, whatever the locale. */
#include <string.h>

#include "value/object.h"
#include "value/ops.h"

/* ---- calendar -------------------------------------------------------------------------------- */

typedef struct moment {
    int64_t seconds;
    int64_t year;
    int month; /* 1 to 12 */
    int day;
    int hour;
    int minute;
    int second;
    int weekday; /* 0: Sunday */
    int yearday; /* 0: 1 January */
} moment;

static bool
is_leap(int64_t year)
{
    return (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;
}

static int64_t
floor_div(int64_t a, int64_t b, int64_t *rest)
{
    int64_t q = a / b;
    int64_t r = a % b;
    if (r < 0) {
        r += b;
        q--;
    }
    *rest = r;
    return q;
}

/* Day of the proleptic Gregorian calendar, counted in years that begin on 1 March, so that the
 * leap day stands last. */
static void
set_date(moment *m, int64_t days)
{
    static const int before[] = { 0, 31, 59, 90, 120, 151, 181, 212, 243, 273, 304, 334 };
    int64_t in_era;
    int64_t era = floor_div(days + 719468, 146097, &in_era);
    int64_t year = (in_era - in_era / 1460 + in_era / 36524 - in_era / 146096) / 365;
    int64_t day = in_era - (365 * year + year / 4 - year / 100);
    int64_t month = (5 * day + 2) / 153;
    m->day = (int)(day - (153 * month + 2) / 5 + 1);
    m->month = (int)(month < 10 ? month + 3 : month - 9);
    m->year = year + era * 400 + (m->month <= 2);
    m->yearday = before[m->month - 1] + m->day - 1 + (m->month > 2 && is_leap(m->year));
}

static moment
moment_at(int64_t seconds)
{
    moment m = { .seconds = seconds };
    int64_t rest, weekday;
    int64_t days = floor_div(seconds, 86400, &rest);
    set_date(&m, days);
    m.hour = (int)(rest / 3600);
    m.minute = (int)(rest / 60 % 60);
    m.second = (int)(rest % 60);
    (void)floor_div(days + 4, 7, &weekday); /* the epoch was a Thursday */
    m.weekday = (int)weekday;
    return m;
}

/* Week of the year by ISO 8601: weeks begin on Monday, week 1 holds the first Thursday. */
static int
iso_week(const moment *m, int64_t *year)
{
    int monday = (m->weekday + 6) % 7;
    int week = (m->yearday - monday + 10) / 7;
    *year = m->year;
    if (week < 1) {
        *year = m->year - 1;
        int last = m->yearday + (is_leap(*year) ? 366 : 365);
        return (last - monday + 10) / 7;
    }
    if (week == 53 && m->yearday - monday + 3 >= (is_leap(m->year) ? 366 : 365)) {
        *year = m->year + 1;
        return 1;
    }
    return week;
}

/* ---- formatting ------------------------------------------------------------------------------ */

static const char *const day_names[] = { "Sunday",   "Monday", "Tuesday", "Wednesday",
                                         "Thursday", "Friday", "Saturday" };
static const char *const month_names[] = { "January",   "February", "March",    "April",
                                           "May",       "June",     "July",     "August",
                                           "September", "October",  "November", "December" };

/* n in at least width places, filled with fill ('\0': not filled). */
static void
put_number(kida_buf *buf, int64_t n, int width, char fill)
{
    char digits[24];
    int len = 0;
    uint64_t left = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;
    do {
        digits[len++] = (char)('0' + left % 10);
        left /= 10;
    } while (left != 0);
    if (n < 0)
        kida_buf_byte(buf, '-');
    for (int i = len + (n < 0); i < width && fill != '\0'; i++)
        kida_buf_byte(buf, fill);
    while (len > 0)
        kida_buf_byte(buf, digits[--len]);
}

static void
put_name(kida_buf *buf, const char *name, bool whole)
{
    kida_str text = kida_str_from(name);
    if (!whole && text.len > 3)
        text.len = 3;
    kida_buf_put(buf, text);
}

typedef struct number {
    int64_t n;
    int width;
    char fill;
} number;

/* The directives that stand for one number; false: not one of them. */
static bool
number_of(const moment *m, char directive, number *out)
{
    int64_t iso_year = 0;
    int64_t rest;
    int week = iso_week(m, &iso_year);
    int hour12 = m->hour % 12 == 0 ? 12 : m->hour % 12;
    const struct {
        char directive;
        number n;
    } all[] = {
        { 'C', { floor_div(m->year, 100, &rest), 2, '0' } },
        { 'd', { m->day, 2, '0' } },
        { 'e', { m->day, 2, ' ' } },
        { 'g', { (iso_year % 100 + 100) % 100, 2, '0' } },
        { 'G', { iso_year, 4, '0' } },
        { 'H', { m->hour, 2, '0' } },
        { 'I', { hour12, 2, '0' } },
        { 'j', { m->yearday + 1, 3, '0' } },
        { 'k', { m->hour, 2, ' ' } },
        { 'l', { hour12, 2, ' ' } },
        { 'm', { m->month, 2, '0' } },
        { 'M', { m->minute, 2, '0' } },
        { 's', { m->seconds, 1, '0' } },
        { 'S', { m->second, 2, '0' } },
        { 'u', { m->weekday == 0 ? 7 : m->weekday, 1, '0' } },
        { 'U', { (m->yearday + 7 - m->weekday) / 7, 2, '0' } },
        { 'V', { week, 2, '0' } },
        { 'w', { m->weekday, 1, '0' } },
        { 'W', { (m->yearday + 7 - (m->weekday + 6) % 7) / 7, 2, '0' } },
        { 'y', { (m->year % 100 + 100) % 100, 2, '0' } },
        { 'Y', { m->year, 4, '0' } },
        { 'f', { 0, 6, '0' } },
    };
    for (size_t i = 0; i < KD_COUNT(all); i++) {
        if (all[i].directive == directive) {
            *out = all[i].n;
            return true;
        }
    }
    return false;
}

/* The directives that stand for others. */
static const char *
expansion_of(char directive)
{
    switch (directive) {
    case 'c':
        return "%a %b %e %H:%M:%S %Y";
    case 'D':
    case 'x':
        return "%m/%d/%y";
    case 'F':
        return "%Y-%m-%d";
    case 'r':
        return "%I:%M:%S %p";
    case 'R':
        return "%H:%M";
    case 'T':
    case 'X':
        return "%H:%M:%S";
    default:
        return NULL;
    }
}

static bool
put_word(kida_buf *buf, const moment *m, char directive)
{
    switch (directive) {
    case 'a':
    case 'A':
        put_name(buf, day_names[m->weekday], directive == 'A');
        return true;
    case 'b':
    case 'h':
    case 'B':
        put_name(buf, month_names[m->month - 1], directive == 'B');
        return true;
    case 'p':
        put_name(buf, m->hour < 12 ? "AM" : "PM", true);
        return true;
    case 'P':
        put_name(buf, m->hour < 12 ? "am" : "pm", true);
        return true;
    case 'n':
        kida_buf_byte(buf, '\n');
        return true;
    case 't':
        kida_buf_byte(buf, '\t');
        return true;
    case '%':
        kida_buf_byte(buf, '%');
        return true;
    case 'z':
    case 'Z':
        return true; /* times have no zone of their own */
    default:
        return false;
    }
}

static void put_pattern(kida_buf *buf, const moment *m, kida_str pattern);

/* One directive behind its '%'; returns how many bytes it took, 0: unknown. */
static size_t
put_directive(kida_buf *buf, const moment *m, kida_str rest)
{
    size_t at = 0;
    bool bare = rest.len > 1 && rest.ptr[0] == '-';
    at += bare;
    if (at < rest.len && rest.ptr[at] == ':' && at + 1 < rest.len && rest.ptr[at + 1] == 'z')
        at++;
    if (at >= rest.len)
        return 0;
    char directive = rest.ptr[at];
    number n;
    const char *expansion = expansion_of(directive);
    if (expansion != NULL)
        put_pattern(buf, m, kida_str_from(expansion)); /* expansions hold none: one level deep */
    else if (number_of(m, directive, &n))
        put_number(buf, n.n, n.width, bare ? '\0' : n.fill);
    else if (!put_word(buf, m, directive))
        return 0;
    return at + 1;
}

static void
put_pattern(kida_buf *buf, const moment *m, kida_str pattern)
{
    size_t from = 0;
    for (size_t i = 0; i < pattern.len;) {
        if (pattern.ptr[i] != '%') {
            i++;
            continue;
        }
        kida_buf_put(buf, kd_str_sub(pattern, from, i));
        size_t took = put_directive(buf, m, kd_str_sub(pattern, i + 1, pattern.len));
        from = took != 0 ? i + 1 + took : i; /* unknown ones stay as they are */
        i += 1 + took;
    }
    kida_buf_put(buf, kd_str_sub(pattern, from, pattern.len));
}

void
kd_time_format(kida_buf *buf, int64_t seconds, kida_str pattern)
{
    moment m = moment_at(seconds);
    put_pattern(buf, &m, pattern);
}

/* ---- the object ------------------------------------------------------------------------------ */

static int64_t
seconds_of(const void *self)
{
    int64_t seconds;
    memcpy(&seconds, self, sizeof(seconds));
    return seconds;
}

static kida_status
time_format(kida_call *call, void *self, kida_str pattern, kida_value *out)
{
    kida_buf buf;
    kida_buf_init(&buf, call);
    kd_time_format(&buf, seconds_of(self), pattern);
    return kida_buf_finish(&buf, out);
}

static kida_status
time_text(kida_call *call, void *self, kida_value *out)
{
    return time_format(call, self, KIDA_S("%Y-%m-%d %H:%M:%S"), out);
}

static kida_status
time_repr(kida_call *call, void *self, kida_value *out)
{
    const char *pattern = seconds_of(self) % 60 == 0 ? "datetime.datetime(%-Y, %-m, %-d, %-H, %-M)"
                                                     : "datetime.datetime(%-Y, %-m, %-d, %-H, "
                                                       "%-M, %-S)";
    return time_format(call, self, kida_str_from(pattern), out);
}

static kida_status
time_equal(kida_call *call, void *self, kida_value other, bool *out)
{
    (void)call;
    const void *memory = kida_object_memory(other, &kd_time_type);
    *out = memory != NULL && seconds_of(memory) == seconds_of(self);
    return KIDA_OK;
}

static kida_status
time_compare(kida_call *call, void *self, kida_value other, int *out)
{
    const void *memory = kida_object_memory(other, &kd_time_type);
    if (memory == NULL)
        return kida_fail_type(call, other, "a time compares with times only");
    int64_t a = seconds_of(self);
    int64_t b = seconds_of(memory);
    *out = (a > b) - (a < b);
    return KIDA_OK;
}

/* Methods: functions whose user pointer is the memory of the time. */

static kida_status
m_strftime(kida_call *call, kida_value *out)
{
    return time_format(call, kida_call_user(call), kida_arg_str(call, 0), out);
}

static kida_status
m_isoformat(kida_call *call, kida_value *out)
{
    return time_format(call, kida_call_user(call), KIDA_S("%Y-%m-%dT%H:%M:%S"), out);
}

static kida_status
m_timestamp(kida_call *call, kida_value *out)
{
    *out = kida_float((double)seconds_of(kida_call_user(call)));
    return KIDA_OK;
}

static kida_status
m_weekday(kida_call *call, kida_value *out)
{
    *out = kida_int((moment_at(seconds_of(kida_call_user(call))).weekday + 6) % 7);
    return KIDA_OK;
}

static kida_status
m_isoweekday(kida_call *call, kida_value *out)
{
    *out = kida_int((moment_at(seconds_of(kida_call_user(call))).weekday + 6) % 7 + 1);
    return KIDA_OK;
}

static const kida_param format_params[] = { { "format", KIDA_IN_STR, NULL }, { 0 } };
static const kida_function methods[] = {
    { "strftime", m_strftime, format_params, KIDA_PURE, "text by a pattern of % directives" },
    { "isoformat", m_isoformat, NULL, KIDA_PURE, "text by ISO 8601" },
    { "timestamp", m_timestamp, NULL, KIDA_PURE, "seconds since 1970-01-01" },
    { "weekday", m_weekday, NULL, KIDA_PURE, "day of the week, Monday is 0" },
    { "isoweekday", m_isoweekday, NULL, KIDA_PURE, "day of the week, Monday is 1" },
};

static kida_status
time_attribute(kida_call *call, void *self, kida_str name, kida_value *out)
{
    moment m = moment_at(seconds_of(self));
    const struct {
        kida_str name;
        int64_t n;
    } numbers[] = {
        { KIDA_S_INIT("year"), m.year },     { KIDA_S_INIT("month"), m.month },
        { KIDA_S_INIT("day"), m.day },       { KIDA_S_INIT("hour"), m.hour },
        { KIDA_S_INIT("minute"), m.minute }, { KIDA_S_INIT("second"), m.second },
        { KIDA_S_INIT("microsecond"), 0 },
    };
    for (size_t i = 0; i < KD_COUNT(numbers); i++) {
        if (kida_str_equal(numbers[i].name, name)) {
            *out = kida_int(numbers[i].n);
            return KIDA_OK;
        }
    }
    for (size_t i = 0; i < KD_COUNT(methods); i++) {
        if (!kida_str_equal(kida_str_from(methods[i].name), name))
            continue;
        kida_status st = kida_function_value(call->rt->pool, &methods[i], self, out);
        if (st != KIDA_OK)
            return kd_fail_memory(call);
        ((kd_function *)out->u_.p)->trusted = true;
    }
    return KIDA_OK;
}

const kida_object_type kd_time_type = {
    .size = sizeof(kida_object_type),
    .name = "datetime",
    .attribute = time_attribute,
    .text = time_text,
    .repr = time_repr,
    .equal = time_equal,
    .compare = time_compare,
    .format = time_format,
};

kida_status
kida_from_time(kida_pool *pool, int64_t seconds, kida_value *out)
{
    if (pool == NULL)
        return KIDA_E_NOMEM;
    int64_t *memory = kd_arena_alloc(pool, sizeof(*memory));
    if (memory == NULL)
        return KIDA_E_NOMEM;
    *memory = seconds;
    *out = kida_object(&kd_time_type, memory);
    return KIDA_OK;
}
