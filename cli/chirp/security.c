/* SPDX-License-Identifier: MIT */
/* security.c - `chirp security-check`: five settings that an application in public should have. */
#include "chirp_cli.h"

#include <string.h>

typedef struct finding {
    bool passed;
    const char *good, *bad;
} finding;

/* Whether any host is let in. */
static bool
allows_any(const char *const *hosts)
{
    bool any = hosts == NULL || *hosts == NULL;
    for (; hosts != NULL && *hosts != NULL; hosts++)
        any |= strcmp(*hosts, "*") == 0;
    return any;
}

static int
report(const chirp_config *config)
{
    bool production = config->env != NULL && strcmp(config->env, "production") == 0;
    bool hsts = config->strict_transport_security[0] != '\0' || production;
    const finding findings[] = {
        { config->secret_key[0] != '\0', "secret_key is set",
          "secret_key is not set: sessions can't be signed (CHIRP_SECRET_KEY)" },
        { !allows_any(config->allowed_hosts), "allowed_hosts names the hosts",
          "allowed_hosts lets any host in (CHIRP_ALLOWED_HOSTS)" },
        { !config->debug, "debug is off",
          production ? "debug is on in production" : "debug is on: errors show sources" },
        { hsts, "Strict-Transport-Security is sent over TLS",
          "Strict-Transport-Security is not sent: set env production, or the setting" },
        { config->csp_nonce_enabled, "scripts need a nonce",
          "csp_nonce_enabled is off: injected scripts would run" },
    };
    size_t failed = 0;
    puts("Chirp Security Check\n========================================");
    for (size_t i = 0; i < CLI_COUNT(findings); i++) {
        failed += findings[i].passed ? 0 : 1;
        printf("  %s %s\n", findings[i].passed ? "✓" : "✗",
               findings[i].passed ? findings[i].good : findings[i].bad);
    }
    printf("\nResults: %zu passed, %zu failed\n", CLI_COUNT(findings) - failed, failed);
    return failed > 0 ? CLI_FAILED : CLI_DONE;
}

int
chirp_cli_security(cli *c, int argc, char **argv)
{
    static const cli_usage usage = {
        "APP.so", 1, 1,
        "Looks at five settings: the secret key, allowed hosts, debug, transport security and the\n"
        "nonce of scripts. Ends with 1 if one is not as it should be in public.\n",
        "  chirp security-check build/app.so\n"
        "  CHIRP_ENV=production chirp security-check build/app.so\n",
    };
    app_options app_opts = APP_OPTIONS_INIT;
    cli_list arguments = { NULL, 0 };
    int code;
    const cli_option options[] = {
        { NULL, 0, CLI_FLAG, NULL, NULL, NULL, 0, 0 },
    };
    chirp_config config;
    if (!cli_parse(c, &usage, options, argc, argv, &arguments, &code))
        return code;
    if (!app_config(c, &app_opts, &config))
        return CLI_FAILED;
    chirp_app *app = app_load(c, arguments.items[0], &config);
    if (app == NULL)
        return CLI_FAILED;
    code = report(chirp_app_config(app));
    chirp_app_free(app);
    return code;
}
