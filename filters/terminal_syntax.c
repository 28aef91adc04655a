/* SPDX-License-Identifier: MIT */
/* terminal_syntax.c - syntax: JSON and YAML in colours, line by line. */
#include <string.h>

#include "build.h"
#include "terminal.h"
#include "text.h"

typedef struct painter {
    const kd_terminal *terminal;
    kida_buf *out;
} painter;

static kida_str
span(const char *from, const char *to)
{
    return (kida_str){ from, (size_t)(to - from) };
}

static void
paint(const painter *p, unsigned code, const char *from, const char *to)
{
    if (from < to)
        kd_put_painted(p->terminal, p->out, code, span(from, to));
}

static bool
is_digit(char c)
{
    return c >= '0' && c <= '9';
}

/* Letters beyond ASCII count as parts of words. */
static bool
is_word(char c)
{
    return is_digit(c) || c == '_' || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (unsigned char)c >= 0x80;
}

static const char *
skip_digits(const char *p, const char *end)
{
    while (p < end && is_digit(*p))
        p++;
    return p;
}

static const char *
skip_blanks(const char *p, const char *end)
{
    while (p < end && (*p == ' ' || *p == '\t'))
        p++;
    return p;
}

/* End of the number at p; p itself if there is none. */
static const char *
number_end(const char *p, const char *end)
{
    const char *digits = p < end && *p == '-' ? p + 1 : p;
    const char *at = skip_digits(digits, end);

    if (at == digits)
        return p;
    if (end - at >= 2 && *at == '.' && is_digit(at[1]))
        at = skip_digits(at + 1, end);
    if (end - at >= 2 && (*at == 'e' || *at == 'E')) {
        const char *power = at[1] == '+' || at[1] == '-' ? at + 2 : at + 1;
        const char *stop = skip_digits(power, end);
        at = stop > power ? stop : at;
    }
    return at;
}

/* ---- JSON ------------------------------------------------------------------------------------ */

/* End of the string at p; p itself where the line ends before it. */
static const char *
string_end(const char *p, const char *end)
{
    const char *at = p + 1;

    while (at < end && *at != '"')
        at += *at == '\\' && end - at >= 2 ? 2 : 1;
    return at < end ? at + 1 : p;
}

/* End of one of the words of JSON at p; p itself if there is none. */
static const char *
keyword_end(const char *p, const char *end)
{
    static const kida_str words[] = { KIDA_S_INIT("true"), KIDA_S_INIT("false"),
                                      KIDA_S_INIT("null") };
    const char *at = p;

    while (at < end && is_word(*at))
        at++;
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (kida_str_equal(span(p, at), words[i]))
            return at;
    }
    return p;
}

/* Finds the token at p, and its colour; the end is p where none begins. */
static const char *
json_token(const char *p, const char *end, unsigned *code)
{
    const char *stop = p;

    if (memchr("{}[],", *p, 5) != NULL) {
        *code = KD_DIM;
        return p + 1;
    }
    if (*p == '"') {
        stop = string_end(p, end);
        const char *colon = skip_blanks(stop, end);
        *code = colon < end && *colon == ':' ? KD_CYAN : KD_GREEN;
    } else if (is_digit(*p) || *p == '-') {
        stop = number_end(p, end);
        *code = KD_YELLOW;
    } else if (is_word(*p)) {
        stop = keyword_end(p, end);
        *code = KD_MAGENTA;
    }
    return stop;
}

static void
put_json(const painter *p, const char *at, const char *end)
{
    const char *done = at;
    bool unclosed = false; /* no string ends behind here */

    while (at < end) {
        unsigned code = 0;
        const char *stop = *at == '"' && unclosed ? at : json_token(at, end, &code);
        if (stop == at) {
            unclosed = unclosed || *at == '"';
            do { /* the rest of a word is no token */
                at++;
            } while (at < end && is_word(at[-1]) && is_word(*at));
            continue;
        }
        kida_buf_put(p->out, span(done, at));
        paint(p, code, at, stop);
        at = done = stop;
    }
    kida_buf_put(p->out, span(done, end));
}

/* ---- YAML ------------------------------------------------------------------------------------ */

static bool
is_truth_word(kida_str text)
{
    static const char *const words[] = { "true", "false", "yes", "no", "on", "off" };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        kida_str word = kida_str_from(words[i]);
        size_t at = 0;
        while (word.len == text.len && at < word.len && (text.ptr[at] | 0x20) == word.ptr[at])
            at++;
        if (word.len == text.len && at == word.len)
            return true;
    }
    return false;
}

static unsigned
yaml_value_code(kida_str text)
{
    const char *end = text.ptr + text.len;

    if (text.len >= 2 && (text.ptr[0] == '"' || text.ptr[0] == '\'') &&
        end[-1] == text.ptr[0])
        return KD_GREEN;
    if (is_truth_word(text))
        return KD_MAGENTA;
    return text.len > 0 && number_end(text.ptr, end) == end ? KD_YELLOW : 0;
}

static void
put_yaml(const painter *p, const char *at, const char *end)
{
    const char *comment = end > at ? memchr(at, '#', (size_t)(end - at)) : NULL;
    const char *stop = comment != NULL ? comment : end;
    const char *key = skip_blanks(at, stop);

    while (key < stop && (is_word(*key) || *key == '.' || *key == '-'))
        key++;
    if (key < stop && *key == ':' && key > skip_blanks(at, stop)) {
        paint(p, KD_CYAN, at, key);
        kida_buf_byte(p->out, ':');
        at = key + 1;
        const char *value = skip_blanks(at, stop);
        kida_str text = kd_text_trim_end(span(value, stop));
        kida_buf_put(p->out, span(at, value));
        kd_put_painted(p->terminal, p->out, yaml_value_code(text), text);
        at = value + text.len;
    }
    kida_buf_put(p->out, span(at, stop));
    paint(p, KD_DIM, stop, end);
}

/* ---- lines ----------------------------------------------------------------------------------- */

typedef void put_fn(const painter *p, const char *at, const char *end);

static put_fn *
language_of(kida_str name)
{
    if (kida_str_equal(name, KIDA_S("json")))
        return put_json;
    if (kida_str_equal(name, KIDA_S("yaml")) || kida_str_equal(name, KIDA_S("yml")))
        return put_yaml;
    return NULL;
}

static kida_status
f_syntax(kida_call *call, kida_value self, kida_value *out)
{
    put_fn *put = language_of(kida_as_str(kida_arg(call, 0)));
    kida_str text;
    kida_buf buf;
    painter p = { kd_terminal_of(call), &buf };
    kida_status st = kd_shown(call, self, &text);

    if (st != KIDA_OK)
        return st;
    kida_buf_init(&buf, call);
    if (put == NULL || p.terminal->depth == KD_MONO) {
        kida_buf_put(&buf, text);
        return kd_finish_styled(KIDA_OK, &buf, out);
    }
    for (bool first = true; text.len > 0 && kida_buf_status(&buf) == KIDA_OK; first = false) {
        kida_str line = kd_text_take_line(&text);
        if (!first)
            kida_buf_byte(&buf, '\n');
        put(&p, line.ptr, line.ptr + kd_text_chomp(line).len);
    }
    return kd_finish_styled(KIDA_OK, &buf, out);
}

static const kida_param syntax_params[] = { { "language", KIDA_IN_ANY, "'json'" }, { 0 } };

const kida_filter kd_filters_syntax[] = {
    { "syntax", f_syntax, syntax_params, KIDA_PURE, "JSON or YAML in colours" },
};
const size_t kd_filters_syntax_count = sizeof(kd_filters_syntax) / sizeof(kd_filters_syntax[0]);
