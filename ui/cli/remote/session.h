/* SPDX-License-Identifier: Apache-2.0
 * ui/cli/remote/session.h - which console drctl talks to, and as whom: a file of the user's own (0600). It is
 * $DRCTL_SESSION, else .drctl.json in the home folder. It holds tokens, never the password. */
#ifndef DR_UI_CLI_REMOTE_SESSION_H
#define DR_UI_CLI_REMOTE_SESSION_H

#include "core/error.h"

#include <stdbool.h>

#define SESSION_TEXT_SIZE 512

struct session {
    char url[SESSION_TEXT_SIZE]; /* https://HOST:PORT */
    char ca[SESSION_TEXT_SIZE];  /* PEM file that its certificate is checked with; empty: the system's */
    bool insecure;               /* its certificate is not checked */
    char user[SESSION_TEXT_SIZE], token[SESSION_TEXT_SIZE], refresh_token[SESSION_TEXT_SIZE];
};

/* DR_NOT_FOUND: nobody has logged in. */
enum dr_code session_load(struct session *session, struct dr_error *err) DR_MUST_USE;
enum dr_code session_save(const struct session *session, struct dr_error *err) DR_MUST_USE;
enum dr_code session_forget(struct dr_error *err) DR_MUST_USE;

#endif
