/* SPDX-License-Identifier: Apache-2.0
 * console/rule/rule_routes.h - calls of HA rules (contract 4). */
#ifndef DR_CONSOLE_RULE_RULE_ROUTES_H
#define DR_CONSOLE_RULE_RULE_ROUTES_H

#include "console/route.h"

extern const struct route_area rule_routes;

/* A row of a list (kept_row). */
void rule_row(const struct call *call, json_t *row, const char *id, const char *xml);

/* rule_export.c */
void rule_export(const struct call *call);
/* rule_nodes.c: what the nodes of a rule have */
void rule_netif(const struct call *call);
void rule_script_path(const struct call *call);
void rule_volume_info(const struct call *call);

#endif
