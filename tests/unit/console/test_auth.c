/* SPDX-License-Identifier: Apache-2.0
 * Logging in, through the table of routes, on a data base of the test's own. */
#include "console/auth/access_key.h"
#include "console/auth/account.h"
#include "console/auth/permission.h"
#include "console/auth/session.h"
#include "console/console.h"
#include "console/http/sign.h"
#include "console/keeper.h"
#include "console/route.h"
#include "tests/unit/console/data_base.h"
#include "tests/unit/unit.h"

#include <apr_general.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/rsa.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define BEGIN_S 1800000000LL

static struct console console;
static struct store *store;
static struct answer answer;
static struct request request;
static long long now_s;
static char folder[] = "/tmp/drnode-auth-XXXXXX", key_file[64];

static long long test_now_s(void)
{
    return now_s;
}

static void begin(void)
{
    struct dr_error err;
    now_s = BEGIN_S;
    console = (struct console){.cipher = console.cipher, .master = "0f", .now_s = test_now_s};
    store = data_base_make(&console.place);
    CU_ASSERT_EQUAL_FATAL(account_make_first(store, now_s, &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(account_make_first(store, now_s, &err), DR_OK); /* again changes nothing */
}

static void end(void)
{
    answer_end(&answer);
    answer = (struct answer){0};
    store_close(store);
}

/* Makes a call; `token` may be NULL. */
static void call(const char *method, const char *path, const char *parameters, const char *token)
{
    answer_end(&answer);
    answer_begin(&answer);
    request = (struct request){0};
    snprintf(request.method, sizeof request.method, "%s", method);
    snprintf(request.path, sizeof request.path, "%s", path);
    snprintf(request.sent_path, sizeof request.sent_path, "/api%s", path);
    request.parameters = json_loads(parameters, 0, NULL);
    request.has_rand = json_object_get(request.parameters, "_") != NULL;
    request.header.authorization = token != NULL ? strdup(token) : NULL;
    if (console.check_signatures && request.has_rand) {
        struct sign_request what = {method, request.sent_path, "1f", "5", "6"};
        request.header.timestamp = strdup("5");
        request.header.nonce = strdup("6");
        request.header.signature = calloc(1, SIGN_HEX_SIZE);
        CU_ASSERT_TRUE(sign_make(request.header.signature, token, &what));
    }
    route_call(&console, store, &request, &answer);
    request_end(&request);
}

static const char *value(const char *key)
{
    const char *text = json_string_value(json_object_get(answer.data, key));
    return text != NULL ? text : "";
}

static void log_in(char token[SESSION_LONG_SIZE], char refresh[SESSION_LONG_SIZE])
{
    call("POST", "/auth/token", "{\"username\":\"admin\",\"pwd\":\"Info1234\"}", NULL);
    CU_ASSERT_EQUAL_FATAL(answer.code, CODE_OK);
    snprintf(token, SESSION_LONG_SIZE, "%s", value("token"));
    snprintf(refresh, SESSION_LONG_SIZE, "%s", value("refresh_token"));
}

static void tokens_open_what_is_closed(void)
{
    char token[SESSION_LONG_SIZE], refresh[SESSION_LONG_SIZE];
    begin();
    call("GET", "/version", "{}", NULL);
    CU_ASSERT_EQUAL(answer.status, 403);
    log_in(token, refresh);
    CU_ASSERT_EQUAL(strlen(token), 40);
    CU_ASSERT_EQUAL(strlen(refresh), 160);
    call("GET", "/version", "{}", token);
    CU_ASSERT_EQUAL(answer.status, 200);
    CU_ASSERT_STRING_EQUAL(value("version"), CONSOLE_VERSION);
    now_s += SESSION_TOKEN_S;
    call("GET", "/version", "{}", token);
    CU_ASSERT_EQUAL(answer.status, 403);
    end();
}

static void a_session_goes_on_with_its_refresh_token(void)
{
    char token[SESSION_LONG_SIZE], refresh[SESSION_LONG_SIZE], body[256];
    begin();
    log_in(token, refresh);
    snprintf(body, sizeof body, "{\"refresh_token\":\"%s\"}", refresh);
    now_s += SESSION_TOKEN_S;
    for (int i = 0; i < 2; i++) { /* the same one again: an existing client does so */
        call("PUT", "/auth/refresh_token", body, NULL);
        CU_ASSERT_EQUAL(answer.code, CODE_OK);
        CU_ASSERT_STRING_NOT_EQUAL(value("token"), token);
        CU_ASSERT_STRING_EQUAL(value("refresh_token"), refresh);
        snprintf(token, sizeof token, "%s", value("token"));
    }
    call("PUT", "/auth/heartbeat", body, NULL);
    CU_ASSERT_EQUAL(answer.code, CODE_OK);
    call("POST", "/user/logout", "{}", token);
    CU_ASSERT_EQUAL(answer.code, CODE_OK);
    call("PUT", "/auth/refresh_token", body, NULL);
    CU_ASSERT_EQUAL(answer.code, CODE_REFRESH_TOKEN);
    call("PUT", "/auth/heartbeat", "{\"refresh_token\":\"none\"}", NULL);
    CU_ASSERT_EQUAL(answer.code, CODE_REFRESH_TOKEN);
    end();
}

static void the_sign_on_token_says_whose_it_is(void)
{
    char body[256];
    begin();
    call("POST", "/auth/token", "{\"username\":\"admin\",\"pwd\":\"Info1234\"}", NULL);
    snprintf(body, sizeof body, "{\"access_token\":\"%s\"}", value("sso_token"));
    call("GET", "/auth/token", body, NULL);
    CU_ASSERT_EQUAL(answer.code, CODE_OK);
    CU_ASSERT_STRING_EQUAL(value("username"), "admin");
    call("GET", "/auth/token", "{\"access_token\":[]}", NULL);
    CU_ASSERT_EQUAL(answer.status, 200);
    CU_ASSERT_EQUAL(answer.code, CODE_ACCESS_TOKEN);
    end();
}

static void failures_lock_the_account_for_a_while(void)
{
    char token[SESSION_LONG_SIZE], refresh[SESSION_LONG_SIZE];
    begin();
    for (int i = 0; i < ACCOUNT_FAILURES_MAX; i++) {
        call("POST", "/auth/token", "{\"username\":\"admin\",\"pwd\":\"guess\"}", NULL);
        CU_ASSERT_EQUAL(answer.status, 200);
        CU_ASSERT_EQUAL(answer.code, CODE_CREDENTIALS);
    }
    call("POST", "/auth/token", "{\"username\":\"admin\",\"pwd\":\"Info1234\"}", NULL);
    CU_ASSERT_EQUAL(answer.code, CODE_LOCKED);
    now_s += ACCOUNT_LOCK_S;
    log_in(token, refresh);
    call("POST", "/auth/token", "{\"username\":\"nobody' OR 1=1 --\",\"pwd\":\"x\"}", NULL);
    CU_ASSERT_EQUAL(answer.code, CODE_CREDENTIALS);
    end();
}

static void a_signature_must_fit(void)
{
    char token[SESSION_LONG_SIZE], refresh[SESSION_LONG_SIZE];
    begin();
    log_in(token, refresh);
    console.check_signatures = true;
    call("GET", "/version", "{\"_\":\"1f\"}", token);
    CU_ASSERT_EQUAL(answer.status, 200);
    call("GET", "/version", "{\"_\":\"20\"}", token);
    CU_ASSERT_EQUAL(answer.status, 403);
    call("GET", "/version", "{}", token); /* what an existing client sends: its signature cannot be checked */
    CU_ASSERT_EQUAL(answer.status, 200);
    call("POST", "/user/logout", "{}", token);
    CU_ASSERT_EQUAL(answer.status, 403);
    end();
}

static void make_user(const char *token, const char *name, int role)
{
    char body[256];
    snprintf(body, sizeof body, "{\"username\":\"%s\",\"password\":\"password1\",\"roles\":[\"%d\"],\"active\":\"1\"}",
             name, role);
    call("POST", "/user", body, token);
}

static void log_in_as(const char *name, char token[SESSION_LONG_SIZE])
{
    char body[256];
    snprintf(body, sizeof body, "{\"username\":\"%s\",\"pwd\":\"password1\"}", name);
    call("POST", "/auth/token", body, NULL);
    snprintf(token, SESSION_LONG_SIZE, "%s", value("token"));
}

static void users_are_made_changed_and_deleted(void)
{
    char token[SESSION_LONG_SIZE], refresh[SESSION_LONG_SIZE], other[SESSION_LONG_SIZE];
    begin();
    log_in(token, refresh);
    make_user(token, "op", 5);
    CU_ASSERT_EQUAL(answer.code, CODE_OK);
    make_user(token, "op", 5);
    CU_ASSERT_EQUAL(answer.code, CODE_NAME_TAKEN);
    call("POST", "/user", "{\"username\":\"x\",\"password\":\"short\",\"roles\":[5]}", token);
    CU_ASSERT_EQUAL(answer.code, CODE_PARAMETER);
    call("POST", "/user", "{}", token);
    CU_ASSERT_STRING_EQUAL(answer.detail, " Lost: username;\nLost: password;\nLost: roles;\n");
    call("GET", "/user", "{}", token);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(answer.data, "total")), 2);
    CU_ASSERT_EQUAL(json_array_size(json_object_get(answer.data, "users")), 2);
    log_in_as("op", other);
    CU_ASSERT_EQUAL(answer.code, CODE_OK);
    call("PUT", "/user/2", "{\"active\":\"0\",\"comment\":\"away\"}", token);
    CU_ASSERT_EQUAL(answer.code, CODE_OK);
    call("GET", "/user/profile", "{}", other); /* his session has ended with it */
    CU_ASSERT_EQUAL(answer.status, 403);
    call("GET", "/user/2", "{}", token);
    CU_ASSERT_STRING_EQUAL(value("comment"), "away");
    call("PUT", "/user/2", "{\"password\":\"password2\"}", token); /* a new password lets nobody in again */
    CU_ASSERT_EQUAL(answer.code, CODE_OK);
    call("GET", "/user/2", "{}", token);
    CU_ASSERT_TRUE(json_is_integer(json_object_get(answer.data, "active")));
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(answer.data, "active")), 0);
    CU_ASSERT_STRING_EQUAL(value("username"), "op");
    call("DELETE", "/user", "{\"ids\":[\"2\"]}", token);
    CU_ASSERT_EQUAL(answer.code, CODE_OK);
    call("GET", "/user/2", "{}", token);
    CU_ASSERT_EQUAL(answer.code, CODE_NO_USER);
    end();
}

/* What fails half-way is taken back whole. */
static void an_administrator_is_always_left(void)
{
    char token[SESSION_LONG_SIZE], refresh[SESSION_LONG_SIZE];
    begin();
    log_in(token, refresh);
    call("PUT", "/user/1", "{\"active\":0}", token);
    CU_ASSERT_EQUAL(answer.code, CODE_PARAMETER);
    call("PUT", "/user/1", "{\"roles\":[4]}", token);
    CU_ASSERT_EQUAL(answer.code, CODE_PARAMETER);
    call("DELETE", "/user", "{\"ids\":[1]}", token);
    CU_ASSERT_EQUAL(answer.code, CODE_FAILED);
    call("GET", "/user/profile", "{}", token);
    CU_ASSERT_EQUAL(answer.code, CODE_OK);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(json_object_get(answer.data, "profile"), "active")), 1);
    end();
}

static void roles_open_and_close(void)
{
    char token[SESSION_LONG_SIZE], refresh[SESSION_LONG_SIZE], other[SESSION_LONG_SIZE];
    begin();
    log_in(token, refresh);
    make_user(token, "watch", 4);
    log_in_as("watch", other);
    call("GET", "/op_log", "{}", other);
    CU_ASSERT_EQUAL(answer.code, CODE_OK);
    call("GET", "/user", "{}", other);
    CU_ASSERT_EQUAL(answer.code, CODE_PERMISSION);
    call("PUT", "/user/profile", "{\"roles\":[3],\"comment\":\"me\"}", other);
    CU_ASSERT_EQUAL(answer.code, CODE_OK);
    call("GET", "/user", "{}", other); /* still an auditor */
    CU_ASSERT_EQUAL(answer.code, CODE_PERMISSION);
    end();
}

/* A system administrator makes users, but none above himself, and does not become one by another's password. */
static void nobody_gives_more_than_he_has(void)
{
    char token[SESSION_LONG_SIZE], refresh[SESSION_LONG_SIZE], other[SESSION_LONG_SIZE];
    static const struct {
        const char *role, *other;
        bool covers;
    } pair[] = {{"admin", "tenant_admin", true}, {"sysadmin", "sysadmin", true},  {"sysadmin", "auditor", true},
                {"sysadmin", "admin", false},    {"sysadmin", "operator", false}, {"auditor", "sysadmin", false},
                {"operator", "auditor", false},  {"nobody", "auditor", false},    {"admin", "nobody", false}};
    for (size_t i = 0; i < sizeof pair / sizeof *pair; i++)
        CU_ASSERT_EQUAL(role_covers(pair[i].role, pair[i].other), pair[i].covers);
    begin();
    log_in(token, refresh);
    make_user(token, "sys", 2);
    make_user(token, "watch", 4);
    log_in_as("sys", other);
    for (int role = 1; role <= 5; role++) {
        make_user(other, (const char *[]){"a", "b", "c", "d", "e"}[role - 1], role);
        CU_ASSERT_EQUAL(answer.code, role == 2 || role == 4 ? CODE_OK : CODE_PERMISSION);
    }
    static const char *const refused[] = {"/user/1", "{\"password\":\"password1\"}",
                                          "/user/1", "{\"comment\":\"x\"}",
                                          "/user/3", "{\"roles\":[3]}",
                                          "/user/2", "{\"roles\":[1]}"};
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i += 2) {
        call("PUT", refused[i], refused[i + 1], other);
        CU_ASSERT_EQUAL(answer.code, CODE_PERMISSION);
    }
    call("DELETE", "/user", "{\"ids\":[1]}", other);
    CU_ASSERT_EQUAL(answer.code, CODE_PERMISSION);
    call("PUT", "/user/3", "{\"comment\":\"x\"}", other);
    CU_ASSERT_EQUAL(answer.code, CODE_OK);
    end();
}

static void every_change_is_in_the_log(void)
{
    char token[SESSION_LONG_SIZE], refresh[SESSION_LONG_SIZE];
    begin();
    log_in(token, refresh);
    make_user(token, "a", 5);
    make_user(token, "a", 5);
    call("GET", "/op_log", "{\"limit\":\"2\"}", token);
    const json_t *logs = json_object_get(answer.data, "logs");
    CU_ASSERT_EQUAL(json_array_size(logs), 2);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(answer.data, "total")), 3);
    const json_t *failed = json_array_get(logs, 0), *made = json_array_get(logs, 1);
    CU_ASSERT_STRING_EQUAL(json_string_value(json_object_get(failed, "user_name")), "admin");
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(failed, "result")), code_number(CODE_NAME_TAKEN));
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(made, "result")), 0);
    call("POST", "/auth/token", /* who is not known yet may call himself what he likes, and fills no disk */
         "{\"pwd\":\"x\",\"username\":\"0123456789012345678901234567890123456789012345678901234567890\u8d85\u8d85\"}",
         NULL);
    call("GET", "/op_log", "{\"limit\":\"1\"}", token);
    const char *who =
        json_string_value(json_object_get(json_array_get(json_object_get(answer.data, "logs"), 0), "user_name"));
    CU_ASSERT_PTR_NOT_NULL_FATAL(who);
    CU_ASSERT_EQUAL(strlen(who), 64);
    end();
}

static void own_passwords_are_changed_with_the_old_one(void)
{
    char endless[512], body[640];
    char token[SESSION_LONG_SIZE], refresh[SESSION_LONG_SIZE];
    begin();
    log_in(token, refresh);
    call("POST", "/user/password", "{\"old_password\":\"guess\",\"password\":\"password1\"}", token);
    CU_ASSERT_EQUAL(answer.code, CODE_CREDENTIALS);
    memset(endless, 'a', sizeof endless - 1);
    endless[sizeof endless - 1] = '\0';
    snprintf(body, sizeof body, "{\"old_password\":\"%s\",\"password\":\"password1\"}", endless);
    call("POST", "/user/password", body, token); /* neither of these says that it was done */
    CU_ASSERT_EQUAL(answer.code, CODE_PARAMETER);
    call("POST", "/user/password", "{\"old_password\":\"Info1234\",\"password\":\"\"}", token);
    CU_ASSERT_EQUAL(answer.code, CODE_PARAMETER);
    call("POST", "/user/password", "{\"old_password\":\"Info1234\",\"password\":\"password1\"}", token);
    CU_ASSERT_EQUAL(answer.code, CODE_OK);
    call("GET", "/version", "{}", token);
    CU_ASSERT_EQUAL(answer.status, 403);
    log_in_as("admin", token);
    CU_ASSERT_EQUAL(answer.code, CODE_OK);
    end();
}

/* With a key: signed with its secret, always. */
static void call_with_key(const char *path, const char *key, const char *secret, const char *rand)
{
    answer_end(&answer);
    answer_begin(&answer);
    request = (struct request){.method = "GET"};
    snprintf(request.path, sizeof request.path, "%s", path);
    snprintf(request.sent_path, sizeof request.sent_path, "/api%s", path);
    request.parameters = json_pack("{s:s}", "_", rand);
    request.has_rand = true;
    request.header.access_key = strdup(key);
    request.header.signature = calloc(1, SIGN_HEX_SIZE);
    struct sign_request what = {"GET", request.sent_path, "1f", "", ""};
    CU_ASSERT_TRUE(sign_make(request.header.signature, secret, &what));
    route_call(&console, store, &request, &answer);
    request_end(&request);
}

static void access_keys_sign_instead_of_logging_in(void)
{
    char token[SESSION_LONG_SIZE], refresh[SESSION_LONG_SIZE], key[64], secret[64], body[128];
    begin();
    log_in(token, refresh);
    for (unsigned i = 0; i < ACCESS_KEYS_MAX; i++) {
        call("POST", "/ak", "{}", token);
        CU_ASSERT_EQUAL(answer.code, CODE_OK);
        snprintf(key, sizeof key, "%s", value("access_key"));
        snprintf(secret, sizeof secret, "%s", value("secret_key"));
    }
    CU_ASSERT_EQUAL(strlen(key), 32);
    CU_ASSERT_EQUAL(strlen(secret), 40);
    call("POST", "/ak", "{}", token);
    CU_ASSERT_EQUAL(answer.code, CODE_KEYS_FULL);
    call_with_key("/version", key, secret, "1f");
    CU_ASSERT_EQUAL(answer.status, 200);
    call_with_key("/version", key, "another", "1f");
    CU_ASSERT_EQUAL(answer.status, 403);
    call_with_key("/version", key, secret, "20");
    CU_ASSERT_EQUAL(answer.status, 403);
    snprintf(body, sizeof body, "{\"access_key\":\"%s\",\"status\":0}", key);
    call("PUT", "/ak", body, token);
    CU_ASSERT_EQUAL(answer.code, CODE_OK);
    call_with_key("/version", key, secret, "1f");
    CU_ASSERT_EQUAL(answer.status, 403);
    call("DELETE", "/ak", body, token);
    CU_ASSERT_EQUAL(answer.code, CODE_OK);
    call("DELETE", "/ak", body, token);
    CU_ASSERT_EQUAL(answer.code, CODE_NO_KEY);
    end();
}

static void encrypt(char sent[1024], const char *plain, int padding)
{
    unsigned char bytes[512];
    size_t size = sizeof bytes;
    BIO *pem = BIO_new_mem_buf(cipher_public_key(console.cipher), -1);
    EVP_PKEY *key = PEM_read_bio_PUBKEY(pem, NULL, NULL, NULL);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new(key, NULL);
    CU_ASSERT_EQUAL(EVP_PKEY_encrypt_init(context), 1);
    CU_ASSERT_EQUAL(EVP_PKEY_CTX_set_rsa_padding(context, padding), 1);
    CU_ASSERT_EQUAL(EVP_PKEY_encrypt(context, bytes, &size, (const unsigned char *)plain, strlen(plain)), 1);
    EVP_EncodeBlock((unsigned char *)sent, bytes, (int)size);
    EVP_PKEY_CTX_free(context);
    EVP_PKEY_free(key);
    BIO_free(pem);
}

static void passwords_come_encrypted_or_clear(void)
{
    char sent[1024], plain[64];
    const int padding[] = {RSA_PKCS1_OAEP_PADDING, RSA_PKCS1_PADDING};
    for (int i = 0; i < 2; i++) {
        encrypt(sent, "Info1234", padding[i]);
        CU_ASSERT_EQUAL(strlen(sent), 512);
        CU_ASSERT_TRUE(cipher_open(console.cipher, plain, sizeof plain, sent));
        CU_ASSERT_STRING_EQUAL(plain, "Info1234");
    }
    CU_ASSERT_TRUE(cipher_open(console.cipher, plain, sizeof plain, "Info1234"));
    CU_ASSERT_STRING_EQUAL(plain, "Info1234");
    CU_ASSERT_FALSE(cipher_open(console.cipher, plain, 8, "Info1234"));
}

static void what_is_no_call_says_so(void)
{
    begin();
    call("GET", "/nothing", "{}", NULL);
    CU_ASSERT_EQUAL(answer.status, 400);
    CU_ASSERT_STRING_EQUAL(answer.refusal, "Unknown method");
    call("DELETE", "/auth/token", "{}", NULL);
    CU_ASSERT_EQUAL(answer.status, 400);
    end();
}

/* Each call but the open ones is refused without a token: a new area cannot forget it. */
static void every_closed_call_asks_for_a_token(void)
{
    unsigned areas, closed = 0;
    const struct route_area *const *area = route_areas(&areas);
    char path[PATH_SIZE];
    begin();
    for (unsigned a = 0; a < areas; a++)
        for (unsigned i = 0; i < area[a]->routes; i++) {
            const struct route *route = &area[a]->route[i];
            if (strcmp(route->permission, ROUTE_OPEN) == 0)
                continue;
            snprintf(path, sizeof path, "%s", route->pattern);
            for (char *star; (star = strchr(path, '*')) != NULL;)
                *star = 'x';
            call(route->method, path, "{}", NULL);
            CU_ASSERT_EQUAL(answer.status, 403);
            closed++;
        }
    CU_ASSERT_TRUE(closed > 0);
    end();
}

/* Each role on each closed call: refused exactly where its table does not let it. */
static void each_role_may_what_its_table_says(void)
{
    unsigned areas, refused = 0, taken = 0;
    const struct route_area *const *area = route_areas(&areas);
    const struct role *role;
    struct dr_error err;
    begin();
    for (unsigned r = 0; (role = role_at(r)) != NULL; r++) {
        struct request_user user;
        char name[32];
        snprintf(name, sizeof name, "a-%s", role->name);
        struct account account = {.name = name,
                                  .password = "password1",
                                  .role = role->name,
                                  .email = "",
                                  .mobile = "",
                                  .comment = "",
                                  .active = "1"};
        CU_ASSERT_EQUAL_FATAL(account_add(store, &account, now_s, &err), DR_OK);
        CU_ASSERT_EQUAL_FATAL(account_check(store, &user, name, "password1", now_s, &err), DR_OK);
        for (unsigned a = 0; a < areas; a++)
            for (unsigned i = 0; i < area[a]->routes; i++) {
                const struct route *route = &area[a]->route[i];
                struct session_tokens tokens;
                char path[PATH_SIZE];
                if (strcmp(route->permission, ROUTE_OPEN) == 0)
                    continue;
                snprintf(path, sizeof path, "%s", route->pattern);
                for (char *star; (star = strchr(path, '*')) != NULL;)
                    *star = 'x';
                CU_ASSERT_EQUAL_FATAL(session_create(store, &tokens, &user, now_s, &err), DR_OK);
                call(route->method, path, "{}", tokens.token);
                bool may = role_may(role->name, route->permission);
                CU_ASSERT_EQUAL(answer.status, 200);
                CU_ASSERT_EQUAL(answer.code == CODE_PERMISSION, !may);
                *(may ? &taken : &refused) += 1;
            }
    }
    CU_ASSERT_TRUE(refused > 0 && taken > 0);
    end();
}

static void what_is_too_old_is_thrown_away(void)
{
    char token[SESSION_LONG_SIZE], refresh[SESSION_LONG_SIZE];
    struct store_rows rows;
    struct dr_error err;
    begin();
    log_in(token, refresh);
    now_s += 9 * 86400;
    CU_ASSERT_EQUAL(keeper_round(&console, store, 10, &err), DR_OK);
    log_in(token, refresh);
    call("GET", "/op_log", "{}", token);
    CU_ASSERT_EQUAL(json_integer_value(json_object_get(answer.data, "total")), 2);
    now_s += 2 * 86400;
    CU_ASSERT_EQUAL(keeper_round(&console, store, 10, &err), DR_OK);
    now_s += SESSION_REFRESH_S;
    CU_ASSERT_EQUAL_FATAL(store_select(store, &rows, "SELECT COUNT(*) FROM operation", NULL, 0, &err), DR_OK);
    CU_ASSERT_EQUAL(store_number(&rows, 0, 0), 1);
    store_rows_free(&rows);
    CU_ASSERT_EQUAL(keeper_round(&console, store, 10, &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(store_select(store, &rows, "SELECT COUNT(*) FROM session", NULL, 0, &err), DR_OK);
    CU_ASSERT_EQUAL(store_number(&rows, 0, 0), 0);
    store_rows_free(&rows);
    end();
}

static void a_newer_data_base_is_refused(void)
{
    struct dr_error err;
    struct store *later;
    char file[96];
    snprintf(file, sizeof file, "%s/later.db", folder);
    const struct store_place place = {.driver = "sqlite3", .where = file};
    CU_ASSERT_EQUAL_FATAL(store_open(&later, &place, &err), DR_OK);
    CU_ASSERT_EQUAL(store_run(later, NULL, "INSERT INTO migration (number) VALUES (999)", NULL, 0, &err), DR_OK);
    store_close(later);
    CU_ASSERT_EQUAL(store_open(&later, &place, &err), DR_REFUSED);
    unit_says(err.text, "999");
    unlink(file);
    char beside[2][112];
    snprintf(beside[0], sizeof beside[0], "%s-wal", file);
    snprintf(beside[1], sizeof beside[1], "%s-shm", file);
    unlink(beside[0]);
    unlink(beside[1]);
}

int main(void)
{
    CU_TestInfo cases[] = {{"tokens open what is closed", tokens_open_what_is_closed},
                           {"a session goes on with its refresh token", a_session_goes_on_with_its_refresh_token},
                           {"the sign-on token says whose it is", the_sign_on_token_says_whose_it_is},
                           {"failures lock the account for a while", failures_lock_the_account_for_a_while},
                           {"a signature must fit", a_signature_must_fit},
                           {"users are made, changed and deleted", users_are_made_changed_and_deleted},
                           {"an administrator is always left", an_administrator_is_always_left},
                           {"roles open and close", roles_open_and_close},
                           {"nobody gives more than he has", nobody_gives_more_than_he_has},
                           {"every change is in the log", every_change_is_in_the_log},
                           {"own passwords are changed with the old one", own_passwords_are_changed_with_the_old_one},
                           {"access keys sign instead of logging in", access_keys_sign_instead_of_logging_in},
                           {"passwords come encrypted or clear", passwords_come_encrypted_or_clear},
                           {"what is no call says so", what_is_no_call_says_so},
                           {"every closed call asks for a token", every_closed_call_asks_for_a_token},
                           {"each role may what its table says", each_role_may_what_its_table_says},
                           {"what is too old is thrown away", what_is_too_old_is_thrown_away},
                           {"a newer data base is refused", a_newer_data_base_is_refused},
                           CU_TEST_INFO_NULL};
    struct dr_error err;
    if (apr_initialize() != APR_SUCCESS || mkdtemp(folder) == NULL)
        return 1;
    snprintf(key_file, sizeof key_file, "%s/login.key", folder);
    if (cipher_create(&console.cipher, key_file, NULL, &err) != DR_OK) {
        fprintf(stderr, "%s\n", err.text);
        return 1;
    }
    int status = unit_run("auth", cases);
    cipher_destroy(console.cipher);
    unlink(key_file);
    rmdir(folder);
    return status;
}
