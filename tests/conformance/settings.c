/* SPDX-License-Identifier: MIT */
/* settings.c - an environment from the "env" and "templates" members of a case. */
#include "runner.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

enum { ALIASES_MAX = 16 };

/* What an option may point to while the environment is made. */
typedef struct settings {
    kida_config config;
    kida_alias aliases[ALIASES_MAX + 1];
    kida_sandbox sandbox;
    bool has_static;
} settings;

static kida_str
slice(const json_t *text)
{
    kida_str result = { json_string_value(text), json_string_length(text) };
    return result;
}

static bool
set_autoescape(settings *set, const json_t *value)
{
    static const struct {
        const char *word;
        kida_autoescape mode;
    } words[] = {
        { "true", KIDA_ESCAPE_HTML },         { "html", KIDA_ESCAPE_HTML },
        { "false", KIDA_ESCAPE_OFF },         { "markdown", KIDA_ESCAPE_MARKDOWN },
        { "terminal", KIDA_ESCAPE_TERMINAL },
    };

    if (json_is_boolean(value)) {
        set->config.autoescape = json_is_true(value) ? KIDA_ESCAPE_HTML : KIDA_ESCAPE_OFF;
        return true;
    }
    if (!json_is_string(value))
        return false;
    /* The words may be written in any case, with blanks around them. */
    const char *text = json_string_value(value);
    size_t start = strspn(text, " ");
    size_t len = strcspn(text + start, " ");
    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strlen(words[i].word) == len && strncasecmp(words[i].word, text + start, len) == 0) {
            set->config.autoescape = words[i].mode;
            return true;
        }
    }
    return false;
}

/* Colours by name, or by the number that stands for them. */
static bool
set_colors(settings *set, const json_t *value)
{
    static const char *const names[] = { "none", "basic", "256", "truecolor" };

    if (json_is_integer(value)) {
        json_int_t number = json_integer_value(value);
        set->config.terminal_color = number == 256 ? 2 : (int)number;
        return true;
    }
    for (size_t i = 0; json_is_string(value) && i < sizeof(names) / sizeof(names[0]); i++) {
        if (strcmp(json_string_value(value), names[i]) == 0) {
            set->config.terminal_color = (int)i;
            return true;
        }
    }
    return false;
}

static int *
find_columns(kida_config *config, const char *name)
{
    if (strcmp(name, "terminal_width") == 0)
        return &config->terminal_width;
    if (strcmp(name, "terminal_ambiguous_width") == 0 || strcmp(name, "ambiguous_width") == 0)
        return &config->terminal_ambiguous_width;
    return NULL;
}

static bool
set_aliases(settings *set, json_t *value)
{
    const char *name;
    json_t *root;
    size_t count = 0;

    json_object_foreach(value, name, root)
    {
        if (count == ALIASES_MAX || !json_is_string(root))
            return false;
        set->aliases[count].name = name;
        set->aliases[count].root = json_string_value(root);
        count++;
    }
    set->config.aliases = set->aliases;
    return true;
}

static bool *
find_flag(kida_config *config, const char *name)
{
    const struct {
        const char *name;
        bool *flag;
    } flags[] = {
        { "strict_undefined", &config->strict_undefined },
        { "strict_none", &config->strict_none },
        { "trim_blocks", &config->trim_blocks },
        { "lstrip_blocks", &config->lstrip_blocks },
        { "inline_components", &config->inline_components },
        { "enable_htmx_helpers", &config->htmx_helpers },
        { "terminal_unicode", &config->terminal_unicode },
    };
    for (size_t i = 0; i < sizeof(flags) / sizeof(flags[0]); i++) {
        if (strcmp(flags[i].name, name) == 0)
            return flags[i].flag;
    }
    return NULL;
}

static kida_str *
find_delimiter(kida_config *config, const char *name)
{
    const struct {
        const char *name;
        kida_str *text;
    } texts[] = {
        { "variable_start", &config->variable_start }, { "variable_end", &config->variable_end },
        { "block_start", &config->block_start },       { "block_end", &config->block_end },
        { "comment_start", &config->comment_start },   { "comment_end", &config->comment_end },
    };
    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        if (strcmp(texts[i].name, name) == 0)
            return texts[i].text;
    }
    return NULL;
}

static uint32_t *
find_depth(kida_config *config, const char *name)
{
    if (strcmp(name, "max_extends_depth") == 0)
        return &config->limits.extends_depth;
    if (strcmp(name, "max_include_depth") == 0)
        return &config->limits.include_depth;
    return NULL;
}

static bool
set_option(settings *set, const char *name, json_t *value)
{
    bool *flag = find_flag(&set->config, name);
    kida_str *text = find_delimiter(&set->config, name);
    uint32_t *depth = find_depth(&set->config, name);
    int *columns = find_columns(&set->config, name);

    if (flag != NULL && json_is_boolean(value)) {
        *flag = json_is_true(value);
        return true;
    }
    if (text != NULL && json_is_string(value)) {
        *text = slice(value);
        return true;
    }
    if (depth != NULL && json_is_integer(value)) {
        *depth = (uint32_t)json_integer_value(value);
        return true;
    }
    if (columns != NULL && json_is_integer(value)) {
        *columns = (int)json_integer_value(value);
        return true;
    }
    if (strcmp(name, "autoescape") == 0)
        return set_autoescape(set, value);
    if (strcmp(name, "terminal_color") == 0)
        return set_colors(set, value);
    if (strcmp(name, "template_aliases") == 0)
        return json_is_object(value) && set_aliases(set, value);
    if (strcmp(name, "sandbox") == 0) {
        if (json_is_true(value))
            set->config.sandbox = &set->sandbox;
        return json_is_boolean(value);
    }
    if (strcmp(name, "static_context") == 0) {
        set->has_static = true;
        return true;
    }
    return false;
}

/* The static values come from the raw text, for the sake of large integers. */
static kida_status
add_static_values(kida_env *env, kida_str raw, kida_error *err)
{
    kida_value values;
    kida_value name;
    kida_value item;

    kida_status st = kida_json_parse(kida_env_pool(env), raw, &values, err);
    for (size_t i = 0; st == KIDA_OK && kida_dict_entry(values, i, &name, &item); i++)
        st = kida_env_add_static(env, kida_as_str(name), item, err);
    return st;
}

static kida_status
add_templates(kida_env *env, kida_str raw, kida_error *err)
{
    json_t *templates = json_loadb(raw.ptr, raw.len, JSON_ALLOW_NUL, NULL);
    const char *name;
    json_t *source;
    kida_status st = templates != NULL ? KIDA_OK : KIDA_E_JSON;

    json_object_foreach(templates, name, source)
    {
        if (st == KIDA_OK)
            st = kida_env_add_source(env, kida_str_from(name), slice(source), err);
    }
    json_decref(templates);
    return st;
}

kida_env *
conf_env(const conf_case *item, const conf_options *options, conf_result *result, kida_error *err)
{
    kida_str raw = conf_member(item->text, "env");
    json_t *description = raw.ptr != NULL ? json_loadb(raw.ptr, raw.len, 0, NULL) : NULL;
    settings set = { .has_static = false };
    kida_env *env = NULL;
    const char *name;
    json_t *value;

    kida_config_init(&set.config);
    set.config.hash_seed = 1;
    set.config.optimize = !options->no_optimize;
    json_object_foreach(description, name, value)
    {
        if (!set_option(&set, name, value)) {
            conf_note(result, "    the runner does not know the setting '%s'\n", name);
            goto done;
        }
    }

    env = kida_env_new_std(&set.config, err);
    if (env == NULL) {
        conf_note(result, "    no environment: %s %s\n", err->code, err->message);
        goto done;
    }
    kida_status st = KIDA_OK;
    if (set.has_static)
        st = add_static_values(env, conf_member(raw, "static_context"), err);
    if (st == KIDA_OK)
        st = add_templates(env, conf_member(item->text, "templates"), err);
    if (st != KIDA_OK) {
        conf_note(result, "    setting up failed: %s %s\n", kida_status_code(st), err->message);
        kida_env_free(env);
        env = NULL;
    }
done:
    json_decref(description);
    return env;
}
