/* SPDX-License-Identifier: MIT */
/* terminal_diff.c - diff: what changed between two texts, in the unified form. Lines are matched
 * as people read them: by the longest run that both have, then the same before and behind it. */
#include "build.h"
#include "terminal.h"
#include "text.h"

/* From so many lines on, those that make up more than one part in a hundred are no anchors. */
#define POPULAR_FROM 200
#define NOWHERE SIZE_MAX

typedef struct side {
    kida_str *lines; /* without their breaks */
    size_t *ids;     /* equal lines have equal numbers */
    size_t count;
} side;

/* old[a .. a + size) is new[b .. b + size) */
typedef struct match {
    size_t a, b, size;
} match;

/* A part of both sides that is still to be looked at; or, if found, a match to be given out. */
typedef struct task {
    size_t a_from, a_to, b_from, b_to;
    bool found;
} task;

typedef struct matcher {
    kida_call *call;
    side a, b;
    size_t *first_of; /* by id: where its lines begin in places; one more than there are ids */
    size_t *places;   /* indices of b, ascending for each id */
    size_t *runs;     /* by index of b: length of the match that ends there */
    size_t *stamps;   /* when runs was written: numbers of lines looked at so far */
    size_t stamp;
    match *matches;
    size_t match_count;
} matcher;

/* ---- lines ----------------------------------------------------------------------------------- */

static kida_status
split(kida_call *call, kida_str text, side *s)
{
    size_t count = 0;
    kida_status st = kida_spend(call, text.len / 16);

    for (kida_str rest = text; rest.len > 0; count++)
        (void)kd_text_take_line(&rest);
    s->lines = kd_new_array(call, count, sizeof(*s->lines));
    s->ids = kd_new_array(call, count, sizeof(*s->ids));
    if (s->lines == NULL || s->ids == NULL)
        return KIDA_E_LIMIT_MEMORY;
    for (s->count = 0; s->count < count; s->count++)
        s->lines[s->count] = kd_text_chomp(kd_text_take_line(&text));
    return st;
}

static kida_status
number_lines(kida_call *call, kida_value seen, side *s)
{
    kida_status st = kida_spend(call, s->count);

    for (size_t i = 0; i < s->count && st == KIDA_OK; i++) {
        kida_value line = kida_string(s->lines[i]);
        kida_value id = kd_nothing();
        st = kida_dict_find(call, seen, line, &id);
        if (st == KIDA_OK && kd_is_end(id)) {
            id = kida_int((int64_t)kida_length(seen));
            st = kida_dict_put(call, seen, line, id);
        }
        s->ids[i] = (size_t)kida_as_int(id);
    }
    return st;
}

/* Sorts the lines of b by id, so that those equal to a given one are found at once. */
static kida_status
index_lines(matcher *m, size_t ids)
{
    size_t limit = m->b.count >= POPULAR_FROM ? m->b.count / 100 + 1 : NOWHERE;
    size_t *counts = kd_new_array(m->call, ids, sizeof(*counts));
    m->first_of = kd_new_array(m->call, ids + 1, sizeof(*m->first_of));
    m->places = kd_new_array(m->call, m->b.count, sizeof(*m->places));
    if (counts == NULL || m->first_of == NULL || m->places == NULL)
        return KIDA_E_LIMIT_MEMORY;

    for (size_t i = 0; i < ids; i++)
        counts[i] = 0;
    for (size_t i = 0; i < m->b.count; i++)
        counts[m->b.ids[i]]++;
    m->first_of[0] = 0;
    for (size_t i = 0; i < ids; i++) {
        m->first_of[i + 1] = m->first_of[i] + (counts[i] > limit ? 0 : counts[i]);
        counts[i] = 0;
    }
    for (size_t i = 0; i < m->b.count; i++) {
        size_t id = m->b.ids[i];
        if (m->first_of[id + 1] > m->first_of[id])
            m->places[m->first_of[id] + counts[id]++] = i;
    }
    return KIDA_OK;
}

static kida_status
prepare(matcher *m, kida_str old, kida_str new)
{
    kida_value seen;
    kida_status st = kd_new_dict(m->call, 0, &seen);

    if (st == KIDA_OK)
        st = split(m->call, old, &m->a);
    if (st == KIDA_OK)
        st = split(m->call, new, &m->b);
    if (st == KIDA_OK)
        st = number_lines(m->call, seen, &m->b);
    if (st == KIDA_OK)
        st = number_lines(m->call, seen, &m->a);
    if (st == KIDA_OK)
        st = index_lines(m, kida_length(seen));
    if (st != KIDA_OK)
        return st;
    m->runs = kd_new_array(m->call, m->b.count, sizeof(*m->runs));
    m->stamps = kd_new_array(m->call, m->b.count, sizeof(*m->stamps));
    m->matches = kd_new_array(m->call, m->a.count + 1, sizeof(*m->matches));
    if (m->runs == NULL || m->stamps == NULL || m->matches == NULL)
        return KIDA_E_LIMIT_MEMORY;
    for (size_t i = 0; i < m->b.count; i++)
        m->stamps[i] = 0;
    m->stamp = 1;
    return KIDA_OK;
}

/* ---- matching -------------------------------------------------------------------------------- */

/* Lengthens matches that end at the line of `a` with number i, and remembers the longest. */
static kida_status
match_line(matcher *m, const task *t, size_t i, match *best)
{
    size_t from = m->first_of[m->a.ids[i]];
    size_t to = m->first_of[m->a.ids[i] + 1];
    size_t before_at = NOWHERE; /* place whose run, from the line before, was just overwritten */
    size_t before = 0;
    size_t row = ++m->stamp;

    for (size_t p = from; p < to; p++) {
        size_t j = m->places[p];
        if (j < t->b_from)
            continue;
        if (j >= t->b_to)
            break;
        size_t run = 1;
        if (j > t->b_from && before_at == j - 1)
            run += before;
        else if (j > t->b_from && m->stamps[j - 1] == row - 1)
            run += m->runs[j - 1];
        before_at = j;
        before = m->stamps[j] == row - 1 ? m->runs[j] : 0;
        m->runs[j] = run;
        m->stamps[j] = row;
        if (run > best->size)
            *best = (match){ i + 1 - run, j + 1 - run, run };
    }
    return kida_spend(m->call, to - from + 1);
}

/* The longest run of equal lines in a part: the first of them in old, then in new. */
static kida_status
longest(matcher *m, const task *t, match *best)
{
    kida_status st = KIDA_OK;

    *best = (match){ t->a_from, t->b_from, 0 };
    m->stamp++; /* runs of another part don't count */
    for (size_t i = t->a_from; i < t->a_to && st == KIDA_OK; i++)
        st = match_line(m, t, i, best);
    /* lines that are no anchors may still stand beside one */
    while (best->a > t->a_from && best->b > t->b_from &&
           m->a.ids[best->a - 1] == m->b.ids[best->b - 1]) {
        best->a--;
        best->b--;
        best->size++;
    }
    while (best->a + best->size < t->a_to && best->b + best->size < t->b_to &&
           m->a.ids[best->a + best->size] == m->b.ids[best->b + best->size])
        best->size++;
    return st;
}

/* Appends a match, to the one before if they touch. */
static void
add_match(matcher *m, match found)
{
    match *last = m->match_count > 0 ? &m->matches[m->match_count - 1] : NULL;

    if (last != NULL && last->a + last->size == found.a && last->b + last->size == found.b)
        last->size += found.size;
    else
        m->matches[m->match_count++] = found;
}

/* Finds all matches in order. A stack stands for the recursion: each match on it has lines of its
 * own, so it is never deeper than twice the lines of a side. */
static kida_status
match_all(matcher *m)
{
    size_t lines = m->a.count < m->b.count ? m->a.count : m->b.count;
    task *stack = kd_new_array(m->call, 2 * lines + 4, sizeof(*stack));
    size_t depth = 0;
    if (stack == NULL)
        return KIDA_E_LIMIT_MEMORY;

    stack[depth++] = (task){ 0, m->a.count, 0, m->b.count, false };
    while (depth > 0) {
        task t = stack[--depth];
        match best;
        if (t.found) {
            add_match(m, (match){ t.a_from, t.b_from, t.a_to - t.a_from });
            continue;
        }
        kida_status st = longest(m, &t, &best);
        if (st != KIDA_OK)
            return st;
        if (best.size == 0)
            continue;
        size_t a_end = best.a + best.size, b_end = best.b + best.size;
        if (a_end < t.a_to && b_end < t.b_to)
            stack[depth++] = (task){ a_end, t.a_to, b_end, t.b_to, false };
        stack[depth++] = (task){ best.a, a_end, best.b, b_end, true };
        if (t.a_from < best.a && t.b_from < best.b)
            stack[depth++] = (task){ t.a_from, best.a, t.b_from, best.b, false };
    }
    return KIDA_OK;
}

/* ---- output ---------------------------------------------------------------------------------- */

typedef struct report {
    matcher *m;
    kida_buf *out;
    const kd_terminal *terminal;
    size_t context;
} report;

static void
put_line(report *r, unsigned code, const char *before, kida_str line)
{
    kida_buf text;
    kida_buf_init(&text, r->m->call);
    kida_buf_put(&text, kida_str_from(before));
    kd_put_sanitised(&text, line);
    if (kida_buf_str(r->out).len > 0)
        kida_buf_byte(r->out, '\n');
    kd_put_painted(r->terminal, r->out, code, kida_buf_str(&text));
}

/* A removed or added line. What looks like a header with its sign before it is taken for one. */
static void
put_change(report *r, char sign, kida_str line)
{
    const char twice[] = { sign, sign, '\0' };
    const char spaced[] = { sign, ' ', '\0' };

    if (line.len >= 2 && line.ptr[0] == sign && line.ptr[1] == sign)
        put_line(r, KD_DIM, twice + 1, line);
    else
        put_line(r, sign == '-' ? KD_RED : KD_GREEN, spaced, line);
}

static void
put_range(kida_buf *buf, size_t from, size_t to)
{
    size_t count = to - from;

    kida_buf_int(buf, (int64_t)(count > 0 ? from + 1 : from));
    if (count == 1)
        return;
    kida_buf_byte(buf, ',');
    kida_buf_int(buf, (int64_t)count);
}

/* Where a hunk ends: with the match that is too long to be all context, or behind the last change.
 * Returns the number of the match. */
static size_t
hunk_end(const report *r, size_t from)
{
    size_t i = from;
    while (i + 1 < r->m->match_count && r->m->matches[i].size <= 2 * r->context)
        i++;
    return i;
}

/* The changes between match number i - 1 and match number i, then as many lines of the latter as
 * stand before b_to. */
static void
put_changes(report *r, const match *before, const match *after, size_t a_to)
{
    for (size_t i = before->a + before->size; i < after->a; i++)
        put_change(r, '-', r->m->a.lines[i]);
    for (size_t i = before->b + before->size; i < after->b; i++)
        put_change(r, '+', r->m->b.lines[i]);
    for (size_t i = after->a; i < after->a + after->size && i < a_to; i++)
        put_line(r, KD_DIM, "   ", r->m->a.lines[i]);
}

/* The changes before the matches first to last, with context around. */
static void
put_hunk(report *r, size_t first, size_t last)
{
    static const match start = { 0, 0, 0 };
    const match *before = first > 0 ? &r->m->matches[first - 1] : &start;
    const match *after = &r->m->matches[last];
    size_t lead = before->size < r->context ? before->size : r->context;
    size_t tail = after->size < r->context ? after->size : r->context;
    size_t a_from = before->a + before->size - lead;
    kida_buf head;

    kida_buf_init(&head, r->m->call);
    kida_buf_put(&head, KIDA_S("@@ -"));
    put_range(&head, a_from, after->a + tail);
    kida_buf_put(&head, KIDA_S(" +"));
    put_range(&head, before->b + before->size - lead, after->b + tail);
    kida_buf_put(&head, KIDA_S(" @@"));
    put_line(r, KD_CYAN, "", kida_buf_str(&head));
    for (size_t i = a_from; i < before->a + before->size; i++)
        put_line(r, KD_DIM, "   ", r->m->a.lines[i]);
    for (size_t i = first; i <= last; i++) {
        put_changes(r, before, &r->m->matches[i], after->a + tail);
        before = &r->m->matches[i];
    }
}

/* The matches part the changes; one without lines stands at the end, so each change has a match
 * behind it. */
static void
put_report(report *r)
{
    matcher *m = r->m;
    bool any = false;

    if (m->match_count == 0 || m->matches[m->match_count - 1].a +
                                       m->matches[m->match_count - 1].size < m->a.count ||
        m->matches[m->match_count - 1].b + m->matches[m->match_count - 1].size < m->b.count)
        m->matches[m->match_count++] = (match){ m->a.count, m->b.count, 0 };
    /* texts that begin alike have no change before the first match */
    size_t first = m->matches[0].a == 0 && m->matches[0].b == 0 ? 1 : 0;
    while (first < m->match_count && kida_buf_status(r->out) == KIDA_OK) {
        size_t last = hunk_end(r, first);
        if (!any) {
            put_line(r, KD_DIM, "--- ", KIDA_S(""));
            put_line(r, KD_DIM, "+++ ", KIDA_S(""));
        }
        any = true;
        put_hunk(r, first, last);
        first = last + 1;
    }
}

static kida_status
f_diff(kida_call *call, kida_value self, kida_value *out)
{
    int64_t context = kida_arg_int(call, 1);
    kida_str old, new;
    kida_buf buf;
    matcher m = { .call = call };
    report r = { &m, &buf, kd_terminal_of(call), context > 0 ? (size_t)context : 0 };
    kida_status st = kida_to_str(call, self, &old);

    if (st == KIDA_OK)
        st = kida_to_str(call, kida_arg(call, 0), &new);
    if (st == KIDA_OK)
        st = prepare(&m, old, new);
    if (st == KIDA_OK)
        st = match_all(&m);
    kida_buf_init(&buf, call);
    if (st == KIDA_OK)
        put_report(&r);
    return kd_finish_styled(st, &buf, out);
}

static const kida_param diff_params[] = {
    { "new", KIDA_IN_ANY, NULL },
    { "context", KIDA_IN_INT, "3" },
    { 0 },
};

const kida_filter kd_filters_diff[] = {
    { "diff", f_diff, diff_params, 0, "what changes from this text to another, line by line" },
};
const size_t kd_filters_diff_count = sizeof(kd_filters_diff) / sizeof(kd_filters_diff[0]);
