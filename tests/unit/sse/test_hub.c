/* SPDX-License-Identifier: MIT */
/* test_hub.c - chirp.md 8.3, 8.4, robustness ES-6: one event to many clients of several workers. */
#define _GNU_SOURCE
#include "app.h"

#include <pthread.h>

static chirp_hub *hub;

static kida_status
follow(chirp_sse *sse, void *user)
{
    (void)user;
    return chirp_sse_follow(sse, hub, chirp_query(chirp_sse_request(sse), "topic"));
}

/* Takes part in "a", but looks at nothing until "go" has an event; then tells what is there. */
static kida_status
sleepy(chirp_sse *sse, void *user)
{
    (void)user;
    chirp_request *req = chirp_sse_request(sse);
    chirp_subscription *sub = chirp_hub_join(req, hub, KIDA_S("a"));
    chirp_subscription *go = chirp_hub_join(req, hub, KIDA_S("go"));
    if (!sub || !go)
        return KIDA_E_NOMEM;
    chirp_sse_data(sse, KIDA_S("joined"));
    const chirp_event *event;
    kida_status st = chirp_hub_next(go, &event);
    if (st != KIDA_OK)
        return st;
    while ((st = chirp_hub_next(sub, &event)) == KIDA_OK) {
        chirp_sse_send(sse, event);
        if (kida_str_equal(event->data, KIDA_S("last")))
            break;
    }
    char text[64];
    int len = snprintf(text, sizeof(text), "dropped %llu",
                       (unsigned long long)chirp_hub_dropped(sub));
    return chirp_sse_data(sse, (kida_str){ text, (size_t)len });
}

static chirp_reply *
of_function(chirp_request *req, void *user)
{
    chirp_sse_fn *fn = NULL;
    memcpy(&fn, &user, sizeof(fn));
    return chirp_reply_sse(req, fn, NULL, NULL);
}

static void
open_app(t_app *fx, const chirp_hub_options *options)
{
    void *user = NULL;
    chirp_sse_fn *fn = follow;
    t_app_init(fx);
    t_app_open(fx);
    hub = chirp_hub_new(options);
    assert_non_null(hub);
    memcpy(&user, &fn, sizeof(fn));
    chirp_route(fx->app, "GET", "/follow", of_function, user);
    fn = sleepy;
    memcpy(&user, &fn, sizeof(fn));
    chirp_route(fx->app, "GET", "/sleepy", of_function, user);
    t_app_template(fx, "page.html", "{% block part %}<p>{{ n }}</p>{% end %}");
}

static void
close_app(t_app *fx)
{
    t_app_close(fx);
    chirp_hub_free(hub);
}

static void
publish(const char *topic, const char *data)
{
    chirp_event event = { .data = kida_str_from(data) };
    assert_int_equal(chirp_hub_publish(hub, kida_str_from(topic), &event), KIDA_OK);
}

static void
open_stream(chirp_test_client *client, const char *target)
{
    chirp_answer answer;
    assert_int_equal(chirp_test_open(client, "GET", target, NULL, KIDA_S(""), &answer), KIDA_OK);
    assert_true(CHIRP_CHECK_STATUS(&answer, 200));
}

/* Holds: what is published reaches the subscribers of all workers, each by its topic, in order. */
static void
hub_reaches_all_workers_by_topic(void **state)
{
    (void)state;
    t_app fx;
    chirp_answer answer;
    open_app(&fx, NULL);
    chirp_test_client *other = chirp_test_new(fx.app, &fx.err); /* a second worker */
    assert_non_null(other);
    open_stream(t_client(&fx), "/follow");
    open_stream(other, "/follow?topic=b");
    assert_int_equal(chirp_hub_count(hub), 2);
    publish("a", "1");
    publish("b", "2");
    publish("", "3");
    assert_int_equal(chirp_test_wait(t_client(&fx), "data: 3\n\n", 10000, &answer), KIDA_OK);
    T_BODY(&answer, "data: 1\n\ndata: 2\n\ndata: 3\n\n");
    assert_int_equal(chirp_test_wait(other, "data: 3\n\n", 10000, &answer), KIDA_OK);
    T_BODY(&answer, "data: 2\n\ndata: 3\n\n");
    chirp_test_leave(other, false);
    assert_int_equal(chirp_hub_count(hub), 1);
    chirp_test_free(other);
    publish("", "4");
    assert_int_equal(chirp_test_wait(t_client(&fx), "data: 4\n\n", 10000, &answer), KIDA_OK);
    close_app(&fx);
}

/* Holds: 8.3: a fragment is rendered once, and reads as chirp_sse_fragment's. */
static void
hub_publishes_fragments(void **state)
{
    (void)state;
    t_app fx;
    chirp_answer answer;
    kida_value context;
    open_app(&fx, NULL);
    kida_pool *pool = kida_pool_new(NULL, 0);
    assert_int_equal(kida_context(pool, &context, "n", kida_int(5), NULL), KIDA_OK);
    assert_int_equal(chirp_hub_publish_fragment(hub, fx.app, KIDA_S(""), "page.html", "part", "t",
                                                context, NULL),
                     KIDA_E_USAGE);
    open_stream(t_client(&fx), "/follow");
    assert_int_equal(chirp_hub_publish_fragment(hub, fx.app, KIDA_S(""), "page.html", "part", "t",
                                                context, &fx.err),
                     KIDA_OK);
    assert_int_equal(chirp_test_wait(t_client(&fx), "</div>\n\n", 10000, &answer), KIDA_OK);
    T_BODY(&answer, "event: t\ndata: <div id=\"t\" hx-swap-oob=\"true\"><p>5</p></div>\n\n");
    kida_pool_free(pool);
    close_app(&fx);
}

/* Holds: ES-6: a slow subscriber loses its oldest events, and knows how many. */
static void
es_6_drop_policy(void **state)
{
    (void)state;
    t_app fx;
    chirp_answer answer;
    chirp_hub_options options = { .max_events = 4 };
    open_app(&fx, &options);
    open_stream(t_client(&fx), "/sleepy");
    for (int i = 0; i < 20; i++)
        publish("a", i == 19 ? "last" : "early");
    publish("go", "!");
    assert_int_equal(chirp_test_wait(t_client(&fx), NULL, 10000, &answer), KIDA_OK);
    T_BODY(&answer, "data: joined\n\ndata: early\n\ndata: early\n\ndata: early\n\ndata: last\n\n"
                    "data: dropped 16\n\n");
    close_app(&fx);
}

/* Holds: ES-6: the same by bytes. */
static void
es_6_bytes_are_bounded(void **state)
{
    (void)state;
    t_app fx;
    chirp_answer answer;
    chirp_hub_options options = { .max_bytes = 40 };
    open_app(&fx, &options);
    open_stream(t_client(&fx), "/sleepy");
    for (int i = 0; i < 10; i++)
        publish("a", i == 9 ? "last" : "0123456789");
    publish("go", "!");
    assert_int_equal(chirp_test_wait(t_client(&fx), NULL, 10000, &answer), KIDA_OK);
    T_BODY(&answer, "data: joined\n\ndata: 0123456789\n\ndata: last\n\ndata: dropped 8\n\n");
    chirp_event large = { .data = KIDA_S("0123456789012345678901234567890123456789") };
    assert_int_equal(chirp_hub_publish(hub, KIDA_S(""), &large), KIDA_E_LIMIT_MEMORY);
    close_app(&fx);
}

/* Holds: ES-6: or its subscription ends. */
static void
es_6_close_policy(void **state)
{
    (void)state;
    t_app fx;
    chirp_answer answer;
    chirp_hub_options options = { .max_events = 4, .slow = CHIRP_SLOW_CLOSE };
    open_app(&fx, &options);
    open_stream(t_client(&fx), "/sleepy");
    for (int i = 0; i < 10; i++)
        publish("a", "early");
    publish("go", "!");
    assert_int_equal(chirp_test_wait(t_client(&fx), NULL, 10000, &answer), KIDA_OK);
    T_BODY(&answer, "data: joined\n\ndata: dropped 0\n\n");
    assert_int_equal(chirp_hub_count(hub), 0);
    close_app(&fx);
}

static void
publish_id(const char *topic, const char *id, const char *data)
{
    chirp_event event = { .id = kida_str_from(id), .data = kida_str_from(data) };
    assert_int_equal(chirp_hub_publish(hub, kida_str_from(topic), &event), KIDA_OK);
}

/* Opens a stream that says which event it had last, publishes `end`, and compares all up to it. */
static void
check_replay(t_app *fx, const char *target, const char *last_id, const char *end,
             const char *want)
{
    chirp_answer answer;
    char part[32];
    const char *headers[] = { "Last-Event-ID", last_id, NULL };
    chirp_test_client *client = chirp_test_new(fx->app, &fx->err);
    assert_non_null(client);
    assert_int_equal(chirp_test_open(client, "GET", target, last_id ? headers : NULL, KIDA_S(""),
                                     &answer), KIDA_OK);
    publish_id("", end, "x");
    snprintf(part, sizeof(part), "id: %s\ndata: x\n\n", end);
    assert_int_equal(chirp_test_wait(client, part, 10000, &answer), KIDA_OK);
    T_BODY(&answer, want);
    chirp_test_free(client);
}

#define EVENT(id) "id: " id "\ndata: x\n\n"

/* Holds: 8.3: who comes back gets what came after the event it had last, and only then new ones. */
static void
row_8_3_history_is_replayed(void **state)
{
    (void)state;
    t_app fx;
    chirp_hub_options options = { .history = 4 };
    open_app(&fx, &options);
    publish_id("a", "1", "x");
    publish_id("b", "2", "x");
    publish_id("", "3", "x");
    check_replay(&fx, "/follow", NULL, "e1", EVENT("e1"));
    check_replay(&fx, "/follow", "3", "e2", EVENT("e1") EVENT("e2"));
    publish_id("b", "4", "x");
    check_replay(&fx, "/follow?topic=b", "3", "e3",
                 EVENT("e1") EVENT("e2") EVENT("4") EVENT("e3"));
    publish_id("a", "5", "x");
    publish_id("b", "6", "x");
    publish_id("c", "7", "x");
    publish_id("b", "8", "x");
    /* Too old, and of another run: all of the topic that is kept, of four. */
    check_replay(&fx, "/follow?topic=b", "1", "e4", EVENT("6") EVENT("8") EVENT("e4"));
    check_replay(&fx, "/follow?topic=b", "what?", "e5",
                 EVENT("6") EVENT("8") EVENT("e4") EVENT("e5"));
    close_app(&fx);
}

/* Holds: 8.3: events without an id get one, from which the client can go on. */
static void
row_8_3_history_gives_ids(void **state)
{
    (void)state;
    t_app fx;
    chirp_answer answer;
    char id[64] = "", want[256];
    chirp_hub_options options = { .history = 1000 };
    open_app(&fx, &options);
    open_stream(t_client(&fx), "/follow");
    chirp_event named = { .event = KIDA_S("e"), .data = KIDA_S("one") };
    assert_int_equal(chirp_hub_publish(hub, KIDA_S(""), &named), KIDA_OK);
    publish("", "two");
    assert_int_equal(chirp_test_wait(t_client(&fx), "data: two\n\n", 10000, &answer), KIDA_OK);
    assert_true(answer.body.len > 40);
    assert_memory_equal(answer.body.ptr, "event: e\nid: ", 13);
    memcpy(id, answer.body.ptr + 13, 25);
    assert_string_equal(id + 8, "-0000000000000001");
    snprintf(want, sizeof(want), "event: e\nid: %s\ndata: one\n\nid: %.8s-0000000000000002\n"
             "data: two\n\n", id, id);
    T_BODY(&answer, want);
    /* More than the queue of a subscriber holds. */
    for (int i = 0; i < 600; i++)
        publish("", "more");
    chirp_test_leave(t_client(&fx), false);
    const char *headers[] = { "Last-Event-ID", id, NULL };
    assert_int_equal(chirp_test_open(t_client(&fx), "GET", "/follow", headers, KIDA_S(""),
                                     &answer), KIDA_OK);
    publish("", "last");
    assert_int_equal(chirp_test_wait(t_client(&fx), "data: last\n\n", 10000, &answer), KIDA_OK);
    snprintf(want, sizeof(want), "id: %.8s-0000000000000002\ndata: two\n\n", id);
    assert_memory_equal(answer.body.ptr, want, strlen(want));
    size_t more = 0;
    for (size_t i = 0; i + 6 < answer.body.len; i++)
        more += memcmp(answer.body.ptr + i, ": more", 6) == 0;
    assert_int_equal(more, 600);
    close_app(&fx);
}

/* Holds: the history is bounded by bytes, too. */
static void
row_8_3_history_is_bounded(void **state)
{
    (void)state;
    t_app fx;
    chirp_hub_options options = { .history = 1000, .history_bytes = 60 };
    open_app(&fx, &options);
    for (int i = 0; i < 100; i++)
        publish_id("", "same", "x"); /* 18 bytes each */
    check_replay(&fx, "/follow", "none", "e", EVENT("same") EVENT("same") EVENT("same")
                 EVENT("e"));
    close_app(&fx);
}

/* Holds: a topic that is closed ends its streams behind what was sent, and no others. */
static void
hub_closes_topics(void **state)
{
    (void)state;
    t_app fx;
    chirp_answer answer;
    open_app(&fx, NULL);
    chirp_test_client *other = chirp_test_new(fx.app, &fx.err);
    chirp_test_client *all = chirp_test_new(fx.app, &fx.err);
    assert_non_null(other);
    assert_non_null(all);
    open_stream(t_client(&fx), "/follow?topic=a");
    open_stream(other, "/follow?topic=b");
    open_stream(all, "/follow");
    publish("", "1");
    assert_int_equal(chirp_hub_close(hub, KIDA_S("a")), KIDA_OK);
    publish("", "2");
    assert_int_equal(chirp_test_wait(t_client(&fx), NULL, 10000, &answer), KIDA_OK);
    T_BODY(&answer, "data: 1\n\n");
    assert_int_equal(chirp_test_wait(all, "data: 2\n\n", 10000, &answer), KIDA_OK);
    assert_int_equal(chirp_hub_close(hub, KIDA_S("")), KIDA_OK);
    assert_int_equal(chirp_test_wait(other, NULL, 10000, &answer), KIDA_OK);
    T_BODY(&answer, "data: 1\n\ndata: 2\n\n");
    assert_int_equal(chirp_test_wait(all, NULL, 10000, &answer), KIDA_OK);
    assert_int_equal(chirp_hub_count(hub), 0);
    chirp_test_free(other);
    chirp_test_free(all);
    close_app(&fx);
}

/* Holds: or new events pass by. */
static void
es_6_skip_policy(void **state)
{
    (void)state;
    t_app fx;
    chirp_answer answer;
    chirp_hub_options options = { .max_events = 2, .slow = CHIRP_SLOW_SKIP };
    open_app(&fx, &options);
    open_stream(t_client(&fx), "/sleepy");
    publish("a", "one");
    publish("a", "last");
    for (int i = 0; i < 5; i++)
        publish("a", "late");
    publish("go", "!");
    assert_int_equal(chirp_test_wait(t_client(&fx), NULL, 10000, &answer), KIDA_OK);
    T_BODY(&answer, "data: joined\n\ndata: one\n\ndata: last\n\ndata: dropped 5\n\n");
    close_app(&fx);
}

static void *
publish_many(void *arg)
{
    (void)arg;
    for (int i = 0; i < 500; i++) {
        char text[16];
        snprintf(text, sizeof(text), "%d", i);
        chirp_event event = { .data = kida_str_from(text) };
        chirp_hub_publish(hub, KIDA_S(""), &event);
    }
    chirp_event last = { .data = KIDA_S("last") };
    chirp_hub_publish(hub, KIDA_S(""), &last);
    return NULL;
}

/* Holds: scenario 12: a foreign thread publishes; the order is kept, nothing is lost. */
static void
scenario_12_foreign_thread(void **state)
{
    (void)state;
    t_app fx;
    chirp_answer answer;
    pthread_t thread;
    open_app(&fx, NULL);
    open_stream(t_client(&fx), "/follow");
    assert_int_equal(pthread_create(&thread, NULL, publish_many, NULL), 0);
    assert_int_equal(chirp_test_wait(t_client(&fx), "data: last\n\n", 10000, &answer), KIDA_OK);
    pthread_join(thread, NULL);
    size_t at = 0;
    for (int i = 0; i < 500; i++) {
        char text[32];
        size_t len = (size_t)snprintf(text, sizeof(text), "data: %d\n\n", i);
        assert_true(at + len <= answer.body.len);
        assert_memory_equal(answer.body.ptr + at, text, len);
        at += len;
    }
    close_app(&fx);
}

int
main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hub_reaches_all_workers_by_topic),
        cmocka_unit_test(hub_publishes_fragments),
        cmocka_unit_test(es_6_drop_policy),
        cmocka_unit_test(es_6_bytes_are_bounded),
        cmocka_unit_test(es_6_close_policy),
        cmocka_unit_test(es_6_skip_policy),
        cmocka_unit_test(row_8_3_history_is_replayed),
        cmocka_unit_test(row_8_3_history_gives_ids),
        cmocka_unit_test(row_8_3_history_is_bounded),
        cmocka_unit_test(hub_closes_topics),
        cmocka_unit_test(scenario_12_foreign_thread),
    };
    return cmocka_run_group_tests_name("sse/hub", tests, NULL, NULL);
}
