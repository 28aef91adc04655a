/* SPDX-License-Identifier: MIT */
/* access.c - attributes and items as templates read them: what a miss means, and none as text. */
#include "vm/vm.h"
#include "error/suggest.h"
#include "value/object.h"

#include <stdio.h>

enum { KEYS_SHOWN = 8, KEYS_COMPARED = 1000 };

/* ---- undefined names ------------------------------------------------------------------------- */

static void
offer(void *arg, kida_str name)
{
    kd_suggest_offer(arg, name);
}

/* Inside a guard nobody will read the message: don't spend time on it. */
static bool
is_guarded(const kd_vm *vm)
{
    if (vm->handlers.count == 0)
        return false;
    const kd_handler *h = vm->handlers.items;
    return h[vm->handlers.count - 1].kind == KD_HANDLER_GUARD;
}

static kida_status
fail_quietly(kd_vm *vm)
{
    vm->rt.err->status = KIDA_E_UNDEFINED;
    return KIDA_E_UNDEFINED;
}

/* Names that templates of other engines know, and those with a place of their own. */
static const struct {
    kida_str name;
    const char *hint;
} known_names[] = {
    { KIDA_S_INIT("super"), "there is no super(): split the block in two" },
    { KIDA_S_INIT("loop"), "loop exists in the body of a for" },
    { KIDA_S_INIT("caller"), "caller exists where a def is called by {% call %}" },
    { KIDA_S_INIT("namespace"), "{% let %} sets a variable of the page from within a loop" },
    { KIDA_S_INIT("self"), "blocks can't be called: a {% region %} can" },
    { KIDA_S_INIT("varargs"), "name further arguments in the def: {% def f(*rest) %}" },
    { KIDA_S_INIT("kwargs"), "name further arguments in the def: {% def f(**more) %}" },
    { KIDA_S_INIT("cycler"), "in a loop, loop.cycle(…) does this" },
    { KIDA_S_INIT("joiner"), "in a loop, write {% if not loop.first %}, {% end %}" },
    { KIDA_S_INIT("gettext"), "translations are written {% trans %} or _('…')" },
    { KIDA_S_INIT("ngettext"), "translations are written {% trans %} or _n('…', '…', n)" },
    { KIDA_S_INIT("print"), "{{ … }} prints; {{ value | debug }} shows a value on standard error" },
    { KIDA_S_INIT("round"), "write it as a filter: {{ x | round }}" },
    { KIDA_S_INIT("null"), "nothing is written none" },
    { KIDA_S_INIT("nil"), "nothing is written none" },
};

static bool
is_def_of(const kida_template *tpl, kida_str name)
{
    for (uint32_t i = 0; i < tpl->code_count; i++)
        if ((tpl->codes[i].kind == KD_CODE_DEF || tpl->codes[i].kind == KD_CODE_REGION) &&
            kida_str_equal(tpl->codes[i].name, name))
            return true;
    return false;
}

static void
hint_undefined(kd_vm *vm, kida_str name)
{
    for (size_t i = 0; i < KD_COUNT(known_names); i++) {
        if (kd_str_equal(known_names[i].name, name)) {
            kida_fail_hint(&vm->call, "%s", known_names[i].hint);
            return;
        }
    }
    if (is_def_of(vm->frame->tpl, name)) {
        kida_fail_hint(&vm->call, "the def '%.*s' of this template is made when its tag is "
                       "reached: move it in front", (int)name.len, name.ptr);
        return;
    }
    kd_suggest s;
    kd_suggest_init(&s, name);
    kd_ctx_each(vm->frame->ctx, vm->host, offer, &s);
    if (s.best.len)
        kida_fail_hint(&vm->call, "did you mean '%.*s'? For an optional value write "
                       "{{ %.*s | default('') }}", (int)s.best.len, s.best.ptr, (int)name.len,
                       name.ptr);
    else
        kida_fail_hint(&vm->call, "pass it to the render, or write {{ %.*s | default('') }}",
                       (int)name.len, name.ptr);
}

kida_status
kd_fail_undefined(kd_vm *vm, kida_str name)
{
    if (is_guarded(vm))
        return fail_quietly(vm);
    kida_status st = kida_fail(&vm->call, KIDA_E_UNDEFINED, "undefined variable '%.*s'",
                               (int)name.len, name.ptr);
    hint_undefined(vm, name);
    return st;
}

static bool
is_printable(kida_str text)
{
    for (size_t i = 0; i < text.len; i++)
        if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f)
            return false;
    return true;
}

/* Names the keys of a small dict; false for anything else. */
static bool
hint_keys(kd_vm *vm, kida_value v)
{
    char list[160];
    size_t len = 0, at = 0;
    if (!kd_is(v, KIDA_DICT) || kd_dict_of(v)->count == 0 || kd_dict_of(v)->count > KEYS_SHOWN)
        return false;
    for (kd_entry *e; (e = kd_dict_entry_at(kd_dict_of(v), &at));) {
        kida_str key = kida_as_str(e->key);
        if (key.len == 0 || len + key.len + 3 > sizeof list || !is_printable(key))
            return false;
        len += (size_t)snprintf(list + len, sizeof list - len, "%s%.*s", len ? ", " : "",
                                (int)key.len, key.ptr);
    }
    kida_fail_hint(&vm->call, "it has: %.*s; for what may be missing write ?" "? and a fallback",
                   (int)len, list);
    return true;
}

static kida_status
fail_attribute(kd_vm *vm, kida_value v, kida_str name)
{
    if (is_guarded(vm))
        return fail_quietly(vm);
    kida_status st;
    if (kd_is(v, KIDA_NONE)) {
        st = kida_fail(&vm->call, KIDA_E_UNDEFINED, "undefined attribute '%.*s' of none",
                       (int)name.len, name.ptr);
        kida_fail_hint(&vm->call, "the value is none: ?.%.*s gives none instead of an error",
                       (int)name.len, name.ptr);
        return st;
    }
    st = kida_fail(&vm->call, KIDA_E_UNDEFINED, "undefined attribute or key '%s.%.*s'",
                   kida_kind_name(v), (int)name.len, name.ptr);
    kd_suggest s;
    kd_suggest_init(&s, name);
    if (kd_is(v, KIDA_DICT) && kd_dict_of(v)->count <= KEYS_COMPARED) {
        size_t at = 0;
        for (kd_entry *e; (e = kd_dict_entry_at(kd_dict_of(v), &at));)
            if (kd_is(e->key, KIDA_STRING))
                kd_suggest_offer(&s, kida_as_str(e->key));
    }
    if (s.best.len)
        kida_fail_hint(&vm->call, "did you mean '%.*s'?", (int)s.best.len, s.best.ptr);
    else if (kd_is(v, KIDA_STRING) && kida_as_str(v).len == 0)
        kida_fail_hint(&vm->call, "what stands before .%.*s is empty or none: write ?.%.*s at each "
                       "step that may be missing", (int)name.len, name.ptr, (int)name.len,
                       name.ptr);
    else if (vm->host->filter(vm->host->env, name))
        kida_fail_hint(&vm->call, "%.*s is a filter: write | %.*s", (int)name.len, name.ptr,
                       (int)name.len, name.ptr);
    else if (!hint_keys(vm, v))
        kida_fail_hint(&vm->call, "for an optional value write {{ … | default('') }}");
    return st;
}

/* ---- attributes ------------------------------------------------------------------------------ */

static bool
lenient(const kd_vm *vm)
{
    return !vm->rt.strict_undefined || vm->rt.sandbox;
}

static kida_status
missing_attribute(kd_vm *vm, kida_value v, const kd_name *attr, kida_value *out)
{
    if (lenient(vm)) {
        *out = kida_undefined();
        return KIDA_OK;
    }
    return fail_attribute(vm, v, attr->text);
}

static kida_value
none_to_text(kida_value v)
{
    return kd_is(v, KIDA_NONE) ? kida_string(KIDA_S("")) : v;
}

/* Found or absent; none is kept. */
static kida_status
find_attr(kd_vm *vm, kida_value v, const kd_name *attr, kida_value *out)
{
    if (kd_is(v, KIDA_DICT) && !vm->rt.sandbox) {
        kd_entry *e = kd_dict_find_hashed(kd_dict_of(v), attr->text, attr->hash);
        if (e) {
            *out = e->item;
            return KIDA_OK;
        }
    }
    return kd_get_attr(&vm->call, v, attr->text, attr->hash, out);
}

kida_status
kd_vm_attr(kd_vm *vm, kida_value v, const kd_name *attr, kida_value *out)
{
    if (kd_is(v, KIDA_NONE))
        return missing_attribute(vm, v, attr, out);
    kida_status st = find_attr(vm, v, attr, out);
    if (st != KIDA_OK)
        return st;
    if (kd_is_absent(*out))
        return missing_attribute(vm, v, attr, out);
    *out = none_to_text(*out);
    return KIDA_OK;
}

/* By a hint that holds as long as its render: names and descriptions live that long. */
static kida_status
find_struct_attr(kd_vm *vm, const kd_insn *ip, kida_value v, const kd_name *attr, kida_value *out)
{
    kd_struct_hint *hint = &vm->struct_hints[(uintptr_t)ip / sizeof *ip % KD_STRUCT_HINTS];
    const kida_struct *description = kd_struct_of(v);
    if (KD_UNLIKELY(hint->of != description || hint->name != attr)) {
        const kida_field *field = kd_struct_find(description, attr->text);
        if (!field)
            return KIDA_OK;
        *hint = (kd_struct_hint){ description, attr, field };
        vm->has_struct_hints = true;
    }
    return kd_struct_read(&vm->call, v, hint->field, out);
}

kida_status
kd_vm_attr_search(kd_vm *vm, const kd_insn *ip, kida_value v, const kd_name *attr,
                  kida_value *out)
{
    if (kd_is(v, KIDA_DICT) && !vm->rt.sandbox) {
        const kd_entry *e = kd_dict_find_hinted(kd_dict_of(v), attr->text, attr->hash,
                                                kd_attr_hint(vm, ip));
        if (e) {
            *out = none_to_text(e->item);
            return KIDA_OK;
        }
    } else if (kd_is_struct(v) && !vm->rt.sandbox) {
        *out = kd_absent();
        kida_status st = find_struct_attr(vm, ip, v, attr, out);
        if (st != KIDA_OK)
            return st;
        if (kd_is_absent(*out))
            return missing_attribute(vm, v, attr, out);
        *out = none_to_text(*out);
        return KIDA_OK;
    }
    return kd_vm_attr(vm, v, attr, out);
}

kida_status
kd_vm_attr_soft(kd_vm *vm, kida_value v, const kd_name *attr, kida_value *out)
{
    *out = kd_absent();
    if (kd_is_absent(v) || kd_is(v, KIDA_NONE)) {
        if (kd_is(v, KIDA_NONE) && lenient(vm))
            *out = kida_undefined();
        return KIDA_OK;
    }
    kida_status st = find_attr(vm, v, attr, out);
    if (st != KIDA_OK)
        return st;
    if (kd_is_absent(*out) && lenient(vm))
        *out = kida_undefined();
    *out = none_to_text(*out);
    return KIDA_OK;
}

static bool
is_mapping(kida_value v)
{
    if (kd_is(v, KIDA_DICT))
        return true;
    if (!kd_is(v, KIDA_OBJECT) || v.head_ & KIDA_FLAG_STRUCT_)
        return false;
    const kida_object_type *type = (const kida_object_type *)(uintptr_t)(v.head_ >> 16);
    return (type->flags & KIDA_OBJECT_MAPPING) != 0;
}

kida_status
kd_vm_attr_safe(kd_vm *vm, kida_value v, const kd_name *attr, kida_value *out)
{
    *out = kida_none();
    if (kd_is(v, KIDA_NONE))
        return KIDA_OK;
    kida_status st = find_attr(vm, v, attr, out);
    if (st != KIDA_OK || !kd_is_absent(*out))
        return st;
    if (!is_mapping(v) && !lenient(vm))
        return fail_attribute(vm, v, attr->text);
    *out = kida_none();
    return KIDA_OK;
}

/* ---- items ----------------------------------------------------------------------------------- */

/* Whether the failure just reported means "not there". */
static bool
is_miss(const kd_vm *vm, kida_status st)
{
    if (st == KIDA_E_KEY)
        return true;
    const char *kind = vm->rt.err->kind;
    return st == KIDA_E_RUNTIME && kind &&
           kida_str_equal(kida_str_from(kind), KIDA_S("IndexError"));
}

static void
forget_error(kd_vm *vm)
{
    vm->rt.err->status = KIDA_OK;
    vm->rt.err->line = 0;
}

kida_status
kd_vm_item(kd_vm *vm, kida_value v, kida_value key, bool guarded, kida_value *out)
{
    kida_status st = kd_get_item(&vm->call, v, key, out);
    if (st != KIDA_OK && guarded && is_miss(vm, st))
        return fail_quietly(vm);
    return st;
}

kida_status
kd_vm_item_soft(kd_vm *vm, kida_value v, kida_value key, kida_value *out)
{
    if (kd_is_absent(v)) {
        *out = v;
        return KIDA_OK;
    }
    if (kd_is(v, KIDA_DICT) && kd_is(key, KIDA_STRING)) {
        kida_str text = kida_as_str(key);
        kd_entry *e = kd_dict_find_hashed(kd_dict_of(v), text, kd_hash_str(text));
        *out = e ? e->item : kd_absent();
        return KIDA_OK;
    }
    kida_status st = kd_get_item(&vm->call, v, key, out);
    if (st == KIDA_OK || !is_miss(vm, st))
        return st;
    forget_error(vm);
    *out = kd_absent();
    return KIDA_OK;
}

kida_status
kd_vm_item_safe(kd_vm *vm, kida_value v, kida_value key, kida_value *out)
{
    *out = kida_none();
    if (kd_is(v, KIDA_NONE))
        return KIDA_OK;
    kida_status st = kd_get_item(&vm->call, v, key, out);
    if (st == KIDA_OK)
        return KIDA_OK;
    bool miss = is_miss(vm, st);
    if (is_mapping(v)) {
        if (!miss)
            return st;
        forget_error(vm);
        *out = kida_none();
        return KIDA_OK;
    }
    if (!miss && st != KIDA_E_TYPE && st != KIDA_E_NONE)
        return st;
    if (vm->rt.strict_undefined) {
        if (is_guarded(vm))
            return fail_quietly(vm);
        forget_error(vm);
        return kida_fail(&vm->call, KIDA_E_UNDEFINED, "undefined item of a %s", kida_kind_name(v));
    }
    forget_error(vm);
    *out = kida_none();
    return KIDA_OK;
}

/* ---- operators ------------------------------------------------------------------------------- */

kida_status
kd_vm_binary(kd_vm *vm, char op, kida_value a, kida_value b, kida_value *out)
{
    kida_call *call = &vm->call;
    switch (op) {
    case '+': return kd_add(call, a, b, out);
    case '-': return kd_sub(call, a, b, out);
    case '*': return kd_mul(call, a, b, out);
    case '/': return kd_div(call, a, b, out);
    case 'f': return kd_floordiv(call, a, b, out);
    case '%': return kd_mod(call, a, b, out);
    case 'p': return kd_pow(call, a, b, out);
    default: return kd_concat(call, a, b, out);
    }
}

kida_status
kd_vm_compare(kd_vm *vm, char op, kida_value a, kida_value b, bool *out)
{
    kida_call *call = &vm->call;
    kida_status st = KIDA_OK;
    switch (op) {
    case '=': return kd_equal(call, a, b, out);
    case '!':
        st = kd_equal(call, a, b, out);
        *out = !*out;
        return st;
    case 'i': return kd_contains(call, b, a, out);
    case 'n':
        st = kd_contains(call, b, a, out);
        *out = !*out;
        return st;
    case 's': *out = kd_identical(a, b); return KIDA_OK;
    case 't': *out = !kd_identical(a, b); return KIDA_OK;
    default: return kd_order(call, op, a, b, out);
    }
}
