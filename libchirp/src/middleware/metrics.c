/* SPDX-License-Identifier: MIT */
/* metrics.c - counting, and the text that Prometheus reads (version 0.0.4). */
#include "metrics.h"

/* ---- counting -------------------------------------------------------------------------------- */

static const ch_method named[CH_METRICS_METHODS - 1] = {
    CH_METHOD_GET, CH_METHOD_HEAD, CH_METHOD_POST, CH_METHOD_PUT, CH_METHOD_PATCH,
    CH_METHOD_DELETE, CH_METHOD_OPTIONS,
};

/* Upper ends of the buckets, in microseconds. */
static const uint64_t bounds[CH_METRICS_BUCKETS] = {
    5000, 10000, 25000, 50000, 100000, 250000, 500000, 1000000, 2500000, 5000000, 10000000,
};

static size_t
row_of(ch_method method)
{
    size_t row = 0;
    while (row < CH_METRICS_METHODS - 1 && named[row] != method)
        row++;
    return row;
}

void
ch_metrics_request(ch_metrics *metrics, ch_method method, unsigned status, uint64_t bytes,
                   uint64_t nanoseconds)
{
    size_t bucket = 0;
    while (bucket < CH_METRICS_BUCKETS && nanoseconds > bounds[bucket] * 1000)
        bucket++;
    ch_count(&metrics->requests[row_of(method)][status < CH_METRICS_STATUSES ? status : 0], 1);
    ch_count(&metrics->durations[bucket], 1);
    ch_count(&metrics->nanoseconds, nanoseconds);
    ch_count(&metrics->bytes, bytes);
}

void
ch_metrics_add(ch_metrics_list *list, ch_metrics *metrics)
{
    pthread_mutex_lock(&list->lock);
    metrics->next = list->first;
    list->first = metrics;
    pthread_mutex_unlock(&list->lock);
}

void
ch_metrics_remove(ch_metrics_list *list, ch_metrics *metrics)
{
    pthread_mutex_lock(&list->lock);
    ch_metrics **at = &list->first;
    while (*at && *at != metrics)
        at = &(*at)->next;
    if (*at)
        *at = metrics->next;
    pthread_mutex_unlock(&list->lock);
}

/* ---- telling --------------------------------------------------------------------------------- */

/* Sum of one counter, told by its place in the struct, over all workers; with the lock held. */
static uint64_t
sum(const ch_metrics_list *list, size_t offset)
{
    uint64_t total = 0;
    for (const ch_metrics *at = list->first; at; at = at->next) {
        const ch_counter *counter = (const ch_counter *)(const void *)((const char *)at + offset);
        total += atomic_load_explicit(counter, memory_order_relaxed);
    }
    return total;
}

#define SUM(list, member) sum(list, offsetof(ch_metrics, member))

static void
put_about(kida_buf *out, const char *name, const char *kind, const char *help)
{
    kida_buf_format(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

static void
put_number(kida_buf *out, const char *name, const char *kind, const char *help, uint64_t number)
{
    put_about(out, name, kind, help);
    kida_buf_format(out, "%s %llu\n", name, (unsigned long long)number);
}

static void
put_requests(kida_buf *out, const ch_metrics_list *list)
{
    put_about(out, "http_requests_total", "counter", "Answered requests.");
    for (size_t row = 0; row < CH_METRICS_METHODS; row++) {
        kida_str method = row < CH_METRICS_METHODS - 1 ? ch_method_text(named[row])
                                                       : KIDA_S("other");
        for (size_t status = 0; status < CH_METRICS_STATUSES; status++) {
            size_t offset = offsetof(ch_metrics, requests) +
                            (row * CH_METRICS_STATUSES + status) * sizeof(ch_counter);
            uint64_t count = sum(list, offset);
            if (count > 0)
                kida_buf_format(out, "http_requests_total{method=\"%.*s\",status=\"%zu\"} %llu\n",
                                (int)method.len, method.ptr, status, (unsigned long long)count);
        }
    }
}

static void
put_durations(kida_buf *out, const ch_metrics_list *list)
{
    static const char name[] = "http_request_duration_seconds";
    uint64_t below = 0;
    put_about(out, name, "histogram", "Time from the head of a request to the end of its answer.");
    for (size_t i = 0; i <= CH_METRICS_BUCKETS; i++) {
        below += sum(list, offsetof(ch_metrics, durations) + i * sizeof(ch_counter));
        if (i < CH_METRICS_BUCKETS)
            kida_buf_format(out, "%s_bucket{le=\"%g\"} %llu\n", name, (double)bounds[i] / 1e6,
                            (unsigned long long)below);
        else
            kida_buf_format(out, "%s_bucket{le=\"+Inf\"} %llu\n", name, (unsigned long long)below);
    }
    kida_buf_format(out, "%s_sum %.6f\n%s_count %llu\n", name,
                    (double)SUM(list, nanoseconds) / 1e9, name, (unsigned long long)below);
}

static void
put_rejects(kida_buf *out, const ch_metrics_list *list)
{
    put_about(out, "http_rejects_total", "counter", "Refused requests.");
    for (size_t i = 1; i < CH_REJECT_COUNT; i++) {
        uint64_t count = sum(list, offsetof(ch_metrics, rejects) + i * sizeof(ch_counter));
        kida_str reason = ch_reject_token((ch_reject)i);
        if (count > 0)
            kida_buf_format(out, "http_rejects_total{reason=\"%.*s\"} %llu\n", (int)reason.len,
                            reason.ptr, (unsigned long long)count);
    }
}

void
ch_metrics_write(ch_metrics_list *list, kida_buf *out)
{
    pthread_mutex_lock(&list->lock);
    put_requests(out, list);
    put_durations(out, list);
    put_rejects(out, list);
    put_number(out, "http_connections_active", "gauge", "Open connections.",
               SUM(list, connections));
    put_number(out, "http_requests_in_flight", "gauge", "Requests being answered.",
               SUM(list, in_flight));
    put_number(out, "http_bytes_sent_total", "counter", "Bytes of bodies.", SUM(list, bytes));
    put_number(out, "responses_aborted_total", "counter",
               "Answers broken off behind their head.", SUM(list, aborted));
    put_number(out, "chirp_log_lines_dropped_total", "counter",
               "Log lines that the target did not take.", SUM(list, log_dropped));
    pthread_mutex_unlock(&list->lock);
}

uint64_t
ch_metrics_connections(ch_metrics_list *list)
{
    pthread_mutex_lock(&list->lock);
    uint64_t total = SUM(list, connections);
    pthread_mutex_unlock(&list->lock);
    return total;
}
