/* SPDX-License-Identifier: Apache-2.0
 * console/daemon.h - one console from its start to its end. */
#ifndef DR_CONSOLE_DAEMON_H
#define DR_CONSOLE_DAEMON_H

#include "core/error.h"

struct daemon;

/* Reads ROOT/etc/console.xml, makes what is missing below ROOT (keys, data base, first user), and listens. */
enum dr_code daemon_start(struct daemon **daemon, const char *root, struct dr_error *err) DR_MUST_USE;
/* Until daemon_stop(). */
void daemon_run(struct daemon *daemon);
/* Any thread. */
void daemon_stop(struct daemon *daemon);
void daemon_free(struct daemon *daemon);

/* Where it can be reached, for a person. */
const char *daemon_url(const struct daemon *daemon);

#endif
