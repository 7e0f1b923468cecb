/* SPDX-License-Identifier: Apache-2.0 */
#include "console/route.h"

#include "console/auth/auth_routes.h"
#include "console/auth/identify.h"
#include "console/auth/permission.h"
#include "console/console.h"
#include "console/group/group_routes.h"
#include "console/http/parameters.h"
#include "console/licence/licence_routes.h"
#include "console/rule/rule_routes.h"
#include "console/system/operation.h"
#include "console/system/system_routes.h"
#include "console/system/unsupported.h"
#include "console/system/watch_routes.h"
#include "console/users/user_routes.h"

#include <stdlib.h>
#include <string.h>

#define STATUS_NO_CALL  400
#define STATUS_NO_TOKEN 403

/* One line an area. */
/* clang-format off */
static const struct route_area *const areas[] = {
    &auth_routes,
    &user_routes,
    &access_key_routes,
    &system_routes,
    &watch_routes,
    &licence_routes,
    &licence_host_routes,
    &licence_one_routes,
    &group_routes,
    &rule_routes,
};
/* clang-format on */

const struct route_area *const *route_areas(unsigned *count)
{
    *count = sizeof areas / sizeof *areas;
    return areas;
}

static const struct route *find(struct request *request)
{
    for (unsigned a = 0; a < sizeof areas / sizeof *areas; a++)
        for (unsigned i = 0; i < areas[a]->routes; i++) {
            const struct route *route = &areas[a]->route[i];
            if (strcmp(route->method, request->method) == 0 &&
                path_match(request->path, route->pattern, &request->parts))
                return route;
        }
    return unsupported_route(request->path);
}

/* False: answered already. */
static bool allowed(const struct route *route, struct console *console, struct store *store, struct request *request,
                    struct answer *answer)
{
    struct dr_error err;
    if (strcmp(route->permission, ROUTE_OPEN) == 0)
        return true;
    enum dr_code code = identify(console, store, request, &err);
    if (code == DR_REFUSED)
        answer_refuse(answer, STATUS_NO_TOKEN, "token invalid or expired, or the signature does not fit");
    else if (code != DR_OK)
        answer_fail(answer, CODE_STORE, "%s", err.text);
    else if (!role_may(request->user.role, route->permission))
        answer_fail(answer, CODE_PERMISSION, "%s", route->permission);
    else
        return true;
    return false;
}

static void handle(const struct route *route, struct call *call)
{
    char wrong[ANSWER_DETAIL];
    void *in = route->in != NULL ? calloc(1, route->in->size) : NULL;
    if (route->in != NULL && in == NULL) {
        answer_fail(call->answer, CODE_FAILED, "no memory");
    } else if (in != NULL && !parameters_read(route->in, in, call->request->parameters, wrong, sizeof wrong,
                                              request_is_chinese(call->request))) {
        answer_fail(call->answer, CODE_PARAMETER, " %s", wrong);
    } else {
        call->in = in;
        route->handle(call);
    }
    free(in);
}

static void note(const struct route *route, const struct call *call)
{
    struct dr_error err;
    if (operation_write(call->store, call->request, route->doc, call->answer, call->console->now_s(), &err) != DR_OK)
        answer_fail(call->answer, CODE_STORE, "%s", err.text);
}

/* What fails leaves nothing but its line in the log. */
static void change(const struct route *route, struct call *call)
{
    struct dr_error err;
    if (store_begin(call->store, &err) != DR_OK) {
        answer_fail(call->answer, CODE_STORE, "%s", err.text);
        return;
    }
    handle(route, call);
    if (call->answer->code == CODE_OK)
        note(route, call);
    if (call->answer->code != CODE_OK) {
        store_abandon(call->store);
        note(route, call);
    } else if (store_commit(call->store, &err) != DR_OK) {
        answer_fail(call->answer, CODE_STORE, "%s", err.text);
    }
}

static void carry_out(const struct route *route, struct call *call)
{
    if (route->effect == ROUTE_CHANGES) {
        change(route, call);
        return;
    }
    handle(route, call);
    if (route->effect == ROUTE_AUDITED)
        note(route, call);
}

void route_call(struct console *console, struct store *store, struct request *request, struct answer *answer)
{
    const struct route *route = find(request);
    struct call call = {.console = console, .store = store, .request = request, .answer = answer};
    if (route == NULL)
        answer_refuse(answer, STATUS_NO_CALL, "Unknown method");
    else if (allowed(route, console, store, request, answer))
        carry_out(route, &call);
}
