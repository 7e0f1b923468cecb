/* SPDX-License-Identifier: Apache-2.0 */
#include "console/system/watch_routes.h"

#include "console/console.h"
#include "console/openapi.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define STATUS_NOT_HEALTHY 503

static void healthz(const struct call *call)
{
    struct store_rows rows;
    struct dr_error err;
    bool works = store_select(call->store, &rows, "SELECT 1", NULL, 0, &err) == DR_OK;
    store_rows_free(&rows);
    if (works)
        answer_plain(call->answer, 200, "text/plain; charset=utf-8", strdup("ok\n"));
    else
        answer_plain(call->answer, STATUS_NOT_HEALTHY, "text/plain; charset=utf-8",
                     strdup("the data base does not answer\n"));
}

/* -1: the data base does not say. */
static long long count(const struct call *call, const char *sql, const char *value)
{
    struct store_rows rows;
    struct dr_error err;
    long long found = -1;
    if (store_select(call->store, &rows, sql, &value, value != NULL ? 1 : 0, &err) == DR_OK)
        found = store_number(&rows, 0, 0);
    store_rows_free(&rows);
    return found;
}

static void put_head(FILE *out, const char *name, const char *kind, const char *help)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, kind);
}

static void put_gauge(FILE *out, const char *name, const char *help, long long value)
{
    if (value < 0)
        return;
    put_head(out, name, "gauge", help);
    fprintf(out, "%s %lld\n", name, value);
}

static void put_counter(FILE *out, const char *name, const char *help, uint64_t value)
{
    put_head(out, name, "counter", help);
    fprintf(out, "%s %llu\n", name, (unsigned long long)value);
}

static void put_calls(FILE *out, const struct observed *seen)
{
    static const uint64_t end_us[] = OBSERVE_BUCKETS;
    uint64_t sum = 0;
    put_head(out, "drconsole_calls_total", "counter", "Calls answered, by what came of them.");
    fprintf(out, "drconsole_calls_total{result=\"ok\"} %llu\n", (unsigned long long)seen->ok);
    fprintf(out, "drconsole_calls_total{result=\"failed\"} %llu\n", (unsigned long long)seen->failed);
    fprintf(out, "drconsole_calls_total{result=\"refused\"} %llu\n", (unsigned long long)seen->refused);
    fprintf(out, "drconsole_calls_total{result=\"no_call\"} %llu\n", (unsigned long long)seen->no_call);
    put_head(out, "drconsole_call_seconds", "histogram", "How long the answer to a call took to make.");
    for (unsigned i = 0; i < OBSERVE_BUCKET_COUNT; i++) {
        sum += seen->bucket[i];
        if (i + 1 < OBSERVE_BUCKET_COUNT)
            fprintf(out, "drconsole_call_seconds_bucket{le=\"%g\"} %llu\n", (double)end_us[i] / 1e6,
                    (unsigned long long)sum);
        else
            fprintf(out, "drconsole_call_seconds_bucket{le=\"+Inf\"} %llu\n", (unsigned long long)sum);
    }
    fprintf(out, "drconsole_call_seconds_sum %.6f\n", (double)seen->took_us / 1e6);
    fprintf(out, "drconsole_call_seconds_count %llu\n", (unsigned long long)sum);
}

/* Counts alone, no name of anything: it is open, as scrapers expect. */
static void metrics(const struct call *call)
{
    const struct observed *seen = &call->console->observed;
    char *text = NULL, now[24];
    size_t size;
    FILE *out = open_memstream(&text, &size);
    if (out == NULL) {
        answer_fail(call->answer, CODE_FAILED, "no memory");
        return;
    }
    snprintf(now, sizeof now, "%lld", call->console->now_s());
    put_calls(out, seen);
    put_counter(out, "drconsole_logins_refused_total", "Log-ins that were refused.", seen->login_refused);
    put_counter(out, "drconsole_store_errors_total", "Calls that failed in the data base.", seen->store_errors);
    put_gauge(out, "drconsole_sessions", "Sessions whose token is good.",
              count(call, "SELECT COUNT(*) FROM session WHERE expires_at > %lld", now));
    put_gauge(out, "drconsole_nodes", "Nodes that are enrolled.",
              count(call, "SELECT COUNT(*) FROM node WHERE active = 1", NULL));
    fclose(out);
    answer_plain(call->answer, 200, "text/plain; version=0.0.4; charset=utf-8", text);
}

static void openapi(const struct call *call)
{
    json_t *document = openapi_document();
    char *text = document != NULL ? json_dumps(document, JSON_COMPACT) : NULL;
    json_decref(document);
    if (text != NULL)
        answer_plain(call->answer, 200, "application/json; charset=utf-8", text);
    else
        answer_fail(call->answer, CODE_FAILED, "no memory");
}

/* clang-format off */
static const struct route routes[] = {
    {"GET", "/healthz", ROUTE_OPEN, healthz, NULL, "Whether the console works: 200, else 503; also as /healthz.", ROUTE_READS},
    {"GET", "/metrics", ROUTE_OPEN, metrics, NULL, "Its numbers, as Prometheus reads them; also as /metrics.", ROUTE_READS},
    {"GET", "/openapi", ROUTE_OPEN, openapi, NULL, "This document; also as /openapi.json.", ROUTE_READS},
};
/* clang-format on */
const struct route_area watch_routes = ROUTE_AREA("watching", routes);
