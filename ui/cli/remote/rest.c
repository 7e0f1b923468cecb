/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/cli/remote/rest.h"

#include "net/request_sign.h"

#include <curl/curl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <time.h>

#define CONNECT_S       10L
#define ANSWER_S        120L
#define ANSWER_MAX      (64u << 20)
#define CODE_PERMISSION 1010001142
#define STATUS_REFUSED  403
#define STATUS_OK       200
#define RANDOM_SIZE     17
#define HEADER_SIZE     (SESSION_TEXT_SIZE + 64)
#define URL_SIZE        8192

/* What came so far. */
struct body {
    char *text;
    size_t size;
};

/* One exchange with the console. */
struct exchange {
    CURL *curl;
    struct curl_slist *headers;
    struct body body;
    char *sent, url[URL_SIZE], why[CURL_ERROR_SIZE];
    long status;
};

static size_t collect(char *bytes, size_t size, size_t count, void *baton)
{
    struct body *body = baton;
    size_t more = size * count;
    char *text = body->size + more <= ANSWER_MAX ? realloc(body->text, body->size + more + 1) : NULL;
    if (text == NULL)
        return 0;
    memcpy(text + body->size, bytes, more);
    body->text = text;
    body->size += more;
    text[body->size] = '\0';
    return more;
}

static void random_text(char text[RANDOM_SIZE])
{
    unsigned char bytes[(RANDOM_SIZE - 1) / 2];
    if (getrandom(bytes, sizeof bytes, 0) != (ssize_t)sizeof bytes) /* then the clock has to do: it is no secret */
        memset(bytes, (int)time(NULL), sizeof bytes);
    for (size_t i = 0; i < sizeof bytes; i++)
        snprintf(text + 2 * i, 3, "%02x", bytes[i]);
}

static void add_header(struct exchange *x, const char *name, const char *value)
{
    char line[HEADER_SIZE];
    snprintf(line, sizeof line, "%s: %s", name, value);
    x->headers = curl_slist_append(x->headers, line);
}

static void sign(struct exchange *x, const struct session *session, const char *method, const char *path,
                 const char *rand)
{
    char hex[SIGN_HEX_SIZE], stamp[24], nonce[RANDOM_SIZE];
    random_text(nonce);
    snprintf(stamp, sizeof stamp, "%lld", (long long)time(NULL));
    const struct sign_request what = {method, path, rand, stamp, nonce};
    add_header(x, "Content-Type", "application/json");
    add_header(x, "timestamp", stamp);
    add_header(x, "nonce", nonce);
    if (session->token[0] == '\0' || !sign_make(hex, session->token, &what))
        return;
    add_header(x, "Authorization", session->token);
    add_header(x, "Signature", hex);
}

static void add_pair(struct exchange *x, const char *name, const char *mark, const json_t *value)
{
    char number[24];
    const char *text = json_string_value(value);
    snprintf(number, sizeof number, "%lld", (long long)json_integer_value(value));
    char *escaped = curl_easy_escape(x->curl, text != NULL ? text : number, 0);
    size_t used = strlen(x->url);
    snprintf(x->url + used, sizeof x->url - used, "%s%s%s=%s", strchr(x->url, '?') != NULL ? "&" : "?", name, mark,
             escaped != NULL ? escaped : "");
    curl_free(escaped);
}

static void add_query(struct exchange *x, const json_t *parameters)
{
    const char *name;
    json_t *value, *element;
    size_t i;
    json_object_foreach((json_t *)parameters, name, value)
    {
        if (!json_is_array(value)) {
            add_pair(x, name, "", value);
            continue;
        }
        json_array_foreach(value, i, element)
        {
            add_pair(x, name, "[]", element);
        }
    }
}

static void set_up(struct exchange *x, const struct session *session, const char *method, const json_t *parameters)
{
    CURL *curl = x->curl;
    if (strcmp(method, "GET") == 0)
        add_query(x, parameters);
    else if ((x->sent = json_dumps(parameters, JSON_COMPACT)) != NULL)
        curl_easy_setopt(curl, CURLOPT_POSTFIELDS, x->sent);
    curl_easy_setopt(curl, CURLOPT_URL, x->url);
    curl_easy_setopt(curl, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(curl, CURLOPT_HTTPHEADER, x->headers);
    curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, collect);
    curl_easy_setopt(curl, CURLOPT_WRITEDATA, &x->body);
    curl_easy_setopt(curl, CURLOPT_ERRORBUFFER, x->why);
    curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(curl, CURLOPT_CONNECTTIMEOUT, CONNECT_S);
    curl_easy_setopt(curl, CURLOPT_TIMEOUT, ANSWER_S);
    curl_easy_setopt(curl, CURLOPT_PROTOCOLS_STR, "https,http");
    if (session->insecure) {
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYPEER, 0L);
        curl_easy_setopt(curl, CURLOPT_SSL_VERIFYHOST, 0L);
    } else if (session->ca[0] != '\0') {
        curl_easy_setopt(curl, CURLOPT_CAINFO, session->ca);
    }
}

/* The envelope, or NULL and why. */
static json_t *exchange(const struct session *session, const char *method, const char *path, json_t *parameters,
                        struct dr_error *err)
{
    struct exchange x = {.curl = curl_easy_init()};
    char rand[RANDOM_SIZE], whole[URL_SIZE / 2];
    if (x.curl == NULL)
        return dr_fail(err, DR_FULL, "no memory for a connection"), NULL;
    random_text(rand);
    json_object_set_new(parameters, "_", json_string(rand));
    snprintf(whole, sizeof whole, "/api%s", path);
    snprintf(x.url, sizeof x.url, "%s%s", session->url, whole);
    sign(&x, session, method, whole, rand);
    set_up(&x, session, method, parameters);
    CURLcode status = curl_easy_perform(x.curl);
    json_t *envelope = status == CURLE_OK ? json_loads(x.body.text != NULL ? x.body.text : "", 0, NULL) : NULL;
    if (status == CURLE_PEER_FAILED_VERIFICATION)
        dr_fail(err, DR_REFUSED, "%s: its certificate is not trusted (%s): log in with --ca FILE", session->url, x.why);
    else if (status != CURLE_OK)
        dr_fail(err, DR_CLOSED, "no console answers at %s: %s", session->url,
                x.why[0] != '\0' ? x.why : curl_easy_strerror(status));
    else if (envelope == NULL)
        dr_fail(err, DR_PROTOCOL, "%s does not answer as a console does", session->url);
    curl_slist_free_all(x.headers);
    curl_easy_cleanup(x.curl);
    free(x.body.text);
    free(x.sent);
    return envelope;
}

static enum dr_code judge(json_t **data, json_t *envelope, struct dr_error *err)
{
    json_t *inner = json_object_get(envelope, "data");
    json_int_t ret = json_integer_value(json_object_get(envelope, "ret"));
    json_int_t code = json_integer_value(json_object_get(inner, "code"));
    const char *message = json_string_value(json_object_get(inner, "message"));
    const char *msg = json_string_value(json_object_get(envelope, "msg"));
    if (ret == STATUS_REFUSED)
        return dr_fail(err, DR_REFUSED, "not logged in: %s", msg != NULL ? msg : "");
    if (ret != STATUS_OK)
        return dr_fail(err, DR_INVALID, "the console has no such call: %s", msg != NULL ? msg : "");
    if (code != 0)
        return dr_fail(err, code == CODE_PERMISSION ? DR_REFUSED : DR_INVALID, "%s", message != NULL ? message : "");
    *data = json_incref(inner);
    return DR_OK;
}

static enum dr_code call_once(json_t **data, const struct session *session, const char *method, const char *path,
                              json_t *parameters, bool *ran_out, struct dr_error *err)
{
    *data = NULL;
    *ran_out = false;
    json_t *envelope = exchange(session, method, path, parameters, err);
    if (envelope == NULL)
        return err->code;
    *ran_out = json_integer_value(json_object_get(envelope, "ret")) == STATUS_REFUSED;
    enum dr_code code = judge(data, envelope, err);
    json_decref(envelope);
    return code;
}

static bool renew(struct session *session)
{
    struct session without = *session;
    struct dr_error err;
    json_t *data, *parameters = json_pack("{s:s}", "refresh_token", session->refresh_token);
    bool ran_out;
    without.token[0] = '\0';
    enum dr_code code = call_once(&data, &without, "PUT", "/auth/refresh_token", parameters, &ran_out, &err);
    const char *token = json_string_value(json_object_get(data, "token"));
    bool renewed = code == DR_OK && token != NULL;
    if (renewed)
        snprintf(session->token, sizeof session->token, "%s", token);
    json_decref(data);
    json_decref(parameters);
    return renewed;
}

enum dr_code rest_call(json_t **data, struct session *session, const char *method, const char *path, json_t *parameters,
                       struct dr_error *err)
{
    bool ran_out;
    enum dr_code code = call_once(data, session, method, path, parameters, &ran_out, err);
    if (!ran_out || session->refresh_token[0] == '\0' || !renew(session))
        return code;
    if (session_save(session, err) != DR_OK)
        return err->code;
    return call_once(data, session, method, path, parameters, &ran_out, err);
}
