/* SPDX-License-Identifier: Apache-2.0 */
#include "console/users/user_routes.h"

#include "console/auth/account.h"
#include "console/auth/password.h"
#include "console/auth/permission.h"
#include "console/console.h"
#include "console/list.h"

#include <openssl/crypto.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SENT_SIZE    1024 /* base64 of RSA 3072 has 512 */
#define PASSWORD_MIN 8
#define DELETED_MAX  100

struct role_number {
    uint32_t id;
};
struct user {
    char username[ACCOUNT_NAME_SIZE], password[SENT_SIZE], email[ACCOUNT_EMAIL_SIZE], mobile[ACCOUNT_MOBILE_SIZE],
        comment[ACCOUNT_COMMENT_SIZE];
    bool active;
    struct role_number role[1];
    unsigned roles;
};
struct own_password {
    char old_password[SENT_SIZE], password[SENT_SIZE];
};
struct user_number {
    uint64_t id;
};
struct users {
    struct user_number id[DELETED_MAX];
    unsigned ids;
};

/* Compact on purpose: a table is read down its columns. */
/* clang-format off */
static const struct model_field role_number_fields[] = {
    {.name = "id", .kind = MODEL_NUMBER, MODEL_AT(struct role_number, id), .required = true, .min = 1, .max = 5,
     .doc = "Number of a role.", .doc_zh = "角色编号。"},
};
static const struct model_object role_number_model = {
    .name = "role", MODEL_FIELDS(role_number_fields), .size = sizeof(struct role_number),
    .doc = "A role.", .doc_zh = "角色。"};
static const struct model_field user_fields[] = {
    {.name = "username", .kind = MODEL_TEXT, MODEL_AT(struct user, username),
     .doc = "Name to log in with; it cannot be changed.", .doc_zh = "登录名，创建后不可修改。"},
    {.name = "password", .kind = MODEL_TEXT, MODEL_AT(struct user, password),
     .doc = "Encrypted as when logging in, or clear text; at least 8 characters.",
     .doc_zh = "与登录时相同的加密形式或明文；至少 8 个字符。"},
    {.name = "email", .kind = MODEL_TEXT, MODEL_AT(struct user, email), .doc = "Mail address.", .doc_zh = "邮箱。"},
    {.name = "mobile", .kind = MODEL_TEXT, MODEL_AT(struct user, mobile), .doc = "Telephone number.", .doc_zh = "手机号。"},
    {.name = "comment", .kind = MODEL_TEXT, MODEL_AT(struct user, comment), .doc = "A note.", .doc_zh = "备注。"},
    {.name = "active", .kind = MODEL_SWITCH, MODEL_AT(struct user, active), .standard = "on",
     .doc = "Whether the user may log in.", .doc_zh = "是否允许登录。"},
    {.name = "roles", .kind = MODEL_LIST, MODEL_AT(struct user, role), .element = &role_number_model, .max = 1,
     .count = offsetof(struct user, roles), .doc = "What the user may.", .doc_zh = "角色。"},
};
static const struct model_object user_model = {
    .name = "user", MODEL_FIELDS(user_fields), .size = sizeof(struct user),
    .doc = "A user of the console.", .doc_zh = "控制机用户。"};
static const struct model_field own_password_fields[] = {
    {.name = "old_password", .kind = MODEL_TEXT, MODEL_AT(struct own_password, old_password), .required = true,
     .doc = "The present one.", .doc_zh = "当前密码。"},
    {.name = "password", .kind = MODEL_TEXT, MODEL_AT(struct own_password, password), .required = true,
     .doc = "The new one.", .doc_zh = "新密码。"},
};
static const struct model_object own_password_model = {
    .name = "own_password", MODEL_FIELDS(own_password_fields), .size = sizeof(struct own_password),
    .doc = "A new password of who calls.", .doc_zh = "修改自己的密码。"};
static const struct model_field user_number_fields[] = {
    {.name = "id", .kind = MODEL_NUMBER, MODEL_AT(struct user_number, id), .required = true, .min = 1, .max = INT64_MAX,
     .doc = "Number of a user.", .doc_zh = "用户编号。"},
};
static const struct model_object user_number_model = {
    .name = "user", MODEL_FIELDS(user_number_fields), .size = sizeof(struct user_number),
    .doc = "A user.", .doc_zh = "用户。"};
static const struct model_field users_fields[] = {
    {.name = "ids", .kind = MODEL_LIST, MODEL_AT(struct users, id), .element = &user_number_model, .max = DELETED_MAX,
     .required = true, .count = offsetof(struct users, ids), .doc = "Users.", .doc_zh = "用户。"},
};
static const struct model_object users_model = {
    .name = "users", MODEL_FIELDS(users_fields), .size = sizeof(struct users),
    .doc = "Several users.", .doc_zh = "多个用户。"};
/* clang-format on */

static const struct list_column columns[] = {
    {"id", LIST_NUMBER},   {"user_uuid", LIST_TEXT},     {"username", LIST_TEXT},          {"email", LIST_TEXT},
    {"mobile", LIST_TEXT}, {"comment", LIST_TEXT},       {"active", LIST_NUMBER},          {"builtin", LIST_NUMBER},
    {"role", LIST_TEXT},   {"create_time", LIST_NUMBER}, {"pwd_change_time", LIST_NUMBER},
};
#define COLUMNS "id, uuid, name, email, mobile, comment, active, builtin, role, created_at, password_at"

/* Whatever went wrong below, as an answer. */
static void tell(const struct call *call, enum dr_code code, const struct dr_error *err)
{
    switch (code) {
    case DR_OK: break;
    case DR_NOT_FOUND: answer_fail(call->answer, CODE_NO_USER, "%s", ""); break;
    case DR_REFUSED: answer_fail(call->answer, CODE_CREDENTIALS, "%s", ""); break;
    case DR_BUSY: answer_fail(call->answer, CODE_LOCKED, "(%s)", err->text); break;
    case DR_INVALID: answer_fail(call->answer, CODE_PARAMETER, "%s", err->text); break;
    default: answer_fail(call->answer, CODE_STORE, "%s", err->text); break;
    }
}

static json_t *role_object(const struct role *role)
{
    return json_pack("{s:i, s:i, s:s, s:s, s:s, s:i, s:i}", "id", role->id, "role_id", role->id, "name", role->name,
                     "display_name", role->display, "description", role->display_zh, "is_system", 1, "allow_new_user",
                     1);
}

/* A row's role becomes the list of roles that clients read. */
static void put_roles(json_t *row)
{
    const char *name = json_string_value(json_object_get(row, "role"));
    const struct role *role = name != NULL ? role_by_name(name) : NULL;
    json_t *roles = json_array();
    if (role != NULL)
        json_array_append_new(roles, role_object(role));
    json_object_set_new(row, "roles", roles);
    json_object_del(row, "role");
}

static void list(const struct call *call)
{
    static const struct list_statement statement = {
        .select = "SELECT " COLUMNS " FROM account ORDER BY id LIMIT %lld OFFSET %lld",
        .count = "SELECT COUNT(*) FROM account",
    };
    json_t *row;
    size_t i;
    list_answer(call, &statement, columns, sizeof columns / sizeof *columns, "users", "info_list");
    json_array_foreach(json_object_get(call->answer->data, "users"), i, row)
    {
        put_roles(row);
    }
}

/* NULL: answered. */
static json_t *one(const struct call *call, const char *id)
{
    const char *value[] = {id};
    struct store_rows rows;
    struct dr_error err;
    json_t *row = NULL;
    enum dr_code code =
        store_select(call->store, &rows, "SELECT " COLUMNS " FROM account WHERE id = %lld", value, 1, &err);
    if (code == DR_OK && rows.rows == 0)
        code = DR_NOT_FOUND;
    tell(call, code, &err);
    if (code == DR_OK) {
        json_t *array = LIST_ROWS(&rows, columns);
        row = json_incref(json_array_get(array, 0));
        json_decref(array);
        put_roles(row);
    }
    store_rows_free(&rows);
    return row;
}

static void describe(const struct call *call)
{
    json_t *row = one(call, call->request->parts.part[0]);
    if (row != NULL)
        json_object_update_missing(call->answer->data, row);
    json_decref(row);
}

static void profile(const struct call *call)
{
    char id[24];
    snprintf(id, sizeof id, "%lld", call->request->user.id);
    json_t *row = one(call, id);
    if (row != NULL)
        answer_put(call->answer, "profile", row);
}

/* False: answered. An empty one is left empty: "not changed". */
static bool open_password(const struct call *call, char plain[PASSWORD_MAX], const char *sent)
{
    plain[0] = '\0';
    if (sent[0] == '\0')
        return true;
    if (!cipher_open(call->console->cipher, plain, PASSWORD_MAX, sent) || strlen(plain) < PASSWORD_MIN) {
        answer_fail(call->answer, CODE_PARAMETER, " The password field must have %d to %d characters;\n", PASSWORD_MIN,
                    PASSWORD_MAX - 1);
        return false;
    }
    return true;
}

/* Nobody gives more than he has, or takes over who has more by giving him a password. False: answered. */
static bool may_govern(const struct call *call, const char *role)
{
    bool may = role_covers(call->request->user.role, role);
    if (!may)
        answer_fail(call->answer, CODE_PERMISSION, "(role %s is above your own)", role);
    return may;
}

static bool may_govern_user(const struct call *call, const char *id)
{
    json_t *row = one(call, id);
    const char *role = json_string_value(json_object_get(json_array_get(json_object_get(row, "roles"), 0), "name"));
    bool may = row != NULL && may_govern(call, role != NULL ? role : "");
    json_decref(row);
    return may;
}

static void fill(struct account *account, const struct user *in, const char *password)
{
    *account = (struct account){.name = in->username,
                                .password = password,
                                .email = in->email,
                                .mobile = in->mobile,
                                .comment = in->comment,
                                .active = in->active ? "1" : "0",
                                .role = in->roles > 0 ? role_by_id((int)in->role[0].id)->name : NULL};
}

static void create(const struct call *call)
{
    const struct user *in = call->in;
    char password[PASSWORD_MAX];
    struct account account;
    struct dr_error err;
    if (in->username[0] == '\0' || in->password[0] == '\0' || in->roles == 0) {
        answer_fail(call->answer, CODE_PARAMETER, " %s%s%s", in->username[0] == '\0' ? "Lost: username;\n" : "",
                    in->password[0] == '\0' ? "Lost: password;\n" : "", in->roles == 0 ? "Lost: roles;\n" : "");
        return;
    }
    fill(&account, in, password);
    if (!may_govern(call, account.role) || !open_password(call, password, in->password))
        return;
    enum dr_code code = account_add(call->store, &account, call->console->now_s(), &err);
    OPENSSL_cleanse(password, sizeof password);
    if (code == DR_REFUSED)
        answer_fail(call->answer, CODE_NAME_TAKEN, "(%s)", in->username);
    else
        tell(call, code, &err);
}

static void change(const struct call *call, const char *id, bool own)
{
    const struct user *in = call->in;
    char password[PASSWORD_MAX];
    struct account account;
    struct dr_error err;
    if (!open_password(call, password, own ? "" : in->password))
        return;
    fill(&account, in, password);
    if (json_object_get(call->request->parameters, "active") == NULL)
        account.active = NULL;
    if (own) /* nobody gives himself a role, or locks himself out */
        account.role = NULL, account.active = NULL;
    tell(call, account_change(call->store, id, &account, call->console->now_s(), &err), &err);
    OPENSSL_cleanse(password, sizeof password);
}

static void modify(const struct call *call)
{
    const struct user *in = call->in;
    const char *id = call->request->parts.part[0];
    if (may_govern_user(call, id) && (in->roles == 0 || may_govern(call, role_by_id((int)in->role[0].id)->name)))
        change(call, id, false);
}

static void modify_profile(const struct call *call)
{
    char id[24];
    snprintf(id, sizeof id, "%lld", call->request->user.id);
    change(call, id, true);
}

static void remove_users(const struct call *call)
{
    const struct users *in = call->in;
    struct dr_error err;
    char id[24];
    for (unsigned i = 0; i < in->ids && call->answer->code == CODE_OK; i++) {
        snprintf(id, sizeof id, "%llu", (unsigned long long)in->id[i].id);
        if ((long long)in->id[i].id == call->request->user.id)
            answer_fail(call->answer, CODE_FAILED, "nobody deletes himself");
        else if (may_govern_user(call, id))
            tell(call, account_remove(call->store, id, &err), &err);
    }
}

static void own_password(const struct call *call)
{
    const struct own_password *in = call->in;
    char old[PASSWORD_MAX], new[PASSWORD_MAX], id[24];
    struct request_user user;
    struct dr_error err;
    long long now_s = call->console->now_s();
    if (!open_password(call, new, in->password))
        return;
    if (new[0] == '\0' || !cipher_open(call->console->cipher, old, sizeof old, in->old_password)) {
        answer_fail(call->answer, CODE_PARAMETER, " %s",
                    new[0] == '\0' ? "Lost: password;\n" : "The old_password field is too long;\n");
        return;
    }
    snprintf(id, sizeof id, "%lld", call->request->user.id);
    enum dr_code code = account_check(call->store, &user, call->request->user.name, old, now_s, &err);
    if (code == DR_OK)
        code = account_set_password(call->store, id, new, now_s, &err);
    OPENSSL_cleanse(old, sizeof old);
    OPENSSL_cleanse(new, sizeof new);
    tell(call, code, &err);
}

static void list_roles(const struct call *call)
{
    const struct role *role;
    json_t *array = json_array();
    for (unsigned i = 0; (role = role_at(i)) != NULL; i++)
        json_array_append_new(array, role_object(role));
    answer_put_number(call->answer, "total", (long long)json_array_size(array));
    answer_put(call->answer, "roles", array);
}

/* clang-format off */
static const struct route routes[] = {
    {"GET", "/user", "user", list, NULL, "Users.", ROUTE_READS},
    {"POST", "/user", "user", create, &user_model, "Makes a user.", ROUTE_CHANGES},
    {"DELETE", "/user", "user", remove_users, &users_model, "Deletes users.", ROUTE_CHANGES},
    {"GET", "/user/profile", ROUTE_ANYONE, profile, NULL, "The user who asks.", ROUTE_READS},
    {"PUT", "/user/profile", ROUTE_ANYONE, modify_profile, &user_model, "Changes the own profile.", ROUTE_CHANGES},
    {"POST", "/user/password", ROUTE_ANYONE, own_password, &own_password_model, "Changes the own password.", ROUTE_AUDITED},
    {"GET", "/user/*", "user", describe, NULL, "One user.", ROUTE_READS},
    {"PUT", "/user/*", "user", modify, &user_model, "Changes a user.", ROUTE_CHANGES},
    {"GET", "/role", "role", list_roles, NULL, "Roles.", ROUTE_READS},
};
/* clang-format on */
const struct route_area user_routes = ROUTE_AREA("users", routes);
