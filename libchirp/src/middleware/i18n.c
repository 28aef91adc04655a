/* SPDX-License-Identifier: MIT */
/* i18n.c - which language a request gets, and what templates say in it (row 16.4). */
#define _GNU_SOURCE
#include <chirp/i18n.h>

#include <string.h>

#include "catalog.h"
#include "config/fail.h"
#include "config/text.h"
#include "layer.h"

#define STATE_NAME "chirp.i18n"
#define LOCALES_MAX 64
#define LOCALE_LEN_MAX 32
#define ACCEPTED_MAX 32 /* entries of an Accept-Language that are looked at */

typedef struct language {
    kida_str name;
    ch_catalog catalog;
} language;

typedef struct i18n_layer {
    ch_layer_memory memory;
    language *languages; /* the default first */
    size_t count;
    const char *cookie_name;
    bool url_prefix;
} i18n_layer;

typedef struct i18n_state {
    const i18n_layer *layer;
    const language *language; /* NULL: not asked for yet */
    bool by_cookie;           /* what was looked at to find it */
    bool by_header;
} i18n_state;

/* ---- finding the language -------------------------------------------------------------------- */

static const language *
find_language(const i18n_layer *layer, kida_str name)
{
    for (size_t i = 0; i < layer->count; i++) {
        if (ch_str_iequal(layer->languages[i].name, name))
            return &layer->languages[i];
    }
    return NULL;
}

static const language *
by_path(const i18n_layer *layer, const chirp_request *req)
{
    kida_str path = chirp_path(req);
    if (!layer->url_prefix || path.len < 2)
        return NULL;
    return find_language(layer, ch_str_slice(path, 1, ch_str_find(path, '/', 1)));
}

/* Thousandths of a weight, "0.8"; 1000 without one, 0 for one that can't be read. */
static unsigned
weight_of(kida_str item)
{
    size_t at = 0;
    kida_str part;
    (void)ch_str_next(item, ';', &at, &part);
    while (ch_str_next(item, ';', &at, &part)) {
        double weight;
        if (part.len < 2 || ch_lower(part.ptr[0]) != 'q' || part.ptr[1] != '=')
            continue;
        if (!ch_parse_float(ch_str_slice(part, 2, part.len), &weight) || weight > 1)
            return 0;
        return (unsigned)(weight * 1000);
    }
    return 1000;
}

/* The language for one entry: the exact one, or that of its first part. */
static const language *
match(const i18n_layer *layer, kida_str item)
{
    kida_str tag = ch_str_trim(ch_str_slice(item, 0, ch_str_find(item, ';', 0)));
    const language *found = find_language(layer, tag);
    return found ? found : find_language(layer, ch_str_slice(tag, 0, ch_str_find(tag, '-', 0)));
}

static const language *
by_header(const i18n_layer *layer, const chirp_request *req)
{
    kida_str header = chirp_header(req, "accept-language"), item;
    const language *best = NULL;
    unsigned best_weight = 0;
    size_t at = 0;
    for (size_t i = 0; i < ACCEPTED_MAX && ch_str_next(header, ',', &at, &item); i++) {
        unsigned weight = weight_of(item);
        const language *found = weight > best_weight ? match(layer, item) : NULL;
        if (found) {
            best = found;
            best_weight = weight;
        }
    }
    return best;
}

static void
find(i18n_state *state, chirp_request *req)
{
    const i18n_layer *layer = state->layer;
    state->language = by_path(layer, req);
    if (!state->language && layer->cookie_name[0] != '\0') {
        state->by_cookie = true;
        state->language = find_language(layer, chirp_cookie(req, layer->cookie_name));
    }
    if (!state->language) {
        state->by_header = true;
        state->language = by_header(layer, req);
    }
    if (!state->language)
        state->language = &layer->languages[0];
}

/* The language of a request; NULL without the layer. */
static const language *
language_of(chirp_request *req)
{
    i18n_state *state = req ? chirp_g_get(req, STATE_NAME) : NULL;
    if (state && !state->language)
        find(state, req);
    return state ? state->language : NULL;
}

kida_str
chirp_locale(chirp_request *req)
{
    const language *found = language_of(req);
    return found ? found->name : KIDA_S("en");
}

bool
chirp_set_locale(chirp_request *req, kida_str locale)
{
    i18n_state *state = chirp_g_get(req, STATE_NAME);
    const language *found = state ? find_language(state->layer, locale) : NULL;
    if (found)
        state->language = found;
    return found != NULL;
}

kida_str
chirp_translate(chirp_request *req, const char *key)
{
    const language *found = language_of(req);
    kida_str text = { NULL, 0 };
    if (found)
        text = ch_catalog_text(&found->catalog, kida_str_from(key));
    return text.ptr ? text : kida_str_from(key);
}

kida_str
chirp_translate_plural(chirp_request *req, const char *one, const char *many, int64_t count)
{
    const language *found = language_of(req);
    kida_str text = { NULL, 0 };
    if (found)
        text = ch_catalog_plural(&found->catalog, kida_str_from(one), count);
    return text.ptr ? text : kida_str_from(count == 1 ? one : many);
}

static chirp_reply *
apply_i18n(chirp_request *req, chirp_next *next, void *user)
{
    i18n_state *state = chirp_alloc(req, sizeof(*state));
    if (!state)
        return NULL;
    *state = (i18n_state){ .layer = user };
    if (chirp_g_set(req, STATE_NAME, state, NULL) != KIDA_OK)
        return NULL;
    chirp_reply *reply = chirp_proceed(next, req);
    if (state->by_header)
        reply = chirp_reply_vary(reply, "Accept-Language");
    return state->by_cookie ? chirp_reply_vary(reply, "Cookie") : reply;
}

/* ---- templates ------------------------------------------------------------------------------- */

static kida_str
catalog_text(void *user, kida_call *call, kida_str message)
{
    (void)user;
    const language *found = language_of(kida_call_host(call));
    return found ? ch_catalog_text(&found->catalog, message) : (kida_str){ NULL, 0 };
}

static kida_str
catalog_plural(void *user, kida_call *call, kida_str one, kida_str many, int64_t count)
{
    (void)user, (void)many;
    const language *found = language_of(kida_call_host(call));
    return found ? ch_catalog_plural(&found->catalog, one, count) : (kida_str){ NULL, 0 };
}

static kida_status
f_get_locale(kida_call *call, kida_value *out)
{
    chirp_request *req = kida_call_host(call);
    *out = kida_string(req ? chirp_locale(req) : KIDA_S("en"));
    return KIDA_OK;
}

/* Value of a keyword of t(); absent if it was not given. */
static kida_value
keyword(kida_call *call, kida_str name)
{
    kida_value absent = { KIDA_ABSENT, { 0 } };
    for (size_t i = 0; i < kida_keyword_count(call); i++) {
        kida_str given;
        kida_value value = kida_keyword(call, i, &given);
        if (kida_str_equal(given, name))
            return value;
    }
    return absent;
}

/* Puts text with each {name} replaced. A text whose names are not all given stays as it is. */
static kida_status
fill_in(kida_call *call, kida_str text, kida_value *out)
{
    kida_buf buf;
    size_t at = 0;
    kida_buf_init(&buf, call);
    while (at < text.len) {
        size_t open = ch_str_find(text, '{', at), close = ch_str_find(text, '}', open);
        kida_buf_put(&buf, ch_str_slice(text, at, open));
        if (close == text.len) {
            kida_buf_put(&buf, ch_str_slice(text, open, text.len));
            break;
        }
        kida_str shown;
        kida_value value = keyword(call, ch_str_slice(text, open + 1, close));
        if (kida_kind_of(value) == KIDA_ABSENT) {
            *out = kida_string(text);
            return KIDA_OK;
        }
        kida_status st = kida_to_str(call, value, &shown);
        if (st != KIDA_OK)
            return st;
        kida_buf_put(&buf, shown);
        at = close + 1;
    }
    return kida_buf_finish(&buf, out);
}

static kida_status
f_t(kida_call *call, kida_value *out)
{
    kida_str key = kida_arg_str(call, 0);
    kida_str text = catalog_text(NULL, call, key);
    if (!text.ptr)
        text = key;
    if (kida_keyword_count(call) > 0)
        return fill_in(call, text, out);
    *out = kida_string(text);
    return KIDA_OK;
}

static kida_status
f_gettext(kida_call *call, kida_value *out)
{
    kida_str text = catalog_text(NULL, call, kida_arg_str(call, 0));
    *out = text.ptr ? kida_string(text) : kida_arg(call, 0);
    return KIDA_OK;
}

static kida_status
f_ngettext(kida_call *call, kida_value *out)
{
    int64_t count = kida_arg_int(call, 2);
    kida_str text = catalog_plural(NULL, call, kida_arg_str(call, 0), KIDA_S(""), count);
    *out = text.ptr ? kida_string(text) : kida_arg(call, count == 1 ? 0 : 1);
    return KIDA_OK;
}

/* Whether a language writes 1.234,56. */
static bool
has_decimal_comma(kida_str locale)
{
    static const char *const with_comma[] = { "de", "fr", "es", "it", "pt", NULL };
    size_t end = ch_str_find(locale, '-', 0), other = ch_str_find(locale, '_', 0);
    kida_str first = ch_str_slice(locale, 0, end < other ? end : other);
    for (const char *const *at = with_comma; *at; at++) {
        if (ch_str_iequal(first, kida_str_from(*at)))
            return true;
    }
    return false;
}

/* 1,234.56, or 1.234,56 where that is the custom; floats have two places, whole numbers none. */
static kida_status
f_format_number(kida_call *call, kida_value *out)
{
    kida_value number = kida_arg(call, 0), text;
    bool is_float = kida_kind_of(number) == KIDA_FLOAT;
    kida_status st = kida_format_spec(call, number, is_float ? KIDA_S(",.2f") : KIDA_S(","), &text);
    kida_value locale;
    if (st != KIDA_OK)
        return st;
    (void)f_get_locale(call, &locale);
    if (!has_decimal_comma(kida_as_str(locale))) {
        *out = text;
        return KIDA_OK;
    }
    kida_buf buf;
    kida_str plain = kida_as_str(text);
    kida_buf_init(&buf, call);
    for (size_t i = 0; i < plain.len; i++) {
        char c = plain.ptr[i];
        kida_buf_byte(&buf, c == ',' ? '.' : c == '.' ? ',' : c);
    }
    return kida_buf_finish(&buf, out);
}

static kida_status
f_format_date(kida_call *call, kida_value *out)
{
    static const struct {
        const char *style;
        const char *pattern;
    } styles[] = { { "short", "%Y-%m-%d" }, { "medium", "%b %d, %Y" }, { "long", "%B %d, %Y" } };
    kida_str style = kida_arg_str(call, 1);
    for (size_t i = 0; i < sizeof(styles) / sizeof(styles[0]); i++) {
        kida_value pattern = kida_string(kida_str_from(styles[i].pattern));
        if (kida_str_equal(style, kida_str_from(styles[i].style)))
            return kida_apply_filter(call, KIDA_S("date"), kida_arg(call, 0), &pattern, 1, out);
    }
    return kida_fail_kind(call, KIDA_E_RUNTIME, "ValueError",
                          "format_date knows the styles 'short', 'medium' and 'long'");
}

static const kida_param t_params[] = {
    { "key", KIDA_IN_STR | KIDA_IN_POSITION, NULL }, { "**values", KIDA_IN_ANY, NULL }, { 0 },
};
static const kida_param gettext_params[] = { { "message", KIDA_IN_STR, NULL }, { 0 } };
static const kida_param ngettext_params[] = {
    { "singular", KIDA_IN_STR, NULL }, { "plural", KIDA_IN_STR, NULL }, { "n", KIDA_IN_INT, NULL },
    { 0 },
};
static const kida_param number_params[] = { { "number", KIDA_IN_FLOAT, NULL }, { 0 } };
static const kida_param date_params[] = {
    { "date", KIDA_IN_ANY, NULL }, { "style", KIDA_IN_STR, "'medium'" }, { 0 },
};

static const kida_function functions[] = {
    { "t", f_t, t_params, KIDA_IMPURE, "a message in the language of the request, with {names}" },
    { "gettext", f_gettext, gettext_params, KIDA_IMPURE, "the message, translated" },
    { "ngettext", f_ngettext, ngettext_params, KIDA_IMPURE, "one of two messages, translated" },
    { "get_locale", f_get_locale, NULL, KIDA_IMPURE, "name of the request's language" },
    { "format_number", f_format_number, number_params, KIDA_IMPURE, "a number as it is written" },
    { "format_date", f_format_date, date_params, KIDA_IMPURE,
      "a date in the style 'short', 'medium' or 'long'" },
};

/* ---- making it ------------------------------------------------------------------------------- */

void
chirp_i18n_options_init(chirp_i18n_options *options)
{
    static const char *const directories[] = { "locales", NULL };
    *options = (chirp_i18n_options){
        .size = sizeof(*options),     .default_locale = "en",       .directories = directories,
        .domain = "messages",         .cookie_name = "chirp_locale",
    };
}

/* A name that is no path: letters, digits, `-` and `_`. */
static bool
is_locale(kida_str name)
{
    for (size_t i = 0; i < name.len; i++) {
        char c = ch_lower(name.ptr[i]);
        if (!(c >= 'a' && c <= 'z') && !ch_is_digit(c) && c != '-' && c != '_')
            return false;
    }
    return name.len > 0 && name.len <= LOCALE_LEN_MAX;
}

/* One file, if it is there. */
static kida_status
load_file(language *self, i18n_layer *layer, const char *folder, kida_str name, const char *format,
          const char *domain, kida_error *err)
{
    bool found = false;
    kida_buf path;
    kida_buf_init_heap(&path, &layer->memory.arena.allocator, 8192);
    kida_buf_format(&path, "%s/%.*s", folder, (int)name.len, name.ptr);
    kida_buf_put(&path, kida_str_from(format));
    if (domain) {
        kida_buf_put(&path, kida_str_from(domain));
        kida_buf_put(&path, KIDA_S(".mo"));
    }
    kida_buf_byte(&path, '\0');
    kida_status st = kida_buf_status(&path);
    if (st == KIDA_OK)
        st = ch_catalog_add_file(&self->catalog, kida_buf_str(&path).ptr, &found, err);
    else
        st = ch_fail(err, st, "the path of a catalog is too long");
    kida_buf_free(&path);
    return st;
}

static kida_status
load_folder(language *self, i18n_layer *layer, const char *folder, kida_str name,
            const char *domain, kida_error *err)
{
    kida_status st = load_file(self, layer, folder, name, ".json", NULL, err);
    if (st == KIDA_OK)
        st = load_file(self, layer, folder, name, ".mo", NULL, err);
    if (st == KIDA_OK)
        st = load_file(self, layer, folder, name, "/LC_MESSAGES/", domain, err);
    return st;
}

static kida_status
load_language(language *self, i18n_layer *layer, const chirp_i18n_options *options, kida_error *err)
{
    kida_status st = KIDA_OK;
    char other[LOCALE_LEN_MAX];
    kida_str name = self->name, also = { other, name.len };
    for (size_t i = 0; i < name.len; i++)
        other[i] = name.ptr[i] == '-' ? '_' : name.ptr[i];
    for (const char *const *at = options->directories; st == KIDA_OK && at && *at; at++) {
        st = load_folder(self, layer, *at, name, options->domain, err);
        if (st == KIDA_OK && !kida_str_equal(name, also))
            st = load_folder(self, layer, *at, also, options->domain, err);
    }
    return st;
}

static kida_status
add_language(i18n_layer *layer, const char *name, const chirp_i18n_options *options,
             kida_error *err)
{
    if (!is_locale(kida_str_from(name)))
        return ch_fail(err, KIDA_E_USAGE, "'%.40s' is no name of a locale", name);
    if (find_language(layer, kida_str_from(name)))
        return KIDA_OK;
    if (layer->count == LOCALES_MAX)
        return ch_fail(err, KIDA_E_USAGE, "an app has at most %d locales", LOCALES_MAX);
    language *self = &layer->languages[layer->count];
    self->name = ch_layer_text(layer, name);
    if (!self->name.ptr)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for a locale");
    ch_catalog_init(&self->catalog, &layer->memory.arena);
    layer->count++;
    return load_language(self, layer, options, err);
}

static kida_status
fill(i18n_layer *layer, chirp_app *app, const chirp_i18n_options *options, kida_error *err)
{
    layer->languages = ch_arena_array(&layer->memory.arena, LOCALES_MAX, sizeof(language));
    layer->cookie_name = ch_layer_text(layer, options->cookie_name).ptr;
    layer->url_prefix = options->url_prefix;
    if (!layer->languages || !layer->cookie_name)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for locales");
    kida_status st = add_language(layer, options->default_locale, options, err);
    for (const char *const *at = options->locales; st == KIDA_OK && at && *at; at++)
        st = add_language(layer, *at, options, err);
    kida_catalog catalog = { NULL, catalog_text, catalog_plural };
    if (st == KIDA_OK)
        st = kida_env_set_catalog(chirp_app_templates(app), &catalog, err);
    if (st == KIDA_OK)
        st = kida_env_add_functions(chirp_app_templates(app), functions,
                                    sizeof(functions) / sizeof(functions[0]), err);
    return st;
}

kida_status
chirp_use_i18n(chirp_app *app, const chirp_i18n_options *options, kida_error *err)
{
    kida_error local;
    err = ch_error_or(err, &local);
    chirp_i18n_options defaults;
    if (!options) {
        chirp_i18n_options_init(&defaults);
        options = &defaults;
    }
    kida_status st = ch_options_check(options->size, sizeof(*options), err);
    i18n_layer *layer = st == KIDA_OK ? ch_layer_new(app, sizeof(*layer)) : NULL;
    if (!layer)
        return ch_layer_failed(app, st, err);
    st = fill(layer, app, options, err);
    if (st != KIDA_OK) {
        ch_layer_free(layer);
        return ch_layer_failed(app, st, err);
    }
    return chirp_use(app, apply_i18n, layer, ch_layer_free);
}
