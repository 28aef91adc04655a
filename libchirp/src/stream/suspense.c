/* SPDX-License-Identifier: MIT */
/* suspense.c - a page's shell at once, its slow blocks as their values come. */
#define _GNU_SOURCE
#include <string.h>

#include <chirp/security.h>

#include "app/app.h"
#include "config/text.h"
#include "reply/swap.h"
#include "stream.h"
#include "worker/conn.h"
#include "worker/jobs.h"
#include "worker/worker.h"

typedef enum value_state { VALUE_PENDING, VALUE_READY, VALUE_FAILED } value_state;

/* One deferred value. While its job runs, the helper thread has pool, value, status and err. */
typedef struct late_value {
    const chirp_deferred *deferred;
    kida_pool *pool;
    kida_value value;
    kida_status status;
    kida_error err;
    value_state state;
} late_value;

/* One block that shows late values; bit i of needs stands for value i. */
typedef struct late_block {
    kida_str name;
    uint32_t needs;
    bool is_sent;
} late_block;

typedef struct suspense {
    chirp_stream *stream;
    chirp_request *req;
    kida_str name;
    kida_value context; /* all that is there so far */
    late_value *values;
    size_t value_count;
    late_block blocks[CHIRP_DEFERRED_MAX];
    size_t block_count;
} suspense;

typedef struct suspense_source {
    chirp_deferred *deferred;
    size_t count;
    chirp_reply *reply;
    const chirp_page *page; /* NULL: a template alone */
} suspense_source;

/* ---- what depends on what ------------------------------------------------------------------- */

static late_block *
block_named(suspense *s, kida_str name)
{
    for (size_t i = 0; i < s->block_count; i++) {
        if (kida_str_equal(s->blocks[i].name, name))
            return &s->blocks[i];
    }
    if (s->block_count == CHIRP_DEFERRED_MAX)
        return NULL;
    late_block *block = &s->blocks[s->block_count++];
    *block = (late_block){ .name = name };
    return block;
}

/* Whether a list of names holds one of them. */
static bool
is_listed(const char *list, kida_str name)
{
    kida_str text = kida_str_from(list);
    kida_str item;
    size_t pos = 0;
    while (ch_str_next(text, ',', &pos, &item)) {
        if (kida_str_equal(item, name))
            return true;
    }
    return false;
}

/* Whether a block reads a variable, or something of it. */
static bool
reads(const kida_block_info *info, kida_str name)
{
    for (size_t i = 0; i < info->depends_on.count; i++) {
        kida_str path = info->depends_on.items[i];
        if (kida_str_equal(ch_str_slice(path, 0, ch_str_find(path, '.', 0)), name))
            return true;
    }
    return false;
}

/* One block of the template, in its order, so that those that are ready together leave in it. */
static kida_status
look_at_block(void *arg, const kida_block_info *info)
{
    suspense *s = arg;
    for (size_t i = 0; i < s->value_count; i++) {
        const chirp_deferred *deferred = s->values[i].deferred;
        bool shows = deferred->blocks ? is_listed(deferred->blocks, info->name)
                                      : reads(info, kida_str_from(deferred->name));
        if (!shows)
            continue;
        kida_str name = chirp_copy(s->req, info->name);
        late_block *block = name.ptr ? block_named(s, name) : NULL;
        if (!block)
            return KIDA_E_LIMIT_MEMORY;
        block->needs |= (uint32_t)1 << i;
    }
    return KIDA_OK;
}

static kida_status
list_blocks(suspense *s)
{
    kida_error err;
    kida_error_init(&err);
    kida_template *tpl = kida_env_get(s->req->frozen->env, s->name, &err);
    kida_status st = err.status != KIDA_OK ? err.status : KIDA_E_NOT_FOUND;
    if (tpl)
        st = kida_template_each_block(tpl, look_at_block, s, &err);
    kida_template_drop(tpl);
    if (st == KIDA_OK)
        return KIDA_OK;
    err.status = st;
    return chirp_stream_fail(s->stream, &err);
}

/* ---- context -------------------------------------------------------------------------------- */

/* A copy of the context in which every deferred name is none. */
static kida_status
make_context(suspense *s, kida_value given)
{
    kida_pool *pool = chirp_pool(s->req);
    if (!pool)
        return KIDA_E_NOMEM;
    kida_kind kind = kida_kind_of(given);
    if (kind != KIDA_DICT && kind != KIDA_NONE && kind != KIDA_ABSENT)
        return KIDA_E_USAGE;
    kida_value key, item;
    kida_status st = kida_dict_new(pool, kida_length(given) + s->value_count + 1, &s->context);
    for (size_t i = 0; st == KIDA_OK && kind == KIDA_DICT && kida_dict_entry(given, i, &key, &item);
         i++)
        st = kida_dict_set(s->context, key, item);
    for (size_t i = 0; i < s->value_count && st == KIDA_OK; i++)
        st = kida_dict_set(s->context, kida_string(kida_str_from(s->values[i].deferred->name)),
                           kida_none());
    return st;
}

/* ---- the values ----------------------------------------------------------------------------- */

/* On a helper thread. */
static void
work_out(void *arg)
{
    late_value *value = arg;
    value->status = value->deferred->work(value->deferred->arg, value->pool, &value->value,
                                          &value->err);
}

static void
fail_value(suspense *s, late_value *value)
{
    char text[900];
    value->state = VALUE_FAILED;
    value->err.status = value->status;
    if (!value->err.message[0])
        value->err.code = kida_status_code(value->status);
    kida_error_format(&value->err, KIDA_FORMAT_COMPACT, text, sizeof(text));
    ch_worker_log(s->req->worker, CHIRP_LEVEL_ERROR, "deferred value '%s' failed: %s",
                  value->deferred->name, text);
}

static void
start_values(suspense *s, ch_jobs *jobs)
{
    for (size_t i = 0; i < s->value_count; i++) {
        late_value *value = &s->values[i];
        kida_error_init(&value->err);
        value->pool = kida_pool_new(&s->req->allocator, s->req->config->request_memory);
        kida_status st = value->pool ? ch_jobs_start(jobs, work_out, value) : KIDA_E_NOMEM;
        if (st == KIDA_OK)
            continue; /* it is the helper thread's now */
        value->status = st;
        fail_value(s, value);
    }
}

static kida_status
take_value(suspense *s, late_value *value)
{
    if (value->status != KIDA_OK) {
        fail_value(s, value);
        return KIDA_OK;
    }
    value->state = VALUE_READY;
    return kida_dict_set(s->context, kida_string(kida_str_from(value->deferred->name)),
                         value->value);
}

/* ---- the blocks ----------------------------------------------------------------------------- */

/* A text inside of quotes inside of a script. */
static void
put_script_text(kida_buf *out, kida_str text)
{
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        if (c < 0x20 || c == '"' || c == '\\' || c == '<' || c == '>' || c == '&' || c == 0x7f)
            kida_buf_format(out, "\\x%02x", c);
        else
            kida_buf_byte(out, (char)c);
    }
}

static void
put_script(suspense *s, kida_buf *out, kida_str id)
{
    kida_str nonce = chirp_csp_nonce(s->req);
    kida_buf_put(out, KIDA_S("<script"));
    if (nonce.len > 0) {
        kida_buf_put(out, KIDA_S(" nonce=\""));
        kida_buf_html(out, nonce);
        kida_buf_put(out, KIDA_S("\""));
    }
    kida_buf_put(out, KIDA_S(">(function(i){var d=document,t=d.getElementById(\"_chirp_d_\"+i),"
                             "e=d.getElementById(i),c,f;if(t&&e){c=t.content.cloneNode(true);"
                             "f=c.firstElementChild;if(f&&f.id===i)e.parentNode.replaceChild(c,e);"
                             "else{e.textContent=\"\";e.appendChild(c)}}if(t)t.remove()})(\""));
    put_script_text(out, id);
    kida_buf_put(out, KIDA_S("\")</script>"));
}

static void
put_block(suspense *s, kida_buf *out, kida_str block, kida_str html)
{
    if (chirp_is_fragment(s->req) || chirp_is_boosted(s->req)) {
        ch_swap_put(out, s->req, block, NULL, NULL, html);
        return;
    }
    const chirp_region *region = ch_region_find(s->req, block);
    kida_str id = region && region->target ? kida_str_from(region->target) : block;
    kida_buf_put(out, KIDA_S("<template id=\"_chirp_d_"));
    kida_buf_html(out, id);
    kida_buf_put(out, KIDA_S("\">"));
    kida_buf_put(out, html);
    kida_buf_put(out, KIDA_S("</template>"));
    put_script(s, out, id);
}

static void
put_comment(kida_buf *out, kida_str name)
{
    kida_buf_put(out, KIDA_S("\n<!-- chirp:suspense error in block "));
    /* Two dashes or an angle would end the comment. */
    for (size_t i = 0; i < name.len; i++)
        kida_buf_byte(out, name.ptr[i] == '-' || name.ptr[i] == '>' ? '_' : name.ptr[i]);
    kida_buf_put(out, KIDA_S(" -->\n"));
}

/* The block is rendered as a whole before anything of it is sent (HX-5). */
static kida_status
send_block(suspense *s, late_block *block, bool has_failed)
{
    block->is_sent = true;
    kida_buf *out = ch_conn_body(s->req->conn);
    if (!out)
        return KIDA_E_NOMEM;
    kida_str html;
    kida_error err;
    kida_status st = KIDA_OK;
    if (!has_failed) {
        st = ch_render_text(s->req, s->name, block->name, s->context, &html, &err);
        if (st != KIDA_OK) {
            char text[900];
            kida_error_format(&err, KIDA_FORMAT_COMPACT, text, sizeof(text));
            ch_worker_log(s->req->worker, CHIRP_LEVEL_ERROR, "a late block failed: %s", text);
        }
    }
    if (has_failed || st != KIDA_OK)
        put_comment(out, block->name);
    else
        put_block(s, out, block->name, html);
    st = kida_buf_status(out);
    if (st == KIDA_OK)
        st = chirp_stream_write(s->stream, kida_buf_str(out));
    return st == KIDA_OK ? chirp_stream_flush(s->stream) : st;
}

static kida_status
send_ready(suspense *s)
{
    uint32_t ready = 0, failed = 0;
    for (size_t i = 0; i < s->value_count; i++) {
        ready |= (uint32_t)(s->values[i].state != VALUE_PENDING) << i;
        failed |= (uint32_t)(s->values[i].state == VALUE_FAILED) << i;
    }
    kida_status st = KIDA_OK;
    for (size_t i = 0; i < s->block_count && st == KIDA_OK; i++) {
        late_block *block = &s->blocks[i];
        if (!block->is_sent && (block->needs & ~ready) == 0)
            st = send_block(s, block, (block->needs & failed) != 0);
    }
    return st;
}

/* ---- all of it ------------------------------------------------------------------------------ */

static kida_status
send_page(suspense *s, const chirp_page *given)
{
    chirp_page page = *given;
    chirp_plan plan;
    kida_error err;
    kida_buf *out = ch_conn_body(s->req->conn);
    if (!out)
        return KIDA_E_NOMEM;
    page.context = s->context;
    kida_status st = ch_page_text(s->req, &page, out, &plan, &err);
    if (st == KIDA_OK)
        return chirp_stream_write(s->stream, kida_buf_str(out));
    err.status = st;
    return chirp_stream_fail(s->stream, &err);
}

static kida_status
send_shell(suspense *s, const chirp_page *page)
{
    if (page)
        return send_page(s, page);
    kida_status st = ch_stream_render(s->stream, s->name, KIDA_S(""), s->context, true);
    if (st == KIDA_OK && chirp_is_boosted(s->req))
        st = chirp_stream_write(s->stream, KIDA_S("\n<div id=\"chirp-shell-actions\" "
                                                  "hx-swap-oob=\"innerHTML\"></div>"));
    return st;
}

static kida_status
send_all(suspense *s, ch_jobs *jobs, const chirp_page *page)
{
    kida_status st = send_shell(s, page);
    if (st == KIDA_OK)
        st = chirp_stream_flush(s->stream);
    if (st == KIDA_OK)
        st = send_ready(s); /* those whose value could not even be begun */
    while (st == KIDA_OK) {
        void *arg;
        st = ch_jobs_next(jobs, &arg);
        if (st != KIDA_OK || !arg)
            break;
        st = take_value(s, arg);
        if (st == KIDA_OK)
            st = send_ready(s);
    }
    return st;
}

static kida_status
write_suspense(chirp_stream *stream, void *user)
{
    const suspense_source *source = user;
    chirp_request *req = chirp_stream_request(stream);
    suspense *s = chirp_alloc(req, sizeof(*s));
    size_t size = (source->count + 1) * sizeof(late_value);
    late_value *values = chirp_alloc(req, size);
    ch_jobs *jobs = ch_jobs_new(req, source->count);
    if (!s || !values || !jobs)
        return KIDA_E_NOMEM;
    memset(values, 0, size);
    *s = (suspense){ .stream = stream, .req = req, .name = source->reply->name, .values = values,
                     .value_count = source->count };
    for (size_t i = 0; i < source->count; i++)
        values[i].deferred = &source->deferred[i];

    kida_status st = list_blocks(s);
    if (st == KIDA_OK)
        st = make_context(s, source->reply->context);
    if (st != KIDA_OK)
        return st;
    start_values(s, jobs);
    st = send_all(s, jobs, source->page);
    ch_jobs_end(jobs);
    for (size_t i = 0; i < source->count; i++)
        kida_pool_free(values[i].pool);
    return st;
}

static chirp_reply *
new_suspense(chirp_request *req, const char *name, kida_value context, const chirp_page *page,
             const chirp_deferred *deferred, size_t count)
{
    if (count > CHIRP_DEFERRED_MAX)
        return chirp_reply_fail(req, 500, "too many deferred values");
    suspense_source *source = chirp_alloc(req, sizeof(*source));
    chirp_deferred *copy = chirp_alloc(req, (count + 1) * sizeof(*copy));
    if (!source || !copy)
        return NULL;
    chirp_reply *reply = chirp_reply_stream(req, NULL, write_suspense, source);
    if (!reply)
        return NULL;
    if (count > 0)
        memcpy(copy, deferred, count * sizeof(*copy));
    *source = (suspense_source){ copy, count, reply, page };
    reply->name = kida_str_from(name);
    reply->context = context;
    return chirp_reply_vary(reply, "HX-Request");
}

chirp_reply *
chirp_reply_suspense(chirp_request *req, const char *name, kida_value context,
                     const chirp_deferred *deferred, size_t count)
{
    return new_suspense(req, name, context, NULL, deferred, count);
}

chirp_reply *
chirp_reply_suspense_page(chirp_request *req, const chirp_page *page,
                          const chirp_deferred *deferred, size_t count)
{
    chirp_page *copy = chirp_alloc(req, sizeof(*copy));
    if (!copy)
        return NULL;
    *copy = *page;
    chirp_reply *reply = new_suspense(req, page->name, page->context, copy, deferred, count);
    chirp_reply_vary(reply, "HX-Boosted");
    return chirp_reply_vary(reply, "HX-History-Restore-Request");
}
