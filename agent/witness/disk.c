/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/witness/disk.h"
#include "agent/witness/disk_file.h"
#include "core/id.h"
#include "platform/clock.h"
#include "platform/process.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <unistd.h>

/* Between two processes of the same program: as they lie in memory. */
struct question {
    uint64_t number;
    bool write;
    struct witness_record record;
};

struct answer {
    uint64_t number;
    enum dr_code code;
    struct witness_pair pair;
    struct dr_error err;
};

struct disk {
    char *program, *folder, *lock;
    struct dr_id rule;
    enum member self;
    msec limit;
    int64_t child;
    int channel; /* -1: there is no child */
    int stopped; /* eventfd */
    uint64_t asked, answered;
    msec hangs_since;
};

/* ---- the child, from outside ---- */

static enum dr_code start_child(struct disk *d, struct dr_error *err)
{
    const char side[] = {"ab"[d->self], '\0'};
    const char *argv[] = {d->program, DISK_WORD, d->folder, d->rule.hex, side, d->lock, NULL};
    d->asked = d->answered = 0;
    return process_helper(argv, &d->child, &d->channel, err);
}

/* What hangs in the kernel ends when the mount lets it; nobody waits for it here. */
static void leave_child(struct disk *d)
{
    int status;
    close(d->channel);
    d->channel = -1;
    for (unsigned naps = 0; naps < 10 && !process_ended(d->child, &status); naps++) {
        kill((pid_t)d->child, SIGKILL);
        clock_sleep(2);
    }
}

/* ---- questions ---- */

static enum dr_code wait_answer(struct disk *d, struct answer *answer, msec until, struct dr_error *err)
{
    struct pollfd wait[2] = {{.fd = d->channel, .events = POLLIN}, {.fd = d->stopped, .events = POLLIN}};
    msec left = until - clock_now();
    int ready = poll(wait, 2, left > 0 ? (int)left : 0);
    if (ready > 0 && wait[1].revents != 0)
        return dr_fail(err, DR_IO, "drnode is ending");
    if (ready <= 0)
        return dr_fail(err, DR_TIMEOUT, "%s has not answered for %lld ms: is its server there?", d->folder,
                       (long long)(clock_now() - d->hangs_since));
    if (recv(d->channel, answer, sizeof *answer, 0) == (ssize_t)sizeof *answer) {
        d->answered = answer->number;
        return DR_OK;
    }
    leave_child(d);
    return dr_fail(err, DR_IO, "the process that looks at %s has ended: it is started again", d->folder);
}

/* The answer to an old question says what was; the next question waits until it is there, so that two writes never
 * overtake each other. */
static enum dr_code ask(struct disk *d, struct question *q, struct witness_pair *pair, struct dr_error *err)
{
    struct answer answer = {0};
    msec until = clock_now() + d->limit;
    enum dr_code code = d->channel < 0 ? start_child(d, err) : DR_OK;
    if (code == DR_OK && d->answered < d->asked)
        code = wait_answer(d, &answer, until, err);
    if (code != DR_OK)
        return code;
    q->number = ++d->asked;
    d->hangs_since = clock_now();
    if (send(d->channel, q, sizeof *q, MSG_NOSIGNAL) != (ssize_t)sizeof *q) {
        leave_child(d);
        return dr_fail(err, DR_IO, "the process that looks at %s has ended: it is started again", d->folder);
    }
    code = wait_answer(d, &answer, until, err);
    if (code == DR_OK && answer.code != DR_OK) {
        *err = answer.err;
        code = answer.code;
    }
    *pair = answer.pair;
    return code;
}

static enum dr_code look(void *self, struct witness_pair *pair, struct dr_error *err)
{
    return ask(self, &(struct question){.write = false}, pair, err);
}

static enum dr_code write_own(void *self, const struct witness_record *record, struct witness_pair *after,
                              struct dr_error *err)
{
    return ask(self, &(struct question){.write = true, .record = *record}, after, err);
}

static void stop(void *self)
{
    struct disk *d = self;
    eventfd_write(d->stopped, 1);
}

static void destroy(void *self)
{
    struct disk *d = self;
    if (d->channel >= 0)
        leave_child(d);
    if (d->stopped >= 0)
        close(d->stopped);
    free(d->program);
    free(d->folder);
    free(d->lock);
    free(d);
}

const struct witness_store disk_store = {.look = look, .write = write_own, .stop = stop, .destroy = destroy};

enum dr_code disk_create(void **store, const struct disk_config *config, struct dr_error *err)
{
    struct disk *d = calloc(1, sizeof *d);
    if (d == NULL)
        return dr_fail(err, DR_FULL, "no memory for the disk voter");
    *d = (struct disk){.rule = config->rule, .self = config->self, .limit = config->limit, .channel = -1};
    d->program = strdup(config->program);
    d->folder = strdup(config->folder);
    d->lock = strdup(config->lock);
    d->stopped = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
    if (d->program == NULL || d->folder == NULL || d->lock == NULL || d->stopped < 0) {
        destroy(d);
        return dr_fail(err, DR_FULL, "no memory or descriptors for the disk voter");
    }
    *store = d;
    return DR_OK;
}

/* ---- the child, inside ---- */

/* A former child that still hangs in the mount may write yet, when that comes back. */
static enum dr_code take_lock(int *lock, const char *path, struct dr_error *err)
{
    if (*lock < 0)
        *lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (*lock < 0)
        return dr_fail(err, DR_IO, "cannot open %s: %s", path, strerror(errno));
    if (flock(*lock, LOCK_EX | LOCK_NB) == 0)
        return DR_OK;
    return dr_fail(err, DR_BUSY, "a process of an earlier drnode still hangs on the shared disk (it locks %s)", path);
}

static void carry_out(struct answer *answer, const struct question *q, const struct disk_place *place, enum member self)
{
    answer->code = q->write ? disk_file_write(place, self, &q->record, &answer->err) : DR_OK;
    if (answer->code == DR_OK)
        answer->code = disk_file_look(&answer->pair, place, &answer->err);
}

int disk_main(int argc, char **argv)
{
    struct disk_place place = {.folder = argc == 6 ? argv[2] : ""};
    struct question q;
    int lock = -1;
    if (argc != 6 || !dr_id_parse(&place.rule, argv[3], strlen(argv[3]))) {
        fprintf(stderr, "%s is for drnode's own use\n", DISK_WORD);
        return EXIT_FAILURE;
    }
    enum member self = argv[4][0] == 'a' ? MEMBER_A : MEMBER_B;
    while (recv(STDIN_FILENO, &q, sizeof q, 0) == (ssize_t)sizeof q) {
        struct answer answer = {.number = q.number};
        answer.code = take_lock(&lock, argv[5], &answer.err);
        if (answer.code == DR_OK)
            carry_out(&answer, &q, &place, self);
        if (send(STDIN_FILENO, &answer, sizeof answer, MSG_NOSIGNAL) != (ssize_t)sizeof answer)
            break;
    }
    return EXIT_SUCCESS; /* drnode has ended */
}
