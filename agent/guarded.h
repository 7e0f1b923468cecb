/* SPDX-License-Identifier: Apache-2.0
 * agent/guarded.h - taking or renewing the virtual IPs of a rule in a child of its own, which the kernel kills at the
 * last instant at which that is safe: a stall of ours between the decision and the command then cannot make two
 * holders. It ends with us, too. */
#ifndef DR_AGENT_GUARDED_H
#define DR_AGENT_GUARDED_H

#include "platform/vip.h"

#define GUARDED_WORD "--guarded"
#define GUARDED_MOST 8

enum guarded_act { GUARDED_ADD, GUARDED_RENEW };

struct guarded_command {
    const char *program; /* of ours, that hands `--guarded ...` to guarded_main() */
    const char *notes;   /* a file for the child's words */
    enum guarded_act act;
    const struct vip *vip; /* all in one child: what starting one costs must not add up */
    unsigned vips;         /* 1..GUARDED_MOST */
    unsigned lifetime_s;
    bool announce;
    msec until; /* of clock_now()'s clock */
    int stop;   /* readable: kill it now; -1: never */
};

/* DR_TIMEOUT: its guard killed it, or it was not begun; DR_CLOSED: `stop` ended it; DR_NOT_FOUND: there is nothing to
 * renew. */
enum dr_code guarded_run(const struct guarded_command *command, struct dr_error *err) DR_MUST_USE;

/* The child: argv as guarded_run() made it. Returns the exit status. */
int guarded_main(int argc, char **argv);

#endif
