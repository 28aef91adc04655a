/* SPDX-License-Identifier: MIT */
/* output.c - where text goes: one buffer in front of the sink. A capture is a mark in that buffer;
 * while one is open nothing leaves. A `stack` tag is a place that is filled in at the end. */
#include "value/escape.h"
#include "vm/vm.h"

#include <string.h>

/* ---- the buffer ------------------------------------------------------------------------------ */

static kida_status
check_limit(kd_vm *vm, size_t more)
{
    kd_out *o = &vm->out;
    uint64_t total = o->flushed + o->collected + (uint64_t)(o->at - o->base) + more;
    if (total > o->limit)
        return kida_fail(&vm->call, KIDA_E_LIMIT_OUTPUT, "the output is longer than %llu bytes",
                         (unsigned long long)o->limit);
    return KIDA_OK;
}

/* The sandbox counts code points of what is given out. */
static kida_status
check_points(kd_vm *vm, kida_str text)
{
    kd_out *o = &vm->out;
    if (o->max_points == 0)
        return KIDA_OK;
    o->points += kida_utf8_count(text);
    if (o->points > o->max_points)
        return kida_fail(&vm->call, KIDA_E_SEC_OUTPUT, "the output is longer than %llu characters",
                         (unsigned long long)o->max_points);
    return KIDA_OK;
}

static kida_status
give(kd_vm *vm, kida_str text)
{
    kd_out *o = &vm->out;
    if (text.len == 0)
        return KIDA_OK;
    kida_status st = check_points(vm, text);
    if (st != KIDA_OK)
        return st;
    o->flushed += text.len;
    st = o->sink(o->user, text.ptr, text.len);
    if (st != KIDA_OK && vm->rt.err->status == KIDA_OK)
        kida_fail(&vm->call, st, "the output could not be written");
    return st;
}

kida_status
kd_out_flush(kd_vm *vm)
{
    kd_out *o = &vm->out;
    if (o->held > 0 || o->place_count > 0 || o->at == o->base)
        return KIDA_OK;
    kida_str text = { o->base, (size_t)(o->at - o->base) };
    o->at = o->base;
    return give(vm, text);
}

kida_status
kd_out_grow(kd_vm *vm, size_t need)
{
    kd_out *o = &vm->out;
    kida_status st = check_limit(vm, need);
    if (st != KIDA_OK)
        return st;
    if (o->held == 0 && o->place_count == 0 && o->at > o->base) {
        st = kd_out_flush(vm);
        if (st != KIDA_OK || (size_t)(o->end - o->at) >= need)
            return st;
    }
    size_t used = (size_t)(o->at - o->base);
    size_t room = (size_t)(o->end - o->base);
    size_t wanted = room * 2;
    while (wanted < used + need)
        wanted *= 2;
    char *grown = kd_realloc(&vm->allocator, o->base, room, wanted);
    if (!grown)
        return kida_fail(&vm->call, KIDA_E_NOMEM, "out of memory");
    o->base = grown;
    o->at = grown + used;
    o->end = grown + wanted;
    return KIDA_OK;
}

/* ---- values ---------------------------------------------------------------------------------- */

static kida_status
put_escaped(kd_vm *vm, kida_str text)
{
    kd_out *o = &vm->out;
    const char *at = text.ptr;
    const char *end = text.ptr + text.len;
    while (at < end) {
        kida_str rest = { at, (size_t)(end - at) };
        size_t need = rest.len < KD_ESCAPE_ROOM ? kd_escape_size(rest) + 64 : KD_ESCAPE_ROOM;
        if (need > KD_ESCAPE_ROOM)
            need = KD_ESCAPE_ROOM;
        if (KD_UNLIKELY((size_t)(o->end - o->at) < need)) {
            kida_status st = kd_out_grow(vm, need);
            if (st != KIDA_OK)
                return st;
        }
        o->at = kd_escape_some(o->at, o->end, &at, end);
    }
    return KIDA_OK;
}

static __attribute__((noinline)) kida_status
put_int(kd_vm *vm, int64_t i)
{
    kd_out *o = &vm->out;
    if (KD_UNLIKELY(o->end - o->at < KD_INT_TEXT_MAX)) {
        kida_status st = kd_out_grow(vm, KD_INT_TEXT_MAX);
        if (st != KIDA_OK)
            return st;
    }
    o->at += kd_int_text(i, o->at);
    return KIDA_OK;
}

kida_status
kd_out_raw(kd_vm *vm, kida_value v)
{
    kida_str text;
    kida_status st = kd_to_str(&vm->call, v, &text);
    return st == KIDA_OK ? kd_out_put(vm, text) : st;
}

/* Other surfaces than HTML: the filter that the surface registers under its name does it. */
static kida_status
put_surface(kd_vm *vm, const char *filter, kida_value v)
{
    kida_value escaped;
    kida_status st = kida_apply_filter(&vm->call, kida_str_from(filter), v, NULL, 0, &escaped);
    return st == KIDA_OK ? kd_out_raw(vm, escaped) : st;
}

static kida_status
put_other(kd_vm *vm, kida_value v)
{
    kida_value html;
    kida_status st;
    if (kd_is(v, KIDA_OBJECT)) { /* may have an HTML form of its own */
        st = kida_to_html(&vm->call, v, &html);
        return st == KIDA_OK ? kd_out_put(vm, kida_as_str(html)) : st;
    }
    kida_str text;
    st = kd_to_str(&vm->call, v, &text);
    return st == KIDA_OK ? put_escaped(vm, text) : st;
}

/* Any value on any surface. */
static __attribute__((noinline)) kida_status
put_value(kd_vm *vm, const kida_template *tpl, kida_value v)
{
    if (tpl->escape != KIDA_ESCAPE_HTML) {
        if (tpl->escape == KIDA_ESCAPE_OFF)
            return kd_out_raw(vm, v);
        return put_surface(vm, tpl->escape == KIDA_ESCAPE_MARKDOWN ? "|markdown_escape"
                                                                   : "|terminal_escape", v);
    }
    if (kd_is(v, KIDA_STRING)) {
        kida_str text = kida_as_str(v);
        return v.head_ & KIDA_FLAG_SAFE_ ? kd_out_put(vm, text) : put_escaped(vm, text);
    }
    if (kd_is(v, KIDA_INT))
        return put_int(vm, v.u_.i);
    return kd_is(v, KIDA_UNDEFINED) ? KIDA_OK : put_other(vm, v);
}

/* What templates show most, short texts and small numbers, is done at once. */
kida_status
kd_out_value(kd_vm *vm, const kida_template *tpl, kida_value v)
{
    kd_out *o = &vm->out;
    if (KD_LIKELY(tpl->escape == KIDA_ESCAPE_HTML && o->end - o->at >= KD_PLAIN_MAX)) {
        if (KD_LIKELY((v.head_ & (0xff | KIDA_FLAG_SAFE_)) == KIDA_STRING)) {
            size_t len = (size_t)(v.head_ >> 16);
            if (len <= KD_PLAIN_MAX && kd_copy_plain(o->at, v.u_.s, len)) {
                o->at += len;
                return KIDA_OK;
            }
        } else if (kd_is(v, KIDA_INT) && (uint64_t)v.u_.i < 100000000) {
            o->at = kd_put_int(o->at, (uint32_t)v.u_.i);
            return KIDA_OK;
        }
    }
    return put_value(vm, tpl, v);
}

/* ---- captures -------------------------------------------------------------------------------- */

size_t
kd_capture_begin(kd_vm *vm)
{
    vm->out.held++;
    vm->out.valued++;
    return (size_t)(vm->out.at - vm->out.base);
}

kida_status
kd_capture_end(kd_vm *vm, size_t mark, bool safe, kida_value *out)
{
    kd_out *o = &vm->out;
    kida_str text = { o->base + mark, (size_t)(o->at - o->base) - mark };
    o->at = o->base + mark;
    o->held--;
    o->valued--;
    o->collected += text.len;
    kida_status st = check_limit(vm, 0);
    return st == KIDA_OK ? kd_text_copy(&vm->call, text, safe, out) : st;
}

/* What a def, a region or a slot gave out, as the surface of the caller takes it unescaped. */
kida_status
kd_capture_end_call(kd_vm *vm, size_t mark, kida_value *out)
{
    bool markdown = vm->frame && vm->frame->tpl->escape == KIDA_ESCAPE_MARKDOWN;
    kida_status st = kd_capture_end(vm, mark, !markdown, out);
    if (st == KIDA_OK && markdown)
        *out = kida_marked(kida_as_str(*out));
    return st;
}

/* Drops white space between '>' and '<', and at both ends. */
kida_status
kd_spaceless(kd_vm *vm, kida_value *v)
{
    kida_str in = kd_str_strip(kida_as_str(*v), true, true);
    char *out = kd_arena_alloc(&vm->pool, in.len ? in.len : 1);
    if (!out)
        return kd_fail_memory(&vm->call);
    size_t n = 0;
    for (size_t i = 0; i < in.len;) {
        out[n++] = in.ptr[i++];
        if (out[n - 1] != '>')
            continue;
        kida_str rest = kd_str_strip(kd_str_sub(in, i, in.len), true, false);
        if (rest.len && rest.ptr[0] == '<')
            i = in.len - rest.len;
    }
    kida_str text = { out, n };
    *v = kida_string(text);
    return KIDA_OK;
}

/* ---- stacks ---------------------------------------------------------------------------------- */

kida_status
kd_stack_push(kd_vm *vm, kida_str name, kida_str text)
{
    kd_stack_entry *e = kd_array_add(vm, &vm->stacks, sizeof *e);
    if (!e)
        return KIDA_E_NOMEM;
    e->name = name;
    e->text = text;
    return KIDA_OK;
}

static kida_status
add_place(kd_vm *vm, kida_str name)
{
    kd_out *o = &vm->out;
    kd_array places = { o->places, o->place_count, o->place_room };
    kd_stack_place *p = kd_array_add(vm, &places, sizeof *p);
    o->places = places.items;
    o->place_room = places.room;
    if (!p)
        return KIDA_E_NOMEM;
    o->place_count = places.count;
    p->offset = (size_t)(o->at - o->base);
    p->name = name;
    return KIDA_OK;
}

kida_status
kd_stack_out(kd_vm *vm, kida_str name)
{
    if (vm->out.valued == 0)
        return add_place(vm, name);
    kd_stack_entry *e = vm->stacks.items;
    for (size_t i = 0; i < vm->stacks.count; i++) {
        if (!kd_str_equal(e[i].name, name))
            continue;
        kida_status st = kd_out_put(vm, e[i].text);
        if (st != KIDA_OK)
            return st;
    }
    return KIDA_OK;
}

kida_status
kd_out_finish(kd_vm *vm)
{
    kd_out *o = &vm->out;
    size_t from = 0;
    size_t places = o->place_count;
    o->place_count = 0;
    kida_status st = check_limit(vm, 0);
    for (size_t i = 0; i < places && st == KIDA_OK; i++) {
        kida_str part = { o->base + from, o->places[i].offset - from };
        st = give(vm, part);
        from = o->places[i].offset;
        kd_stack_entry *e = vm->stacks.items;
        for (size_t s = 0; s < vm->stacks.count && st == KIDA_OK; s++) {
            if (!kd_str_equal(e[s].name, o->places[i].name))
                continue;
            st = o->flushed + e[s].text.len > o->limit ? check_limit(vm, e[s].text.len)
                                                       : give(vm, e[s].text);
        }
    }
    if (st != KIDA_OK)
        return st;
    kida_str rest = { o->base + from, (size_t)(o->at - o->base) - from };
    o->at = o->base;
    return give(vm, rest);
}
