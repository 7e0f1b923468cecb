/* SPDX-License-Identifier: Apache-2.0
 * console/users/user_routes.h - users, their roles, their own profile, their access keys. */
#ifndef DR_CONSOLE_USERS_USER_ROUTES_H
#define DR_CONSOLE_USERS_USER_ROUTES_H

#include "console/route.h"

extern const struct route_area user_routes;

/* access_keys.c */
extern const struct route_area access_key_routes;

#endif
