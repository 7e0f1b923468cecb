/* SPDX-License-Identifier: Apache-2.0
 * platform/process.h - other programs: scripts with a time limit, helpers that the kernel kills at an instant, and
 * servers that outlive us. A threaded daemon never runs code between fork and exec: all of it is posix_spawn. */
#ifndef DR_PLATFORM_PROCESS_H
#define DR_PLATFORM_PROCESS_H

#include "core/error.h"
#include "core/types.h"

#define PROCESS_TAIL 1024

struct process_spec {
    const char *const *argv;     /* argv[0]: a path */
    const char *const *env;      /* all of it; NULL = ours */
    const char *output;          /* file that takes stdout and stderr, begun anew; NULL = /dev/null */
    msec limit;                  /* then its process group gets SIGTERM, ... */
    msec mercy;                  /* ... and after that SIGKILL */
    int stop;                    /* readable: end it now, as at the limit. -1: never */
    void (*ending)(void *baton); /* what must not wait for that end: called before a wish ends it. NULL: nothing */
    void *baton;
    int input; /* a descriptor that becomes its stdin; 0: /dev/null */
};

struct process_result {
    bool timed_out, stopped;
    bool stuck; /* it was killed and is still there: it hangs in the kernel, and was left behind */
    int status; /* exit status; 128 + signal when killed */
    msec took;
    char tail[PROCESS_TAIL]; /* last lines of the output file */
};

/* Runs it in a session of its own and waits. When it ended by itself, what it left in the background lives on; when it
 * is ended, everything in its process group is. An error only if it could not be started. */
enum dr_code process_run(const struct process_spec *spec, struct process_result *result,
                         struct dr_error *err) DR_MUST_USE;

/* The same in steps, for who looks after several at once; limit, mercy and stop of the spec are the caller's to keep.
 */
struct process {
    int64_t pid;
    int ended; /* descriptor: readable once it has ended */
    msec began;
};
enum dr_code process_begin(struct process *process, const struct process_spec *spec, struct dr_error *err) DR_MUST_USE;
/* SIGTERM, or with `kill` SIGKILL, for everything in its process group. Before process_finish(). */
void process_signal(const struct process *process, bool kill);
/* Once `ended` is readable (else it waits): `status`, `took` and `tail` of the result. */
void process_finish(struct process *process, const char *output, struct process_result *result);

/* Starts a server that outlives us: own session, output appended to a file. */
enum dr_code process_detach(const struct process_spec *spec, int64_t *pid, struct dr_error *err) DR_MUST_USE;
/* Has a server that this process started ended? Asked until it says so, or never: nothing else reaps it. One that is no
 * child of this process (another life of it started that) is nobody to wait for: it counts as ended, with status -1. */
bool process_ended(int64_t pid, int *status);

/* The command line of every process that has one, as /proc/PID/cmdline holds it (its first PROCESS_COMMAND bytes); this
 * process is left out. May wait for a process that the system holds: not for a thread that must go on. */
#define PROCESS_COMMAND 4096
enum dr_code process_each(void (*each)(void *baton, const char *cmdline, size_t size), void *baton,
                          struct dr_error *err) DR_MUST_USE;

/* False: no such process, or all that is left of it is its place in the table (a zombie). May wait as process_each().
 */
bool process_lives(int64_t pid);

/* Starts a helper that talks to us: *channel is our end of a pair of sockets (SOCK_SEQPACKET: whole packets), the other
 * is its standard input and output. It ends when it reads the end of that. Its status: process_ended(). */
enum dr_code process_helper(const char *const *argv, int64_t *pid, int *channel, struct dr_error *err) DR_MUST_USE;

/* How many processes have a file below `folder` open; with `kill` each of them gets SIGKILL. `spare` names a program
 * (full path) that is left out, as this process is. Looks at /proc only: never touches the folder. */
unsigned process_holders(const char *folder, const char *spare, bool kill);

/* The kernel kills this process with SIGKILL at `at` of clock_now()'s clock, wherever it is then; at once if that is
 * past. For a child that takes something which is safe to take only until then. Called again, it moves. */
#define PROCESS_NEVER INT64_MAX
enum dr_code process_die_at(msec at, struct dr_error *err) DR_MUST_USE;

/* The same with an instant that moves: `*until`, in memory that another process writes, is looked at often, and the
 * kernel's timer set to it. Only what was written counts: a writer that stands still lets this process die. */
enum dr_code process_die_after(const _Atomic int64_t *until, struct dr_error *err) DR_MUST_USE;
/* The kernel kills this process when the thread that started it ends. DR_CLOSED: `parent` has ended already. */
enum dr_code process_die_with(int64_t parent, struct dr_error *err) DR_MUST_USE;

/* From now on this process stays in memory and goes before others, as far as the system lets it. */
void process_urgent(void);

/* Full path of a script named in a rule: a plain name in `folder`, a regular file that we may execute, no link out. */
enum dr_code process_script(char *path, size_t size, const char *folder, const char *name,
                            struct dr_error *err) DR_MUST_USE;

#endif
