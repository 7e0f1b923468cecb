/* SPDX-License-Identifier: Apache-2.0
 * platform/service.h - services of this host as its service manager knows them (Linux: systemd units). */
#ifndef DR_PLATFORM_SERVICE_H
#define DR_PLATFORM_SERVICE_H

#include "core/error.h"
#include "core/types.h"

#define SERVICE_TEXT 128

struct service_state {
    bool running;
    bool between;            /* on its way up: neither running nor ended */
    char text[SERVICE_TEXT]; /* in the manager's words */
};

/* All at once, in the order of the names; one that is not known is not running. Waits for the manager, `limit` at most.
 * `scratch` names a file that may be written. */
enum dr_code service_states(struct service_state *state, const char *const *name, unsigned count, const char *scratch,
                            msec limit, struct dr_error *err) DR_MUST_USE;

#endif
