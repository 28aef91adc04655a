/* SPDX-License-Identifier: MIT */
/* regex.h - regular expressions of rules. */
#ifndef CH_FORMS_REGEX_H
#define CH_FORMS_REGEX_H

#include <kida/kida.h>

/* Whether pattern matches at the start of text; a match that takes too long counts as none.
 * Errors: KIDA_E_USAGE for a pattern that does not compile, KIDA_E_NOMEM. */
kida_status ch_regex_match(kida_str pattern, kida_str text, bool *matches, kida_error *err);

#endif
