/* SPDX-License-Identifier: Apache-2.0 */
#include "console/auth/auth_routes.h"

#include "console/auth/account.h"
#include "console/auth/password.h"
#include "console/auth/random.h"
#include "console/auth/session.h"
#include "console/console.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <string.h>

#define SENT_SIZE 1024 /* base64 of RSA 3072 has 512 */

/* Compact on purpose: a table is read down its columns. */
/* clang-format off */
struct login {
    char username[REQUEST_USER_SIZE];
    char pwd[SENT_SIZE];
};
static const struct model_field login_fields[] = {
    {.name = "username", .kind = MODEL_TEXT, MODEL_AT(struct login, username), .required = true,
     .doc = "Name of the user.", .doc_zh = "用户名。"},
    {.name = "pwd", .kind = MODEL_TEXT, MODEL_AT(struct login, pwd), .required = true,
     .doc = "Password: base64 of RSA under the public key of /sys/public_settings, or clear text.",
     .doc_zh = "密码：用 /sys/public_settings 的公钥做 RSA 加密后的 base64，或明文。"},
};
static const struct model_object login_model = {
    .name = "login", MODEL_FIELDS(login_fields), .size = sizeof(struct login),
    .doc = "Logging in.", .doc_zh = "登录。"};

struct refresh {
    char refresh_token[SESSION_LONG_SIZE * 2];
};
static const struct model_field refresh_fields[] = {
    {.name = "refresh_token", .kind = MODEL_TEXT, MODEL_AT(struct refresh, refresh_token), .required = true,
     .doc = "As it was given when logging in.", .doc_zh = "登录时返回的刷新令牌。"},
};
static const struct model_object refresh_model = {
    .name = "refresh", MODEL_FIELDS(refresh_fields), .size = sizeof(struct refresh),
    .doc = "A session that goes on.", .doc_zh = "续期会话。"};

struct verification {
    char uuid[SESSION_TOKEN_SIZE];
};
static const struct model_field verification_fields[] = {
    {.name = "uuid", .kind = MODEL_TEXT, MODEL_AT(struct verification, uuid),
     .doc = "As /auth/generate gave it.", .doc_zh = "/auth/generate 返回的编号。"},
};
static const struct model_object verification_model = {
    .name = "verification", MODEL_FIELDS(verification_fields), .size = sizeof(struct verification),
    .doc = "A code to be sent.", .doc_zh = "请求发送验证码。"};
/* clang-format on */

static void put_tokens(struct answer *answer, const struct session_tokens *tokens)
{
    answer_put_text(answer, "token", tokens->token);
    answer_put_text(answer, "sso_token", tokens->sso_token);
    answer_put_text(answer, "refresh_token", tokens->refresh_token);
}

static void login(const struct call *call)
{
    const struct login *in = call->in;
    struct session_tokens tokens;
    struct request_user user;
    struct dr_error err;
    char password[PASSWORD_MAX];
    long long now_s = call->console->now_s();
    enum dr_code code = DR_REFUSED;
    if (cipher_open(call->console->cipher, password, sizeof password, in->pwd))
        code = account_check(call->store, &user, in->username, password, now_s, &err);
    OPENSSL_cleanse(password, sizeof password);
    if (code == DR_OK)
        code = session_create(call->store, &tokens, &user, now_s, &err);
    if (code == DR_OK)
        put_tokens(call->answer, &tokens);
    else if (code == DR_REFUSED)
        answer_fail(call->answer, CODE_CREDENTIALS, "%s", "");
    else if (code == DR_BUSY)
        answer_fail(call->answer, CODE_LOCKED, "(%s)", err.text);
    else
        answer_fail(call->answer, CODE_STORE, "%s", err.text);
}

/* DR_OK, or answered: a token that nobody has is `missing`, everything else is the data base's. */
static enum dr_code judge(const struct call *call, enum dr_code code, enum code missing, const struct dr_error *err)
{
    if (code == DR_NOT_FOUND)
        answer_fail(call->answer, missing, "%s", "");
    else if (code != DR_OK)
        answer_fail(call->answer, CODE_STORE, "%s", err->text);
    return code;
}

/* Any input is answered with 200 and data: an existing client looks for the code there before it logs in. */
static void who(const struct call *call)
{
    struct request_user user;
    struct dr_error err;
    char room[32];
    const char *token = request_text(call->request, "access_token", room);
    enum dr_code code = session_find_sso(call->store, &user, token, call->console->now_s(), &err);
    if (judge(call, code, CODE_ACCESS_TOKEN, &err) == DR_OK)
        answer_put_text(call->answer, "username", user.name);
}

static void refresh(const struct call *call)
{
    const struct refresh *in = call->in;
    struct session_tokens tokens;
    struct request_user user;
    struct dr_error err;
    long long now_s = call->console->now_s();
    enum dr_code code = session_find_refresh(call->store, &user, in->refresh_token, now_s, &err);
    if (code == DR_OK)
        code = session_renew(call->store, &tokens, &user, now_s, &err);
    if (judge(call, code, CODE_REFRESH_TOKEN, &err) != DR_OK)
        return;
    snprintf(tokens.refresh_token, sizeof tokens.refresh_token, "%s", in->refresh_token);
    put_tokens(call->answer, &tokens);
}

static void heartbeat(const struct call *call)
{
    const struct refresh *in = call->in;
    struct request_user user;
    struct dr_error err;
    enum dr_code code = session_find_refresh(call->store, &user, in->refresh_token, call->console->now_s(), &err);
    judge(call, code, CODE_REFRESH_TOKEN, &err);
}

static void logout(const struct call *call)
{
    struct dr_error err;
    judge(call, session_close(call->store, &call->request->user, &err), CODE_STORE, &err);
}

#define STAMP_SIZE 40
static void stamp(char text[STAMP_SIZE], long long now_s)
{
    char tail[9] = "";
    if (!random_hex(tail, sizeof tail))
        tail[0] = '\0';
    for (char *at = tail; *at != '\0'; at++)
        *at = (char)('0' + *at % 10);
    snprintf(text, STAMP_SIZE, "%010lld%s", now_s, tail);
}

static void tell_time(const struct call *call)
{
    char text[STAMP_SIZE];
    stamp(text, call->console->now_s());
    answer_put_text(call->answer, "t", text);
}

static void generate(const struct call *call)
{
    char text[STAMP_SIZE], uuid[SESSION_TOKEN_SIZE];
    stamp(text, call->console->now_s());
    if (random_hex(uuid, sizeof uuid))
        answer_put(call->answer, "content", json_pack("{s:s, s:s}", "uuid", uuid, "t", text));
    else
        answer_fail(call->answer, CODE_FAILED, "the system has no random numbers");
}

/* No mail or text message is sent to log in, so no number was ever given out that could be right. */
static void verification(const struct call *call)
{
    answer_fail(call->answer, CODE_VERIFICATION, "%s", "");
}

static void captcha(const struct call *call)
{
    answer_put_number(call->answer, "need_captcha", 0);
}

static void unsupported(const struct call *call)
{
    answer_fail(call->answer, CODE_UNSUPPORTED, "%s", "");
}

/* clang-format off */
static const struct route routes[] = {
    {"POST", "/auth/token", ROUTE_OPEN, login, &login_model, "Logs in.", ROUTE_AUDITED},
    {"GET", "/auth/token", ROUTE_OPEN, who, NULL, "Tells whose sign-on token this is.", ROUTE_READS},
    {"PUT", "/auth/refresh_token", ROUTE_OPEN, refresh, &refresh_model, "Gives a session a new token.", ROUTE_READS},
    {"PUT", "/auth/heartbeat", ROUTE_OPEN, heartbeat, &refresh_model, "Tells whether a session still stands.", ROUTE_READS},
    {"GET", "/auth/t", ROUTE_OPEN, tell_time, NULL, "The console's time, made unique.", ROUTE_READS},
    {"POST", "/auth/generate", ROUTE_OPEN, generate, NULL, "A number for a verification code.", ROUTE_READS},
    {"POST", "/auth/verification_code", ROUTE_OPEN, verification, &verification_model, "Sends a verification code.", ROUTE_READS},
    {"GET", "/auth/check_captcha", ROUTE_OPEN, captcha, NULL, "Tells whether logging in needs a picture's text.", ROUTE_READS},
    {"POST", "/auth/register", ROUTE_OPEN, unsupported, NULL, "Not supported: users are made by an administrator.", ROUTE_READS},
    {"POST", "/auth/reset_password", ROUTE_OPEN, unsupported, NULL, "Not supported: an administrator sets it anew.", ROUTE_READS},
    {"POST", "/auth/reset/password", ROUTE_OPEN, unsupported, NULL, "Not supported: an administrator sets it anew.", ROUTE_READS},
    {"POST", "/auth/getPhoneCode", ROUTE_OPEN, unsupported, NULL, "Not supported: no text messages are sent.", ROUTE_READS},
    {"POST", "/user/logout", ROUTE_ANYONE, logout, NULL, "Ends the session.", ROUTE_CHANGES},
};
/* clang-format on */
const struct route_area auth_routes = ROUTE_AREA("auth", routes);
