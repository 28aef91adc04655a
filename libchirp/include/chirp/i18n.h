/* SPDX-License-Identifier: MIT */
/* i18n.h - pages in the language of who reads them: message catalogs, and which one a request gets.
 * Rules for options and errors are those of middleware.h. */
#ifndef CHIRP_I18N_H
#define CHIRP_I18N_H

#include "middleware.h"

KIDA_BEGIN_DECLS

/** Languages of an app. Lists end with NULL; locales are names like "en" or "pt-BR". */
typedef struct chirp_i18n_options {
    size_t size;                     /* of this struct */
    const char *default_locale;      /* "en" */
    const char *const *locales;      /* supported ones; NULL: the default alone */
    const char *const *directories;  /* where catalogs are; later ones win; "locales" */
    const char *domain;              /* of gettext's folders, "messages" */
    const char *cookie_name;         /* holds a chosen locale, "chirp_locale"; "": none is read */
    bool url_prefix;                 /* "/de/…" is in German; routes contain the prefix, false */
} chirp_i18n_options;

CHIRP_API void chirp_i18n_options_init(chirp_i18n_options *options);

/**
 * Loads the catalogs of all locales and gives each request one: by the first segment of its path
 * (if url_prefix), its cookie, its Accept-Language, or the default. Answers for which the locale
 * was asked for vary by what it was found by.
 *
 * A catalog is what these have together, each if it exists: `<locale>.json`, one object of texts;
 * `<locale>.mo` and `<locale>/LC_MESSAGES/<domain>.mo`, as msgfmt writes them, in UTF-8, with
 * plural forms. A `-` in a locale may be a `_` in a file's name.
 *
 * Templates get t(key, name=value), gettext (as `_`), ngettext (as `_n`), get_locale(),
 * format_number(x), format_date(x, "short" | "medium" | "long"); `trans` is translated.
 *
 * Errors: KIDA_E_IO, KIDA_E_JSON, KIDA_E_PARSE for a catalog that can't be read, with its name;
 *         KIDA_E_USAGE.
 * Limits: 16 MiB a file, 100 000 messages a locale, 64 locales.
 */
CHIRP_API kida_status chirp_use_i18n(struct chirp_app *app, const chirp_i18n_options *options,
                                     kida_error *err);

/** Locale of a request; "en" without the layer. NUL-ended. Thread: owner */
CHIRP_API kida_str chirp_locale(chirp_request *req);

/** Gives a request another locale, for example that of its user; false if it is not supported.
 *  Thread: owner */
CHIRP_API bool chirp_set_locale(chirp_request *req, kida_str locale);

/** The message in the language of the request; the key itself where there is none. Thread: owner */
CHIRP_API kida_str chirp_translate(chirp_request *req, const char *key);

/** One of two messages by a count, translated by the plural rule of the catalog. Thread: owner */
CHIRP_API kida_str chirp_translate_plural(chirp_request *req, const char *one, const char *many,
                                          int64_t count);

KIDA_END_DECLS

#endif
