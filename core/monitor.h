/* SPDX-License-Identifier: Apache-2.0
 * core/monitor.h - what the checks of one monitored object come to. Pure: whoever checks tells each result and its
 * time.
 *
 * An object has failed after max_failures bad checks in a row; one good check mends it. A check that tells nothing
 * counts nothing. A check that hung for max_failures intervals took the place of as many. */
#ifndef DR_CORE_MONITOR_H
#define DR_CORE_MONITOR_H

#include "core/types.h"

enum monitor_result {
    MONITOR_UNCLEAR, /* the check itself did not work */
    MONITOR_GOOD,
    MONITOR_BAD,
    MONITOR_HUNG /* it had to be ended */
};

enum monitor_state {
    MONITOR_UNKNOWN, /* not checked yet since it is watched */
    MONITOR_HEALTHY,
    MONITOR_FAILING, /* bad checks, but not enough of them */
    MONITOR_FAILED
};

/* All zero: unknown. */
struct monitor {
    enum monitor_state state;
    uint32_t bad; /* bad checks in a row */
    msec since;   /* when what it shows began: the first good, or the first bad check in a row */
};

/* `max_failures` >= 1. Returns the state before. */
enum monitor_state monitor_note(struct monitor *m, uint32_t max_failures, enum monitor_result result, msec now);

/* A script's result file: `false` at its begin is bad, nothing at all tells nothing, anything else is good. */
enum monitor_result monitor_of_file(const char *bytes, size_t size);

/* Does `name` mean the process with this /proc/PID/cmdline (arguments that each end in NUL)? As a person can write it
 * down: the arguments with blanks between them, with nothing between them (as a terminal shows the file) or with ^@
 * (as `cat -v` and `less` show it), or the base name of the first argument alone. NULs and blanks at the end do not
 * count. */
bool monitor_means_process(const char *name, const char *cmdline, size_t size);

#define MONITOR_PID_MAX INT32_MAX

/* The process id that a text, or a file's first line, is; 0: it is none. */
int64_t monitor_pid_of(const char *bytes, size_t size);

#endif
