/* SPDX-License-Identifier: MIT */
/* main.c - wizard: a form in three steps.
 *
 * Shows: answers kept in a signed session until the last step, one struct with a table of rules for
 * each step, steps that can't be skipped, boosted links and forms with a back button that works,
 * all of it without scripts too.
 *
 * Build and run, in this folder: cmake -B build && cmake --build build && build/wizard
 * Sessions are signed with CHIRP_SECRET_KEY, 32 bytes or more; without it, with a key for trying.
 */
#include <chirp/chirp.h>

#include <stdatomic.h>
#include <stdio.h>

static const char trial_key[] = "not a secret: only for trying the example";

static const char *const courses[] = { "", "weaving", "pottery", "printing", NULL };

typedef struct registration {
    kida_str name;
    kida_str email;
    int course; /* 0: none yet */
    bool lunch;
} registration;

static const kida_field registration_fields[] = {
    KIDA_STR_FIELD(registration, name),
    KIDA_STR_FIELD(registration, email),
    KIDA_ENUM_FIELD(registration, course, courses),
    KIDA_BOOL_FIELD(registration, lunch),
    KIDA_FIELDS_END,
};
static const kida_struct registration_type = { "registration", sizeof(registration),
                                               registration_fields, NULL };

/* A step reads and checks only what its rules name. */
static const chirp_rule you_rules[] = {
    CHIRP_RULE("name", CHIRP_REQUIRED, .message = "Please say who you are"),
    CHIRP_RULE("name", CHIRP_MAX_LENGTH, .number = 80),
    CHIRP_RULE("email", CHIRP_REQUIRED, .message = "Please say where we can reach you"),
    CHIRP_RULE("email", CHIRP_EMAIL),
    CHIRP_RULES_END,
};
static const chirp_rule course_rules[] = {
    CHIRP_RULE("course", CHIRP_REQUIRED, .message = "Please choose a course"),
    CHIRP_RULE("lunch", CHIRP_OPTIONAL),
    CHIRP_RULES_END,
};

enum place { YOU, COURSE, REVIEW, DONE };
static const char *const paths[] = { "/", "/course", "/review", "/done" };

/* The steps that have a form. */
typedef struct step {
    enum place place;
    const char *page;
    chirp_form_type form;
} step;

static const step steps[] = {
    { YOU, "you.html", { &registration_type, you_rules } },
    { COURSE, "course.html", { &registration_type, course_rules } },
};

/* ---- the session --------------------------------------------------------------------------- */

static registration
load(chirp_request *req)
{
    kida_str name = chirp_session_text(req, "name"), email = chirp_session_text(req, "email");
    registration r = { .name = chirp_given(name) ? name : KIDA_S(""),
                       .email = chirp_given(email) ? email : KIDA_S("") };
    int64_t course = kida_as_int(chirp_session_get(req, "course"));
    r.course = course > 0 && course < 4 ? (int)course : 0;
    r.lunch = kida_as_int(chirp_session_get(req, "lunch")) != 0;
    return r;
}

static kida_status
keep(chirp_request *req, const registration *r)
{
    kida_status st = chirp_session_set(req, "name", kida_string(r->name));
    if (st == KIDA_OK)
        st = chirp_session_set(req, "email", kida_string(r->email));
    if (st == KIDA_OK)
        st = chirp_session_set(req, "course", kida_int(r->course));
    return st == KIDA_OK ? chirp_session_set(req, "lunch", kida_bool(r->lunch)) : st;
}

/* How far the answers reach. */
static enum place
reached(const registration *r)
{
    if (r->name.len == 0 || r->email.len == 0)
        return YOU;
    return r->course == 0 ? COURSE : REVIEW;
}

/* htmx follows it as browsers do, with the same headers. */
static chirp_reply *
go_to(chirp_request *req, enum place place)
{
    return chirp_reply_set_status(chirp_reply_redirect(req, paths[place]), 303);
}

/* ---- steps --------------------------------------------------------------------------------- */

static chirp_reply *
show_step(chirp_request *req, void *user)
{
    const step *s = user;
    registration r = load(req);
    chirp_form_data form;
    kida_value context;
    if (reached(&r) < s->place)
        return go_to(req, reached(&r));
    if (chirp_form_fill(req, &s->form, &r, &form) != KIDA_OK ||
        kida_context(chirp_pool(req), &context, "name", kida_string(r.name), NULL) != KIDA_OK ||
        chirp_form_context(&form, &context) != KIDA_OK)
        return NULL;
    return chirp_reply_page(req, s->page, "step", context);
}

static chirp_reply *
take_step(chirp_request *req, void *user)
{
    const step *s = user;
    registration r = load(req);
    chirp_form_data form;
    kida_value context;
    if (reached(&r) < s->place)
        return go_to(req, reached(&r));
    if (chirp_form_bind(req, &s->form, &r, &form))
        return keep(req, &r) == KIDA_OK ? go_to(req, s->place + 1) : NULL;
    if (kida_context(chirp_pool(req), &context, "name", kida_string(r.name), NULL) != KIDA_OK)
        return NULL;
    /* The same step again is no step for the back button. */
    return chirp_reply_hx_push_url(chirp_reply_form(req, s->page, "step", &form, context), "false");
}

static chirp_reply *
review(chirp_request *req, void *user)
{
    (void)user;
    kida_value context;
    registration *r = chirp_alloc(req, sizeof(*r));
    if (!r)
        return NULL;
    *r = load(req);
    if (reached(r) < REVIEW)
        return go_to(req, reached(r));
    if (kida_context(chirp_pool(req), &context, "who", kida_from_struct(&registration_type, r),
                     NULL) != KIDA_OK)
        return NULL;
    return chirp_reply_page(req, "review.html", "step", context);
}

/* The end: what was said is forgotten, so that nobody registers twice by going back. */
static chirp_reply *
finish(chirp_request *req, void *user)
{
    static atomic_int count;
    (void)user;
    char number[16];
    registration r = load(req);
    if (reached(&r) < REVIEW)
        return go_to(req, reached(&r));
    snprintf(number, sizeof(number), "R-%04d", atomic_fetch_add(&count, 1) + 1);
    chirp_session_clear(req);
    return chirp_session_set(req, "number", kida_string(kida_str_from(number))) == KIDA_OK
               ? go_to(req, DONE)
               : NULL;
}

static chirp_reply *
done(chirp_request *req, void *user)
{
    (void)user;
    kida_value context;
    kida_str number = chirp_session_text(req, "number");
    if (!chirp_given(number))
        return go_to(req, YOU);
    if (kida_context(chirp_pool(req), &context, "number", kida_string(number), NULL) != KIDA_OK)
        return NULL;
    return chirp_reply_page(req, "done.html", "step", context);
}

int
main(void)
{
    kida_error err;
    chirp_config config;
    chirp_app *app = NULL;
    kida_error_init(&err);
    chirp_config_init(&config);
    config.secret_key = trial_key;
    if (chirp_config_from_env(&config, NULL, &err) == KIDA_OK)
        app = chirp_app_new(&config, &err);
    if (app) {
        chirp_use_sessions(app, NULL, NULL); /* a failure of set-up is reported by chirp_run */
        for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
            const char *path = paths[steps[i].place];
            chirp_route(app, "GET", path, show_step, (void *)&steps[i]);
            chirp_route(app, "POST", path, take_step, (void *)&steps[i]);
        }
        chirp_route(app, "GET", paths[REVIEW], review, NULL);
        chirp_route(app, "POST", paths[REVIEW], finish, NULL);
        chirp_route(app, "GET", paths[DONE], done, NULL);
    }
    if (!app || chirp_run(app, &err) != KIDA_OK)
        fprintf(stderr, "wizard: %s\n", err.message);
    chirp_app_free(app);
    return err.status == KIDA_OK ? 0 : 1;
}
