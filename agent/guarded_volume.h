/* SPDX-License-Identifier: Apache-2.0
 * agent/guarded_volume.h - mounting and unmounting a shared disk in a child, so that no thread of drnode ever waits for
 * storage. A child that mounts is killed by the kernel when the authority ends (however long the journal of the disk
 * takes, it may go on as long as that is prolonged), and with drnode. */
#ifndef DR_AGENT_GUARDED_VOLUME_H
#define DR_AGENT_GUARDED_VOLUME_H

#include "agent/rule/authority.h"
#include "platform/volume.h"

#define GUARDED_VOLUME_WORD "--guarded-volume"

struct guarded_volume {
    const char *program; /* of ours, that hands `--guarded-volume ...` to guarded_volume_main() */
    const char *notes;   /* a file for the child's words, of this volume's own */
    struct volume volume;
    const struct authority *authority; /* to take */
    msec patience;                     /* to release: what uses it has so long to end by itself */
    int stop;                          /* readable: kill it now; -1: never */
};

#define GUARDED_SAID 512
/* DR_TIMEOUT: its guard killed it, or the storage hangs; DR_BUSY: an earlier one still hangs; DR_CLOSED: `stop` ended
 * it. */
enum dr_code guarded_volume_take(const struct guarded_volume *command, struct dr_error *err) DR_MUST_USE;
/* `said`: who was in the way and what became of them, one line each; "": nobody was. */
enum dr_code guarded_volume_release(const struct guarded_volume *command, char said[GUARDED_SAID],
                                    struct dr_error *err) DR_MUST_USE;

/* The child: argv as above. Returns the exit status. */
int guarded_volume_main(int argc, char **argv);

#endif
