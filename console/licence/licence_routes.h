/* SPDX-License-Identifier: Apache-2.0
 * console/licence/licence_routes.h - licences: which there are, importing them, and which host has which. */
#ifndef DR_CONSOLE_LICENCE_LICENCE_ROUTES_H
#define DR_CONSOLE_LICENCE_LICENCE_ROUTES_H

#include "console/licence/licences.h"
#include "console/route.h"

extern const struct route_area licence_routes;

/* licence_hosts.c */
extern const struct route_area licence_host_routes;
/* After all others below /lic: its patterns take every word. */
extern const struct route_area licence_one_routes;

/* What went wrong, as an answer. */
void licence_tell(const struct call *call, enum dr_code code, const struct dr_error *err);
/* A row as clients read it. */
json_t *licence_row_object(const struct call *call, const struct licence_row *row);

#endif
