/* SPDX-License-Identifier: Apache-2.0
 * console/system/watch_routes.h - for programs that watch the console: does it work, its numbers, and its calls. */
#ifndef DR_CONSOLE_SYSTEM_WATCH_ROUTES_H
#define DR_CONSOLE_SYSTEM_WATCH_ROUTES_H

#include "console/route.h"

extern const struct route_area watch_routes;

#endif
