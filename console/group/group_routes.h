/* SPDX-License-Identifier: Apache-2.0
 * console/group/group_routes.h - calls of HA groups (contract 5). */
#ifndef DR_CONSOLE_GROUP_GROUP_ROUTES_H
#define DR_CONSOLE_GROUP_GROUP_ROUTES_H

#include "console/route.h"

extern const struct route_area group_routes;

#endif
