/* SPDX-License-Identifier: Apache-2.0
 * ui/cli/remote/rest.h - one call to the console: HTTPS, signed with the token. */
#ifndef DR_UI_CLI_REMOTE_REST_H
#define DR_UI_CLI_REMOTE_REST_H

#include "ui/cli/remote/session.h"

#include <jansson.h>

/* `path` without /api; `parameters`: an object, not kept. *data is the answer's (the caller's), NULL on failure.
 * DR_CLOSED: no console answers there. DR_REFUSED: not logged in any more, or not permitted. DR_INVALID: the console
 * declined, in its own words. A token that ran out is renewed, and the session saved. */
enum dr_code rest_call(json_t **data, struct session *session, const char *method, const char *path, json_t *parameters,
                       struct dr_error *err) DR_MUST_USE;

#endif
