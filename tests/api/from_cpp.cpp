/* SPDX-License-Identifier: MIT */
/* from_cpp.cpp - the interface from C++17: filters, functions, structs, objects, rendering. The file
 * holds no cast of the C kind, which the compiler checks, and none of the caller's own. */
#include <cstdio>
#include <string>

#include <kida/kida.h>

namespace {

struct goods {
    const char *name;
    double price;
};
const kida_field goods_fields[] = { KIDA_CSTRING_FIELD(goods, name),
                                    KIDA_DOUBLE_FIELD(goods, price), KIDA_FIELDS_END };
const kida_struct goods_struct = { "goods", sizeof(goods), goods_fields, "name" };

kida_status
shout(kida_call *call, kida_value self, kida_value *out)
{
    kida_buf buf;
    kida_buf_init(&buf, call);
    kida_buf_put(&buf, kida_as_str(self));
    kida_buf_fill(&buf, '!', 2);
    if (kida_arg_bool(call, 0))
        return kida_buf_finish_safe(&buf, out);
    return kida_buf_finish(&buf, out);
}

kida_status
is_short(kida_call *, kida_value self, bool *out)
{
    *out = kida_as_str(self).len < 4;
    return KIDA_OK;
}

kida_status
answer(kida_call *call, kida_value *out)
{
    if (kida_keyword_count(call) > 0)
        return kida_fail(call, KIDA_E_TYPE, "answer() takes no keywords");
    return kida_return_str(call, KIDA_S("forty-two"), out);
}

kida_status
next_of(kida_call *, void *, kida_iter *iter, kida_value *out)
{
    if (iter->at_ < 3)
        *out = kida_int(7);
    iter->at_++;
    return KIDA_OK;
}

const kida_param shout_params[] = { { "safe", KIDA_IN_BOOL, "false" }, { nullptr, 0, nullptr } };
const kida_param answer_params[] = { { "**names", KIDA_IN_ANY, nullptr }, { nullptr, 0, nullptr } };
const kida_filter filters[] = { { "shout", shout, shout_params, KIDA_PURE | KIDA_TEXT_IN, "loud" } };
const kida_test tests[] = { { "short", is_short, nullptr, KIDA_PURE, "below four" } };
const kida_function functions[] = { { "answer", answer, answer_params, 0, "it" } };

kida_status
collect(void *user, const char *data, size_t len)
{
    static_cast<std::string *>(user)->append(data, len);
    return KIDA_OK;
}

kida_status
install(kida_env *env, kida_error *err)
{
    kida_status st = kida_env_add_filters(env, filters, 1, err);
    if (st == KIDA_OK)
        st = kida_env_add_tests(env, tests, 1, err);
    if (st == KIDA_OK)
        st = kida_env_add_functions(env, functions, 1, err);
    return st;
}

const kida_module module = { KIDA_ABI, "cpp", install };

} // namespace

int
main()
{
    const goods tea = { "Tea", 4.5 };
    int memory = 0;
    kida_object_type sevens = {};
    sevens.size = sizeof sevens;
    sevens.name = "sevens";
    sevens.next = next_of;

    kida_config config;
    kida_config_init(&config);
    kida_error err = {};
    kida_env *env = kida_env_new_std(&config, &err);
    kida_pool *pool = kida_pool_new(nullptr, 0);
    if (env == nullptr || pool == nullptr || module.install(env, &err) != KIDA_OK)
        return 1;
    kida_template *tpl = kida_env_from_source(
        env, KIDA_S("t.html"),
        KIDA_S("{{ item.name | shout }} {{ item.price }} {{ 'ab' is short }} {{ answer() }} "
               "{% for n in sevens %}{{ n }}{% end %}"),
        &err);
    kida_value context;
    std::string out;
    kida_status st = tpl != nullptr ? KIDA_OK : err.status;
    if (st == KIDA_OK)
        st = kida_context(pool, &context, "item", kida_from_struct(&goods_struct, &tea), "sevens",
                          kida_object(&sevens, &memory), nullptr);
    if (st == KIDA_OK)
        st = kida_render(tpl, context, nullptr, collect, &out, &err);
    kida_template_drop(tpl);
    kida_env_free(env);
    kida_pool_free(pool);
    if (st == KIDA_OK && out == "Tea!! 4.5 True forty-two 777")
        return 0;
    std::printf("%s: [%s] %s\n", kida_status_code(st), out.c_str(), err.message);
    return 1;
}
