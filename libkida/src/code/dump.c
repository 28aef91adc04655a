/* SPDX-License-Identifier: MIT */
/* dump.c - the readable listing of a template's bytecode. */
#include "code/code.h"

#include <string.h>

static const char *const operand_names[KD_OP_COUNT][2] = {
#define KD_OP(name, a, b, pops, pushes, effect) { #a, #b },
#include "code/opcodes.def"
#undef KD_OP
};

static void
put_text(kida_buf *out, kida_str text)
{
    kida_buf_byte(out, '"');
    for (size_t i = 0; i < text.len && i < 60; i++) {
        char c = text.ptr[i];
        if (c == '\n')
            kida_buf_put(out, KIDA_S("\\n"));
        else if (c == '"' || c == '\\')
            kida_buf_format(out, "\\%c", c);
        else
            kida_buf_byte(out, c);
    }
    kida_buf_put(out, text.len > 60 ? KIDA_S("\"…") : KIDA_S("\""));
}

static void
put_constant(kida_buf *out, kida_value v)
{
    if (kida_kind_of(v) == KIDA_STRING)
        put_text(out, kida_as_str(v));
    else if (kida_kind_of(v) == KIDA_INT)
        kida_buf_int(out, kida_as_int(v));
    else
        kida_buf_format(out, "<%s>", kida_kind_name(v));
}

static void
put_operand(const kida_template *t, kida_buf *out, const char *kind, uint32_t n)
{
    if (strcmp(kind, "NONE") == 0)
        return;
    kida_buf_byte(out, ' ');
    if (strcmp(kind, "TEXT") == 0)
        put_text(out, t->texts[n]);
    else if (strcmp(kind, "CONST") == 0)
        put_constant(out, t->constants[n]);
    else if (strcmp(kind, "NAME") == 0)
        kida_buf_put(out, t->names[n].text);
    else if (strcmp(kind, "ATTR") == 0)
        kida_buf_format(out, ".%.*s", (int)t->attrs[n].text.len, t->attrs[n].text.ptr);
    else if (strcmp(kind, "LOCAL") == 0)
        kida_buf_format(out, "%%%u", n);
    else if (strcmp(kind, "JUMP") == 0)
        kida_buf_format(out, "->%u", n);
    else if (strcmp(kind, "FILTER") == 0)
        kida_buf_format(out, "|%s", t->filters[n]->row->name);
    else if (strcmp(kind, "TEST") == 0)
        kida_buf_format(out, "is:%s", t->tests[n]->row->name);
    else if (strcmp(kind, "OP") == 0)
        kida_buf_format(out, "'%c'", (int)n);
    else
        kida_buf_format(out, "%u", n);
}

static void
dump_code(const kida_template *t, uint32_t number, kida_buf *out)
{
    static const char *const kinds[] = { "body", "setup", "block", "def", "region", "slot" };
    const kd_code *code = &t->codes[number];
    if (!code->insns)
        return;
    kida_buf_format(out, "code %u %s %.*s (locals %u, stack %u%s)\n", number, kinds[code->kind],
                    (int)code->name.len, code->name.ptr, code->local_count, code->stack_size,
                    code->own_context ? ", own context" : "");
    uint32_t line = 0;
    for (uint32_t pc = 0; pc < code->insn_count; pc++) {
        const kd_insn *in = &code->insns[pc];
        kd_place place = kd_code_place(code, pc);
        if (place.line != line)
            kida_buf_format(out, "  line %u\n", place.line);
        line = place.line;
        kida_buf_format(out, "%6u  %-16s", pc, kd_op_name((kd_op)in->op));
        put_operand(t, out, operand_names[in->op][1], in->b);
        put_operand(t, out, operand_names[in->op][0], in->a);
        if (in->c)
            kida_buf_format(out, " (%u)", in->c);
        kida_buf_byte(out, '\n');
    }
}

void
kd_dump(const kida_template *tpl, kida_buf *out)
{
    kida_buf_format(out, "template %.*s\n", (int)tpl->name.len, tpl->name.ptr);
    for (uint32_t i = 0; i < tpl->block_count; i++)
        kida_buf_format(out, "block %.*s: code %u\n", (int)tpl->blocks[i].name.text.len,
                        tpl->blocks[i].name.text.ptr, tpl->blocks[i].code);
    for (uint32_t i = 0; i < tpl->code_count; i++)
        dump_code(tpl, i, out);
}
