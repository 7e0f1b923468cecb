/* SPDX-License-Identifier: Apache-2.0
 * platform/fake/fake.h - hosts that live in memory: the seams of platform/ over a clock that the test moves.
 *
 * A seam speaks of this host and this process and has no argument for either, as a program on a real host needs none.
 * Here many hosts live in one thread: whoever plays them says first on which of them, and as which process, the calls
 * that follow are made (fake_enter). No number is drawn here: what a real host leaves to chance, as how late its kernel
 * is, is a field that the test sets. */
#ifndef DR_PLATFORM_FAKE_H
#define DR_PLATFORM_FAKE_H

#include "platform/capture.h"
#include "platform/fence.h"
#include "platform/process.h"
#include "platform/vip.h"

typedef int64_t fake_usec; /* true time, that no host knows */

#define FAKE_SECOND    ((fake_usec)1000000)
#define FAKE_FOREVER   INT64_MAX
#define FAKE_LATE_MOST (FAKE_SECOND / 4)       /* measured on Linux: how late the kernel removes an address, at most */
#define FAKE_TICKS     (FAKE_SECOND * 3 / 100) /* how late a fence shuts, at most */
#define FAKE_MANY      8                       /* cards, addresses, programs, captures of a host, at most */

struct fake_process {
    fake_usec dies_at; /* what it would do from then on does not happen */
};

/* What process_run() finds under argv[0]. */
struct fake_program {
    char path[128];
    fake_usec takes; /* FAKE_FOREVER: it hangs */
    bool deaf;       /* it ignores SIGTERM */
    int status;
    const char *says; /* NULL: nothing */
};

/* A drcapture, and what all who are attached to it hold: its gate, without folders and ring. */
struct capture_link {
    char socket[64]; /* "" = there is none */
    bool open, lapsed;
    uint64_t written; /* records */
    struct capture_info info;
};

struct fake_host {
    fake_usec *now;   /* of the world: shared by all its hosts, moved by whoever plays them */
    int64_t rate;     /* ticks of its clock in a million of true time, 1000000 .. 1050000 */
    fake_usec offset; /* clock = offset + true time * rate */
    fake_usec stalled_until;
    fake_usec late;  /* the next address set is removed so late by its clock, 0 .. FAKE_LATE_MOST */
    fake_usec ticks; /* the fence opened next shuts so late, 0 .. FAKE_TICKS */
    uint64_t random;
    struct vip card[FAKE_MANY]; /* as addresses with their cards; prefix 0 = none */
    struct fake_address {
        struct vip vip;
        fake_usec until;
    } address[FAKE_MANY];
    struct fake_fence {
        char name[64]; /* "" = none */
        struct vip vip[FAKE_MANY];
        unsigned vips;
        fake_usec until; /* open until then */
    } fence[FAKE_MANY];
    struct fake_program program[FAKE_MANY];
    struct capture_link capture[FAKE_MANY];
    unsigned announced;
};

/* NULL: as its daemon, that nothing here kills. */
void fake_enter(struct fake_host *host, struct fake_process *process);
struct fake_host *fake_here(void);
struct fake_process *fake_current(void);
/* DR_CLOSED: the process that was entered has died; `what` it tried goes into the error. */
enum dr_code fake_lives(const char *what, struct dr_error *err) DR_MUST_USE;
/* Moves the time on to `until`, past a stall of this host, but not past the death of this process. */
void fake_pass(fake_usec until);

/* A host that has just been switched on; its clock shows a second. */
void fake_host_init(struct fake_host *host, fake_usec *now, int64_t rate);
/* Addresses, folders, processes are gone, and its clock begins anew. */
void fake_power_cut(struct fake_host *host);

msec fake_clock(const struct fake_host *host);
fake_usec fake_when(const struct fake_host *host, msec clock); /* the true time at which its clock shows that */
/* Its processes stand still; its kernel does not. */
void fake_stall(struct fake_host *host, fake_usec span);
bool fake_stalled(const struct fake_host *host);

void fake_card(struct fake_host *host, const char *address, const char *card);
bool fake_has_address(const struct fake_host *host); /* any virtual one, that no fence shuts off */
bool fake_same_address(const struct vip *one, const struct vip *other);
bool fake_fenced(const struct fake_host *host, const struct vip *vip);
/* The program under that path: installed anew if it is not there, as one that says nothing and ends well at once. */
struct fake_program *fake_program(struct fake_host *host, const char *path);

/* The drcapture of that socket: started, READ_ONLY, if it is not there. */
struct capture_link *fake_capture(struct fake_host *host, const char *socket);
bool fake_writable(const struct fake_host *host, const struct capture_link *capture);
/* What a write of an application to its folders ends in: 0 or EROFS. */
int fake_write(struct fake_host *host, struct capture_link *capture);

#endif
