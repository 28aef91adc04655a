/* SPDX-License-Identifier: MIT */
/* html.h - pieces of HTML that filters and request helpers write alike. */
#ifndef KD_FILTERS_HTML_H
#define KD_FILTERS_HTML_H

#include <kida/filter.h>

/* Appends text escaped for a quoted attribute of a tag that is written by C: as output escapes it,
 * but with &#x27; for ' and NUL kept. */
void kd_html_attribute(kida_buf *buf, kida_str text);

#endif
