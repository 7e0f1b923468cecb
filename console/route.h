/* SPDX-License-Identifier: Apache-2.0
 * console/route.h - one table of every call: who may make it, what it takes, who answers it. Dispatching, the checks
 * before a handler runs, and the OpenAPI document all come from it. */
#ifndef DR_CONSOLE_ROUTE_H
#define DR_CONSOLE_ROUTE_H

#include "console/http/answer.h"
#include "console/http/request.h"
#include "core/model.h"

struct console;
struct store;

/* What a handler has: any worker's thread, which has the store to itself until the handler returns. */
struct call {
    struct console *console;
    struct store *store;
    const struct request *request;
    const void *in; /* the parameters as route.in describes them; NULL without */
    struct answer *answer;
};
typedef void route_handler(const struct call *call);

#define ROUTE_OPEN   "-" /* without logging in */
#define ROUTE_ANYONE ""  /* whoever is logged in */

enum route_effect {
    ROUTE_READS,
    ROUTE_CHANGES, /* in one transaction with its line of the operation log: both are kept, or nothing */
    ROUTE_AUDITED  /* a line of the operation log after it, whatever it did by itself */
};

struct route {
    const char *method, *pattern; /* path_match() */
    const char *permission;       /* ROUTE_OPEN, ROUTE_ANYONE, or a permission that a role may have */
    route_handler *handle;
    const struct model_object *in;
    const char *doc;
    enum route_effect effect;
};

/* One of these per area (console/auth/..., ...), listed in route.c. */
struct route_area {
    const char *name;
    const struct route *route;
    unsigned routes;
};

#define ROUTE_AREA(area_name, table)                                                                                   \
    {                                                                                                                  \
        .name = (area_name), .route = (table), .routes = sizeof(table) / sizeof *(table)                               \
    }

/* request->path, method, header and parameters are filled; finds the route, checks who calls and what, and answers. */
void route_call(struct console *console, struct store *store, struct request *request, struct answer *answer);

/* All areas, for whoever documents or tries each call. */
const struct route_area *const *route_areas(unsigned *count);

#endif
