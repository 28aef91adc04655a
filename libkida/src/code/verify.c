/* SPDX-License-Identifier: MIT */
/* verify.c - checks every code object once after compiling: operands in range, jumps to
 * instructions, one stack height per instruction. It also works out how much stack a code needs. */
#include "code/code.h"

#include <string.h>

typedef enum kd_operand {
    KD_OPERAND_NONE, KD_OPERAND_TEXT, KD_OPERAND_CONST, KD_OPERAND_NAME, KD_OPERAND_ATTR,
    KD_OPERAND_LOCAL, KD_OPERAND_JUMP, KD_OPERAND_COUNT, KD_OPERAND_CODE, KD_OPERAND_OP,
    KD_OPERAND_FILTER, KD_OPERAND_TEST, KD_OPERAND_SITE_CALL, KD_OPERAND_SITE_SLOT,
    KD_OPERAND_SITE_BLOCK, KD_OPERAND_SITE_INCLUDE, KD_OPERAND_SITE_EMBED, KD_OPERAND_SITE_FROM,
    KD_OPERAND_SITE_TRANS
} kd_operand;

#define VAR (-1)

typedef struct kd_op_info {
    kd_operand a, b;
    int pops, pushes;
} kd_op_info;

static const kd_op_info op_info[KD_OP_COUNT] = {
#define KD_OP(name, a_, b_, pops_, pushes_, effect) \
    { KD_OPERAND_##a_, KD_OPERAND_##b_, pops_, pushes_ },
#include "code/opcodes.def"
#undef KD_OP
};

static uint32_t
operand_limit(const kida_template *t, const kd_code *code, kd_operand kind)
{
    switch (kind) {
    case KD_OPERAND_NONE:
    case KD_OPERAND_COUNT:
    case KD_OPERAND_OP: return UINT32_MAX;
    case KD_OPERAND_TEXT: return t->text_count;
    case KD_OPERAND_CONST: return t->constant_count;
    case KD_OPERAND_NAME: return t->name_count;
    case KD_OPERAND_ATTR: return t->attr_count;
    case KD_OPERAND_LOCAL: return UINT16_MAX; /* the function's, checked by the compiler */
    case KD_OPERAND_JUMP: return code->insn_count;
    case KD_OPERAND_CODE: return t->code_count;
    case KD_OPERAND_FILTER: return t->filter_count;
    case KD_OPERAND_TEST: return t->test_count;
    case KD_OPERAND_SITE_CALL: return t->call_count;
    case KD_OPERAND_SITE_SLOT: return t->slot_count;
    case KD_OPERAND_SITE_BLOCK: return t->place_count;
    case KD_OPERAND_SITE_INCLUDE:
    case KD_OPERAND_SITE_EMBED: return t->include_count;
    case KD_OPERAND_SITE_FROM: return t->from_count;
    case KD_OPERAND_SITE_TRANS: return t->trans_count;
    }
    return 0;
}

static bool
operands_fit(const kida_template *t, const kd_code *code, const kd_insn *in)
{
    const kd_op_info *info = &op_info[in->op];
    return (info->a == KD_OPERAND_NONE || in->a < operand_limit(t, code, info->a) ||
            operand_limit(t, code, info->a) == UINT32_MAX) &&
           (info->b == KD_OPERAND_NONE || in->b < operand_limit(t, code, info->b));
}

static int
site_values(const kida_template *t, uint32_t site)
{
    const kd_call_site *s = &t->calls[site];
    return (int)(s->positional + s->named);
}

/* Values that an instruction with a variable count takes. */
static int
variable_pops(const kida_template *t, const kd_insn *in)
{
    kd_op op = (kd_op)in->op;
    if (op == KD_OP_LIST || op == KD_OP_TUPLE || op == KD_OP_HAS_SLOT)
        return (int)in->a;
    if (op == KD_OP_DICT)
        return 2 * (int)in->a;
    if (op == KD_OP_FILTER || op == KD_OP_TEST || op == KD_OP_EMIT_FILTER)
        return 1 + in->b;
    if (op == KD_OP_DEF || op == KD_OP_SLOT || op == KD_OP_TRANS)
        return in->b;
    return 1 + site_values(t, in->a); /* calls, named filters and tests */
}

static int
variable_pushes(const kida_template *t, const kd_insn *in)
{
    kd_op op = (kd_op)in->op;
    if (op == KD_OP_MATCH_SEQ)
        return in->b;
    if (op == KD_OP_FROM)
        return (int)t->froms[in->a].count;
    return (int)in->a; /* UNPACK, UNPACK_INDEX */
}

/* Height behind a jump that is taken, relative to the height behind falling through. */
static int
jump_difference(const kida_template *t, const kd_insn *in)
{
    static const int8_t more[KD_OP_COUNT] = {
        [KD_OP_LOCAL_OR] = 1, [KD_OP_UP_OR] = 1, [KD_OP_BINDING_OR] = 1, [KD_OP_CALLER] = 1,
        [KD_OP_AND] = 1,      [KD_OP_OR] = 1,    [KD_OP_COALESCE] = 1,   [KD_OP_GUARD] = 1,
        [KD_OP_FOR_NEXT] = -1,
    };
    if (in->op == KD_OP_MATCH_SEQ)
        return -variable_pushes(t, in);
    return more[in->op];
}

static bool
falls_through(kd_op op)
{
    return op != KD_OP_JUMP && op != KD_OP_LOOP_BACK && op != KD_OP_RETURN &&
           op != KD_OP_RETURN_TEXT;
}

typedef struct kd_check {
    const kida_template *t;
    kd_code *code;
    int32_t *heights;  /* -1: not reached yet */
    uint32_t *work;
    uint32_t work_count;
    const char *why;
    int32_t most;
} kd_check;

static bool
reach(kd_check *k, uint32_t pc, int32_t height)
{
    if (pc >= k->code->insn_count) {
        k->why = "a jump leaves the code";
        return false;
    }
    if (height < 0) {
        k->why = "the stack is taken from below its start";
        return false;
    }
    if (k->heights[pc] == -1) {
        k->heights[pc] = height;
        k->work[k->work_count++] = pc;
        return true;
    }
    if (k->heights[pc] != height)
        k->why = "two paths reach an instruction with different stacks";
    return k->heights[pc] == height;
}

static bool
check_insn(kd_check *k, uint32_t pc)
{
    const kd_insn *in = &k->code->insns[pc];
    if (in->op >= KD_OP_COUNT || !operands_fit(k->t, k->code, in)) {
        k->why = "an operand is out of range";
        return false;
    }
    const kd_op_info *info = &op_info[in->op];
    int pops = info->pops == VAR ? variable_pops(k->t, in) : info->pops;
    int pushes = info->pushes == VAR ? variable_pushes(k->t, in) : info->pushes;
    int32_t height = k->heights[pc];
    if (height < pops) {
        k->why = "too little on the stack";
        return false;
    }
    /* Short circuits keep their value when they jump and drop it otherwise. */
    kd_op op = (kd_op)in->op;
    if (op == KD_OP_AND || op == KD_OP_OR || op == KD_OP_COALESCE)
        pushes = 0;
    int32_t after = height - pops + pushes;
    int32_t jump = after + jump_difference(k->t, in);
    int32_t top = after > jump ? after : jump;
    if (top > k->most)
        k->most = top;
    if (info->a == KD_OPERAND_JUMP && !reach(k, in->a, jump))
        return false;
    return !falls_through(op) || reach(k, pc + 1, after);
}

static bool
check_code(const kida_template *t, kd_code *code, kida_pool *pool, const char **why)
{
    if (!code->insns)
        return true; /* reserved for a body that is never reached */
    kd_check k = { .t = t, .code = code };
    k.heights = kd_arena_array(pool, code->insn_count, sizeof *k.heights);
    k.work = kd_arena_array(pool, code->insn_count, sizeof *k.work);
    if (!k.heights || !k.work)
        return false;
    memset(k.heights, 0xff, code->insn_count * sizeof *k.heights);
    bool good = reach(&k, 0, 0);
    if (good && code->body_at > 0)
        good = reach(&k, code->body_at, 0);
    while (good && k.work_count > 0)
        good = check_insn(&k, k.work[--k.work_count]);
    if (good && k.most > UINT16_MAX - 8) {
        k.why = "an expression needs too much stack";
        good = false;
    }
    if (good)
        code->stack_size = (uint16_t)(k.most + 4);
    else
        *why = k.why;
    return good;
}

bool
kd_verify(const kida_template *tpl, const char **why)
{
    kida_pool pool;
    kd_arena_init(&pool, &tpl->pool.allocator, 0);
    bool good = true;
    for (uint32_t i = 0; i < tpl->code_count && good; i++) {
        kd_code *code = (kd_code *)(uintptr_t)&tpl->codes[i];
        good = check_code(tpl, code, &pool, why);
    }
    kd_arena_clear(&pool);
    return good;
}
