/* SPDX-License-Identifier: MIT */
/* upload.c - multipart forms of whole bodies: fields as pairs, files as slices of the body. */
#define _GNU_SOURCE
#include <string.h>

#include "config/fail.h"
#include "config/text.h"
#include "http/form.h"
#include "http/multipart.h"
#include "http/request.h"
#include "http/target.h"

typedef struct ch_uploads {
    chirp_upload *items;
    size_t count;
    size_t room;
} ch_uploads;

/* What is known while the body is read. */
typedef struct form_reader {
    chirp_request *req;
    ch_multipart *parser;
    kida_str body;
    chirp_upload part;
    bool is_file;
    size_t start; /* of the part's content in the body */
} form_reader;

static kida_status
take_part(void *user, const ch_part *part)
{
    form_reader *self = user;
    ch_arena *arena = &self->req->arena;
    self->start = (size_t)self->parser->at;
    self->is_file = part->filename.ptr != NULL;
    kida_str name = ch_arena_copy(arena, part->name);
    kida_str file = ch_arena_copy(arena, part->filename);
    kida_str type = ch_arena_copy(arena, part->content_type);
    if (!name.ptr || !file.ptr || !type.ptr)
        return KIDA_E_NOMEM;
    self->part.field = ch_utf8_clean(arena, name);
    self->part.filename = ch_utf8_clean(arena, file);
    self->part.content_type = part->content_type.ptr ? ch_utf8_clean(arena, type)
                                                     : KIDA_S("application/octet-stream");
    return KIDA_OK;
}

static kida_status
take_data(void *user, kida_str piece)
{
    const form_reader *self = user;
    (void)piece; /* it lies in the body already */
    if (self->is_file)
        return KIDA_OK;
    size_t most = self->req->config->max_form_field;
    return self->parser->at - self->start > most + CH_BOUNDARY_MAX + 4 ? KIDA_E_LIMIT_MEMORY
                                                                       : KIDA_OK;
}

static kida_status
add_file(form_reader *self, kida_str data)
{
    chirp_request *req = self->req;
    ch_uploads *uploads = req->uploads;
    if (self->part.filename.len == 0 && data.len == 0)
        return KIDA_OK; /* no file was chosen */
    if (uploads->count >= req->config->max_form_files)
        return KIDA_E_LIMIT_MEMORY;
    if (uploads->count == uploads->room) {
        size_t room = uploads->room ? uploads->room * 2 : 4;
        chirp_upload *items = ch_arena_grow(&req->arena, uploads->items,
                                            uploads->room * sizeof(*items),
                                            room * sizeof(*items));
        if (!items)
            return KIDA_E_NOMEM;
        uploads->items = items;
        uploads->room = room;
    }
    self->part.data = data;
    uploads->items[uploads->count++] = self->part;
    return KIDA_OK;
}

static kida_status
end_part(void *user)
{
    form_reader *self = user;
    chirp_request *req = self->req;
    size_t end = (size_t)self->parser->at - self->parser->delimiter_len;
    kida_str data = ch_str_slice(self->body, self->start, end);
    if (self->is_file)
        return add_file(self, data);
    if (data.len > req->config->max_form_field)
        return KIDA_E_LIMIT_MEMORY;
    kida_str value = ch_utf8_clean(&req->arena, data);
    return value.ptr ? ch_headers_push(&req->form, self->part.field, value) : KIDA_E_NOMEM;
}

static const ch_multipart_calls calls = { take_part, take_data, end_part };

static kida_status
read_body(chirp_request *req, kida_str boundary)
{
    form_reader self = { .req = req, .body = chirp_body(req) };
    self.parser = ch_arena_alloc(&req->arena, sizeof(*self.parser));
    req->uploads = ch_arena_array(&req->arena, 1, sizeof(*req->uploads));
    if (!self.parser || !req->uploads || !self.body.ptr)
        return KIDA_E_NOMEM;
    size_t parts = (size_t)req->config->max_form_fields + req->config->max_form_files;
    ch_multipart_init(self.parser, boundary, parts, &calls, &self);
    kida_status st = ch_multipart_feed(self.parser, self.body);
    if (st == KIDA_OK)
        st = ch_multipart_finish(self.parser);
    req->form_problem = self.parser->problem;
    if (st != KIDA_OK)
        req->uploads->count = 0;
    return st;
}

kida_status
ch_multipart_form(chirp_request *req)
{
    kida_str boundary;
    kida_status st = ch_multipart_boundary(chirp_content_type(req), &boundary);
    if (st == KIDA_E_PARSE)
        req->form_problem = "the boundary is missing or not allowed";
    if (st == KIDA_OK)
        st = read_body(req, boundary);
    if (st == KIDA_E_LIMIT_MEMORY && !req->form_problem)
        req->form_problem = "a field is too long, or there are too many parts";
    return st;
}

/* ---- piece by piece -------------------------------------------------------------------------- */

typedef struct part_reader {
    const chirp_part_calls *calls;
    void *user;
} part_reader;

static kida_status
pass_part(void *user, const ch_part *part)
{
    const part_reader *self = user;
    chirp_part told = { part->name, part->filename, part->content_type };
    return self->calls->begin ? self->calls->begin(self->user, &told) : KIDA_OK;
}

static kida_status
pass_data(void *user, kida_str piece)
{
    const part_reader *self = user;
    return self->calls->data ? self->calls->data(self->user, piece) : KIDA_OK;
}

static kida_status
pass_end(void *user)
{
    const part_reader *self = user;
    return self->calls->end ? self->calls->end(self->user) : KIDA_OK;
}

kida_status
chirp_form_stream(chirp_request *req, const chirp_part_calls *part_calls, void *user,
                  kida_error *err)
{
    static const ch_multipart_calls pass = { pass_part, pass_data, pass_end };
    part_reader self = { part_calls, user };
    kida_str boundary, piece;
    kida_status st = ch_multipart_boundary(chirp_content_type(req), &boundary);
    if (st == KIDA_OK && ch_request_is_coded(req))
        st = KIDA_E_UNSUPPORTED;
    if (st != KIDA_OK)
        return ch_fail(err, st, "the body is no multipart form with a boundary");
    ch_multipart *parser = ch_arena_alloc(&req->arena, sizeof(*parser));
    if (!parser)
        return ch_fail(err, KIDA_E_NOMEM, "no memory for the form");
    size_t parts = (size_t)req->config->max_form_fields + req->config->max_form_files;
    ch_multipart_init(parser, boundary, parts, &pass, &self);
    do {
        st = chirp_body_read(req, &piece);
        if (st == KIDA_OK && piece.len > 0)
            st = ch_multipart_feed(parser, piece);
    } while (st == KIDA_OK && piece.len > 0);
    if (st == KIDA_OK)
        st = ch_multipart_finish(parser);
    if (st == KIDA_OK)
        return st;
    return ch_fail(err, st, "the form can't be read: %s",
                   parser->problem ? parser->problem : kida_status_text(st));
}

/* ---- for handlers --------------------------------------------------------------------------- */

static const ch_uploads *
uploads_of(chirp_request *req)
{
    static const ch_uploads none = { NULL, 0, 0 };
    kida_str name, value;
    (void)chirp_form_at(req, 0, &name, &value); /* reads the form */
    return req->uploads ? req->uploads : &none;
}

size_t
chirp_upload_count(chirp_request *req)
{
    return uploads_of(req)->count;
}

bool
chirp_upload_at(chirp_request *req, size_t index, chirp_upload *out)
{
    const ch_uploads *uploads = uploads_of(req);
    if (index >= uploads->count)
        return false;
    *out = uploads->items[index];
    return true;
}

bool
chirp_upload_get(chirp_request *req, const char *field, chirp_upload *out)
{
    kida_str wanted = kida_str_from(field);
    for (size_t i = 0; chirp_upload_at(req, i, out); i++) {
        if (kida_str_equal(out->field, wanted))
            return true;
    }
    return false;
}

kida_str
chirp_upload_name(chirp_request *req, const chirp_upload *upload)
{
    kida_str name = upload->filename;
    for (size_t i = name.len; i-- > 0;) {
        if (name.ptr[i] == '/' || name.ptr[i] == '\\') {
            name = ch_str_slice(name, i + 1, name.len);
            break;
        }
    }
    char *out = ch_arena_alloc(&req->arena, name.len + 1);
    if (!out)
        return (kida_str){ NULL, 0 };
    size_t len = 0;
    for (size_t i = 0; i < name.len && len < 255; i++) {
        unsigned char c = (unsigned char)name.ptr[i];
        if (c < 0x20 || c == 0x7f || (len == 0 && (c == '.' || c == ' ')))
            continue;
        out[len++] = (char)c;
    }
    out[len] = '\0';
    return len > 0 ? (kida_str){ out, len } : KIDA_S("upload");
}
