/* SPDX-License-Identifier: Apache-2.0
 * console/system/system_routes.h - the console itself: its version, and what a client must know before it logs in. */
#ifndef DR_CONSOLE_SYSTEM_SYSTEM_ROUTES_H
#define DR_CONSOLE_SYSTEM_SYSTEM_ROUTES_H

#include "console/route.h"

extern const struct route_area system_routes;

#endif
