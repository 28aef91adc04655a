/* SPDX-License-Identifier: MIT */
/*
 * yardstick.c - hand.c as a part of the benchmark. hand.c stays as it was measured against other
 * engines, so it is included whole, with its main renamed, and compiled without warnings.
 */
#define main hand_main
#include "hand.c"
#undef main

#include "yardstick.h"

static B output = { 0, 0, 0 };
static void (*render_page)(B *) = r_page;

void
yardstick_load(const char *workload, const char *dir)
{
    static const struct {
        const char *name;
        void (*render)(B *);
    } renders[] = {
        { "hello", r_hello },           { "fortunes", r_fort },   { "bigtable", r_big },
        { "components", r_comp },       { "escape", r_escape },   { "page", r_page },
    };

    W = dir;
    for (int i = 0; i < 100; i++) {
        D2[2 * i] = (char)('0' + i / 10);
        D2[2 * i + 1] = (char)('0' + i % 10);
    }
    load(workload);
    for (size_t i = 0; i < sizeof(renders) / sizeof(renders[0]); i++) {
        if (strcmp(renders[i].name, workload) == 0)
            render_page = renders[i].render;
    }
    if (output.b == NULL) {
        output.b = malloc(4096);
        output.cap = 4096;
    }
}

size_t
yardstick_render(const char **text)
{
    output.n = 0;
    render_page(&output);
    *text = output.b;
    return output.n;
}
