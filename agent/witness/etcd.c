/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/witness/etcd.h"
#include "agent/witness/etcd_json.h"
#include "platform/clock.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct etcd {
    struct dr_id rule;
    enum member self;
    char *endpoint[ETCD_ENDPOINTS_MAX], *ca, *cert, *key;
    unsigned endpoints, current; /* the one that answered last */
    msec limit;
    CURL *curl;
    struct curl_slist *headers;
    struct etcd_state seen;
    char answer[ETCD_ANSWER_MAX];
    size_t got;
    atomic_bool stopped;
};

/* ---- one question to one endpoint ---- */

static size_t collect(char *bytes, size_t one, size_t count, void *baton)
{
    struct etcd *e = baton;
    size_t size = one * count;
    if (size > sizeof e->answer - e->got)
        return 0; /* curl ends the transfer */
    memcpy(e->answer + e->got, bytes, size);
    e->got += size;
    return size;
}

static int go_on(void *baton, curl_off_t a, curl_off_t b, curl_off_t c, curl_off_t d)
{
    struct etcd *e = baton;
    (void)a, (void)b, (void)c, (void)d;
    return atomic_load(&e->stopped);
}

/* The revision of a cluster never goes back, whichever member answers; one that was restored from a backup does. */
static enum dr_code take_answer(struct etcd *e, struct dr_error *err)
{
    struct etcd_state state;
    enum dr_code code = etcd_answer(&state, &e->rule, e->answer, e->got, err);
    if (code != DR_OK)
        return code;
    uint64_t before = e->seen.store;
    e->seen = state;
    if (state.store >= before)
        return DR_OK;
    return dr_fail(err, DR_CLOSED, "etcd went back from revision %llu to %llu: was it restored from a backup?",
                   (unsigned long long)before, (unsigned long long)state.store);
}

static enum dr_code ask_one(struct etcd *e, const char *path, const char *body, msec limit, struct dr_error *err)
{
    char url[512], why[CURL_ERROR_SIZE] = "";
    snprintf(url, sizeof url, "%s%s", e->endpoint[e->current], path);
    e->got = 0;
    curl_easy_setopt(e->curl, CURLOPT_URL, url);
    curl_easy_setopt(e->curl, CURLOPT_POSTFIELDS, body);
    curl_easy_setopt(e->curl, CURLOPT_TIMEOUT_MS, (long)limit);
    curl_easy_setopt(e->curl, CURLOPT_CONNECTTIMEOUT_MS, (long)limit);
    curl_easy_setopt(e->curl, CURLOPT_ERRORBUFFER, why);
    CURLcode result = curl_easy_perform(e->curl);
    curl_easy_setopt(e->curl, CURLOPT_ERRORBUFFER, NULL);
    if (result == CURLE_OK)
        return take_answer(e, err);
    return dr_fail(err, result == CURLE_OPERATION_TIMEDOUT ? DR_TIMEOUT : DR_IO, "%s",
                   why[0] != '\0' ? why : curl_easy_strerror(result));
}

/* ---- all endpoints ---- */

/* A member of the cluster that is down, or was parted from the others, says so or says nothing: the next is tried with
 * what is left of the time. Half of it is enough for one that works. */
static enum dr_code ask(struct etcd *e, const char *path, const char *body, struct dr_error *err)
{
    msec until = clock_now() + e->limit;
    enum dr_code code = DR_TIMEOUT;
    if (body == NULL)
        return dr_fail(err, DR_FULL, "no memory for a question to etcd");
    for (unsigned tried = 0; tried < e->endpoints && code != DR_OK; tried++) {
        msec left = until - clock_now();
        bool last = tried + 1 == e->endpoints;
        if (left <= 0 || atomic_load(&e->stopped))
            break;
        code = ask_one(e, path, body, last || left < 20 ? left : left / 2, err);
        if (code == DR_OK || code == DR_CORRUPT || code == DR_CLOSED)
            break;
        dr_within(err, "%s", e->endpoint[e->current]);
        e->current = (e->current + 1) % e->endpoints;
    }
    return code;
}

static enum dr_code look(void *self, struct witness_pair *pair, struct dr_error *err)
{
    struct etcd *e = self;
    char *body = etcd_range_body(&e->rule);
    enum dr_code code = ask(e, ETCD_RANGE, body, err);
    free(body);
    *pair = e->seen.pair;
    return code;
}

/* The same question twice is no harm: what the first has written makes the second compare unequal. */
static enum dr_code write_own(void *self, const struct witness_record *record, struct witness_pair *after,
                              struct dr_error *err)
{
    struct etcd *e = self;
    char *body = etcd_txn_body(&e->rule, e->self, record, &e->seen);
    enum dr_code code = ask(e, ETCD_TXN, body, err);
    free(body);
    *after = e->seen.pair;
    return code;
}

static void stop(void *self)
{
    struct etcd *e = self;
    atomic_store(&e->stopped, true);
}

static void destroy(void *self)
{
    struct etcd *e = self;
    curl_easy_cleanup(e->curl);
    curl_slist_free_all(e->headers);
    for (unsigned i = 0; i < e->endpoints; i++)
        free(e->endpoint[i]);
    free(e->ca);
    free(e->cert);
    free(e->key);
    free(e);
}

const struct witness_store etcd_store = {.look = look, .write = write_own, .stop = stop, .destroy = destroy};

/* ---- set-up ---- */

static void init_library(void)
{
    curl_global_init(CURL_GLOBAL_DEFAULT);
}

static bool copy_texts(struct etcd *e, const struct etcd_config *config)
{
    bool all = true;
    for (e->endpoints = 0; e->endpoints < config->endpoints; e->endpoints++) {
        e->endpoint[e->endpoints] = strdup(config->endpoint[e->endpoints]);
        all &= e->endpoint[e->endpoints] != NULL;
    }
    e->ca = strdup(config->ca);
    e->cert = strdup(config->cert);
    e->key = strdup(config->key);
    return all && e->ca != NULL && e->cert != NULL && e->key != NULL;
}

/* No redirection, no proxy, no signal, no more than the two protocols; the server's certificate is checked. */
static void set_up(struct etcd *e)
{
    CURL *curl = e->curl;
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(curl, CURLOPT_PROXY, "");
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, e->headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, e);
    curl_easy_setopt(curl, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(curl, CURLOPT_XFERINFOFUNCTION, go_on);
    curl_easy_setopt(curl, CURLOPT_XFERINFODATA, e);
    curl_easy_setopt(curl, CURLOPT_TCP_KEEPALIVE, 1L);
    curl_easy_setopt(curl, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
    curl_easy_setopt(curl, CURLOPT_CAINFO, e->ca);
    curl_easy_setopt(curl, CURLOPT_SSLCERT, e->cert);
    curl_easy_setopt(curl, CURLOPT_SSLKEY, e->key);
}

enum dr_code etcd_create(void **store, const struct etcd_config *config, struct dr_error *err)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, init_library);
    struct etcd *e = calloc(1, sizeof *e);
    if (e == NULL)
        return dr_fail(err, DR_FULL, "no memory for the etcd voter");
    e->rule = config->rule;
    e->self = config->self;
    e->limit = config->limit;
    e->curl = curl_easy_init();
    e->headers = curl_slist_append(NULL, "Content-Type: application/json");
    if (!copy_texts(e, config) || e->curl == NULL || e->headers == NULL) {
        destroy(e);
        return dr_fail(err, DR_FULL, "no memory for the etcd voter");
    }
    set_up(e);
    *store = e;
    return DR_OK;
}
