/* SPDX-License-Identifier: Apache-2.0
 * agent/keeper.h - the addresses of a rule with guard = watchdog: a process of its own sets them and renews them, each
 * time behind a fence that the kernel shuts to the millisecond (platform/fence.h), and takes them away when their time
 * is over, so that nobody sees them here any more: also when drnode was killed, or hangs.
 *
 * It is started once, not for each renewal: those come every few dozen milliseconds. It is what sets addresses, so it
 * is what must not do so late: its own kernel timer kills it at a command's deadline. Then, as after any end of it, the
 * fence shuts all the same, and the kernel removes the addresses within two seconds. */
#ifndef DR_AGENT_KEEPER_H
#define DR_AGENT_KEEPER_H

#include "platform/fence.h"
#include "platform/vip.h"

#define KEEPER_WORD "--keeper"
#define KEEPER_MOST 8

enum keeper_act { KEEPER_BUILD, KEEPER_TAKE, KEEPER_RENEW };

struct keeper_command {
    enum keeper_act act;
    struct fence fence; /* with all the addresses, 1..KEEPER_MOST */
    msec lifetime;
    msec deadline; /* of clock_now()'s clock */
    bool announce;
};

struct keeper;

/* `program`: of ours, that hands `--keeper` to keeper_main(). */
enum dr_code keeper_create(struct keeper **keeper, const char *program, struct dr_error *err) DR_MUST_USE;
/* Any thread. DR_TIMEOUT: its guard killed it, or it was not begun; DR_CLOSED: `stop` (a descriptor that gets readable)
 * ended it; DR_NOT_FOUND: there is nothing to renew. */
enum dr_code keeper_run(struct keeper *keeper, const struct keeper_command *command, int stop,
                        struct dr_error *err) DR_MUST_USE;
/* The process goes on until the time of what it has set is over. NULL is fine. */
void keeper_destroy(struct keeper *keeper);

/* The child. Returns the exit status. */
int keeper_main(void);

#endif
