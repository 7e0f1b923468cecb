/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/keeper.h"
#include "platform/clock.h"
#include "platform/process.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define SLACK      100  /* the kernel's timer kills; ours only has to notice */
#define BUILD_TIME 5000 /* for nft */

/* Between two processes of the same program: as they lie in memory. `vip` is what command.fence.vip means there. */
struct order {
    struct keeper_command command;
    struct vip vip[KEEPER_MOST];
};
struct answer {
    enum dr_code code;
    struct dr_error err;
};

struct keeper {
    char *program;
    pthread_mutex_t lock; /* guards what follows, and that one command is asked for at a time */
    int64_t child;
    int channel; /* -1: there is no child */
};

/* ---- the child, from outside ---- */

enum dr_code keeper_create(struct keeper **out, const char *program, struct dr_error *err)
{
    struct keeper *k = calloc(1, sizeof *k);
    char *copy = strdup(program);
    if (k == NULL || copy == NULL) {
        free(k);
        free(copy);
        return dr_fail(err, DR_FULL, "no memory for the keeper of a rule's addresses");
    }
    *k = (struct keeper){.program = copy, .channel = -1};
    pthread_mutex_init(&k->lock, NULL);
    *out = k;
    return DR_OK;
}

static enum dr_code start_child(struct keeper *k, struct dr_error *err)
{
    const char *argv[] = {k->program, KEEPER_WORD, NULL};
    return process_helper(argv, &k->child, &k->channel, err);
}

/* What it was about to do must not happen any more when this returns. */
static void end_child(struct keeper *k)
{
    int status;
    close(k->channel);
    k->channel = -1;
    kill((pid_t)k->child, SIGKILL);
    while (!process_ended(k->child, &status))
        clock_sleep(1);
}

/* The next command, which has no time to lose, finds one that has started. */
static void replace_child(struct keeper *k)
{
    struct dr_error unused; /* then the next command tries it again, and tells */
    end_child(k);
    (void)!start_child(k, &unused);
}

static enum dr_code wait_answer(struct keeper *k, msec until, int stop, struct dr_error *err)
{
    struct pollfd wait[2] = {{.fd = k->channel, .events = POLLIN}, {.fd = stop, .events = POLLIN}};
    struct answer answer;
    msec left = until - clock_now();
    int ready = poll(wait, 2, left > 0 ? (int)left : 0);
    if (ready > 0 && wait[1].revents != 0) {
        replace_child(k);
        return dr_fail(err, DR_CLOSED, "virtual IP: ended, because a release came first");
    }
    if (ready > 0 && recv(k->channel, &answer, sizeof answer, 0) == (ssize_t)sizeof answer) {
        *err = answer.err;
        return answer.code;
    }
    replace_child(k);
    return dr_fail(err, DR_TIMEOUT, "virtual IP: killed by its guard: this host is too slow for it to be safe");
}

/* One that has ended since the last command (its guard, somebody's kill) is started anew, once. */
static enum dr_code ask(struct keeper *k, const struct order *order, struct dr_error *err)
{
    for (unsigned attempt = 0; attempt < 2; attempt++) {
        enum dr_code code = k->channel < 0 ? start_child(k, err) : DR_OK;
        if (code != DR_OK)
            return code;
        if (send(k->channel, order, sizeof *order, MSG_NOSIGNAL) == (ssize_t)sizeof *order)
            return DR_OK;
        end_child(k);
    }
    return dr_fail(err, DR_IO, "the process that keeps virtual addresses ends at once: check the installation");
}

enum dr_code keeper_run(struct keeper *k, const struct keeper_command *command, int stop, struct dr_error *err)
{
    struct order order = {.command = *command};
    memcpy(order.vip, command->fence.vip, command->fence.vips * sizeof *order.vip);
    msec until = command->act == KEEPER_BUILD ? clock_now() + BUILD_TIME : command->deadline;
    pthread_mutex_lock(&k->lock);
    enum dr_code code =
        until > clock_now()
            ? ask(k, &order, err)
            : dr_fail(err, DR_TIMEOUT, "virtual IP: not begun: this host was too slow for it to be safe");
    if (code == DR_OK)
        code = wait_answer(k, until + SLACK, stop, err);
    pthread_mutex_unlock(&k->lock);
    return code;
}

void keeper_destroy(struct keeper *k)
{
    int status;
    if (k == NULL)
        return;
    if (k->channel >= 0) {
        close(k->channel);
        (void)process_ended(k->child, &status); /* else who started us reaps it */
    }
    pthread_mutex_destroy(&k->lock);
    free(k->program);
    free(k);
}

/* ---- the child, inside ---- */

/* What it has set last, and when that has surely run out; 0: nothing. */
struct held {
    struct order order;
    msec until;
};

#define TICK 10 /* the fence counts these */

static enum dr_code each(const struct order *order, enum dr_code (*set)(const struct vip *vip, struct dr_error *err),
                         struct dr_error *err)
{
    enum dr_code first = DR_OK;
    for (unsigned i = 0; i < order->command.fence.vips; i++) {
        struct dr_error failure;
        enum dr_code code = set(&order->vip[i], &failure);
        if (code != DR_OK && first == DR_OK) {
            first = code;
            *err = failure;
        }
    }
    return first;
}

/* The fence first: an address that stood before it opens would be seen, and not answer. */
static enum dr_code set_all(const struct order *order, struct dr_error *err)
{
    const struct keeper_command *c = &order->command;
    unsigned seconds = (unsigned)(c->lifetime / 1000) + 1;
    enum dr_code code =
        c->act == KEEPER_TAKE ? fence_open(&c->fence, c->lifetime, err) : fence_extend(&c->fence, c->lifetime, err);
    if (code == DR_NOT_FOUND && c->act == KEEPER_TAKE) { /* somebody has flushed the host's rules */
        code = fence_build(&c->fence, err);
        if (code == DR_OK)
            code = fence_open(&c->fence, c->lifetime, err);
    }
    for (unsigned i = 0; code == DR_OK && i < c->fence.vips; i++)
        code = c->act == KEEPER_TAKE ? vip_add(&order->vip[i], seconds, err) : vip_renew(&order->vip[i], seconds, err);
    return code == DR_OK && c->announce ? each(order, vip_announce, err) : code;
}

/* The timer is set before the clock's reading is used, and cleared when nothing more will happen. */
static enum dr_code carry_out(const struct order *order, struct held *held, struct dr_error *err)
{
    const struct keeper_command *c = &order->command;
    if (c->act == KEEPER_BUILD)
        return fence_build(&c->fence, err);
    enum dr_code code = process_die_at(c->deadline, err), unarmed;
    if (code != DR_OK)
        return code; /* nothing is set without its guard */
    msec began = clock_now();
    code = set_all(order, err);
    struct dr_error unused;
    unarmed = process_die_at(PROCESS_NEVER, &unused);
    if (code == DR_OK) {
        held->order = *order;
        held->order.command.fence.vip = held->order.vip;
        held->until = began + c->lifetime + TICK;
    }
    return code == DR_OK ? unarmed : code;
}

/* With our drnode gone, a fence that is open beyond its time was extended by the keeper of the next one: it is theirs.
 */
static void let_go(struct held *held, bool orphan)
{
    struct dr_error unused; /* there is nobody to tell; the kernel removes what we cannot */
    bool open = false;
    held->until = 0;
    if (orphan && fence_is_open(&held->order.command.fence, &open, &unused) == DR_OK && open)
        return;
    (void)!fence_shut(&held->order.command.fence, &unused);
    (void)each(&held->order, vip_delete, &unused);
}

/* False: drnode has ended. */
static bool serve(struct held *held)
{
    struct order order;
    ssize_t got = recv(STDIN_FILENO, &order, sizeof order, 0);
    if (got < 0 && errno == EINTR)
        return true;
    if (got != (ssize_t)sizeof order || order.command.fence.vips > KEEPER_MOST)
        return false;
    struct answer answer = {.code = DR_OK};
    order.command.fence.vip = order.vip;
    answer.code = carry_out(&order, held, &answer.err);
    return send(STDIN_FILENO, &answer, sizeof answer, MSG_NOSIGNAL) == (ssize_t)sizeof answer;
}

int keeper_main(void)
{
    struct held held = {.until = 0};
    struct pollfd wait = {.fd = STDIN_FILENO, .events = POLLIN};
    bool orphan = false;
    process_urgent();
    while (!orphan || held.until != 0) {
        msec left = held.until - clock_now();
        wait.fd = orphan ? -1 : STDIN_FILENO;
        int ready = poll(&wait, 1, held.until == 0 ? -1 : left > 0 ? (int)left : 0);
        if (ready > 0)
            orphan = !serve(&held);
        if (held.until != 0 && clock_now() >= held.until)
            let_go(&held, orphan);
    }
    return EXIT_SUCCESS;
}
