/* SPDX-License-Identifier: Apache-2.0
 * console/auth/auth_routes.h - logging in: tokens, and what a log-in page asks before. */
#ifndef DR_CONSOLE_AUTH_AUTH_ROUTES_H
#define DR_CONSOLE_AUTH_AUTH_ROUTES_H

#include "console/route.h"

extern const struct route_area auth_routes;

#endif
