/* SPDX-License-Identifier: MIT */
/* code.c - names of instructions, places of instructions, blocks of a template by name. */
#include "code/code.h"

const char *
kd_op_name(kd_op op)
{
    static const char *const names[KD_OP_COUNT] = {
#define KD_OP(name, a, b, pops, pushes, effect) #name,
#include "code/opcodes.def"
#undef KD_OP
    };
    return op < KD_OP_COUNT ? names[op] : "?";
}

kd_place
kd_code_place(const kd_code *code, uint32_t pc)
{
    kd_place place = { 0, 0, 0 };
    uint32_t low = 0, high = code->line_count;
    while (low < high) {
        uint32_t mid = low + (high - low) / 2;
        if (code->lines[mid].pc <= pc)
            low = mid + 1;
        else
            high = mid;
    }
    if (low > 0) {
        const kd_line *line = &code->lines[low - 1];
        place.line = line->line;
        place.column = line->column;
        place.end = line->end;
    }
    return place;
}

kd_place
kd_extends_place(const kida_template *tpl)
{
    const kd_code *body = &tpl->codes[tpl->body];
    uint32_t pc = body->insn_count;
    while (pc > 0 && body->insns[pc - 1].op != KD_OP_EXTENDS)
        pc--;
    return kd_code_place(body, pc > 0 ? pc - 1 : 0);
}

const kd_block *
kd_template_block(const kida_template *tpl, kida_str name, uint32_t hash)
{
    for (uint32_t i = 0; i < tpl->block_count; i++) {
        const kd_block *b = &tpl->blocks[i];
        if (b->name.hash == hash && kd_str_equal(b->name.text, name))
            return b;
    }
    return NULL;
}
