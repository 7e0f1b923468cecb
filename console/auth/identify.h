/* SPDX-License-Identifier: Apache-2.0
 * console/auth/identify.h - who makes this call, and whether it is really theirs. */
#ifndef DR_CONSOLE_AUTH_IDENTIFY_H
#define DR_CONSOLE_AUTH_IDENTIFY_H

#include "console/http/request.h"
#include "console/store/store.h"

struct console;

/* Fills request->user. DR_REFUSED: no token, one that is void, or a signature that does not fit. */
enum dr_code identify(struct console *console, struct store *store, struct request *request,
                      struct dr_error *err) DR_MUST_USE;

#endif
