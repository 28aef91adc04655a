/* SPDX-License-Identifier: MIT */
/*
 * shout.c - a filter module: built by itself, loaded by `kida render --module ./shout.so` and by
 * kida_env_load_module.
 *
 *     cc -shared -fPIC $(pkg-config --cflags kida) -o shout.so shout.c $(pkg-config --libs kida)
 */
#include <kida/kida.h>

/* {{ text | shout(times=3) }} */
static kida_status
f_shout(kida_call *call, kida_value self, kida_value *out)
{
    int64_t times = kida_arg_int(call, 0);
    kida_buf buf;
    if (times < 0 || times > 10) {
        kida_fail(call, KIDA_E_RUNTIME, "shout: %lld times is not 0 to 10", (long long)times);
        return kida_fail_hint(call, "leave 'times' out for one");
    }
    kida_buf_init(&buf, call);
    kida_unicode_upper(&buf, kida_as_str(self));
    kida_buf_fill(&buf, '!', (uint64_t)times);
    return kida_buf_finish(&buf, out);
}

/* {{ n is square }} */
static kida_status
t_square(kida_call *call, kida_value self, bool *out)
{
    int64_t n = kida_as_int(self), root = 0;
    (void)call;
    while (n >= 0 && root < 3037000499 && root * root < n)
        root++;
    *out = n >= 0 && root * root == n;
    return KIDA_OK;
}

/* {{ dice(sides) }}: the same state for all renders, made and freed with the environment. */
static kida_status
g_dice(kida_call *call, kida_value *out)
{
    const int64_t *seed = kida_call_user(call);
    int64_t sides = kida_arg_int(call, 0);
    if (sides < 1)
        return kida_fail(call, KIDA_E_RUNTIME, "dice: a die has at least one side");
    *out = kida_int(*seed % sides + 1);
    return KIDA_OK;
}

static void
free_seed(void *seed)
{
    *(int64_t *)seed = 0;
}

static const kida_param shout_params[] = { { "times", KIDA_IN_INT, "1" }, { NULL, 0, NULL } };
static const kida_param dice_params[] = { { "sides", KIDA_IN_INT, "6" }, { NULL, 0, NULL } };
static const kida_filter shout = { "shout", f_shout, shout_params, KIDA_PURE | KIDA_TEXT_IN,
                                   "text in capitals, with exclamation marks" };
static const kida_test square = { "square", t_square, NULL, KIDA_PURE, "a square number" };
static const kida_function dice = { "dice", g_dice, dice_params, KIDA_IMPURE, "throws a die" };

static int64_t the_seed;

static kida_status
install(kida_env *env, kida_error *err)
{
    the_seed = 23;
    kida_status st = kida_env_add_filters(env, &shout, 1, err);
    if (st == KIDA_OK)
        st = kida_env_add_tests(env, &square, 1, err);
    if (st == KIDA_OK)
        st = kida_env_add_function(env, &dice, &the_seed, free_seed, err);
    return st;
}

const kida_module kida_this_module = { KIDA_ABI, "shout", install };
