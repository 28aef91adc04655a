/* SPDX-License-Identifier: MIT */
/* chirp.h - the whole public interface of libchirp: include this one. */
#ifndef CHIRP_CHIRP_H
#define CHIRP_CHIRP_H

#include "app.h"
#include "auth.h"
#include "cache.h"
#include "client.h"
#include "config.h"
#include "db.h"
#include "forms.h"
#include "hypermedia.h"
#include "http_client.h"
#include "i18n.h"
#include "inspect.h"
#include "log.h"
#include "markdown.h"
#include "middleware.h"
#include "module.h"
#include "pages.h"
#include "password.h"
#include "reactive.h"
#include "reply.h"
#include "request.h"
#include "security.h"
#include "session.h"
#include "sse.h"
#include "stream.h"

#endif
