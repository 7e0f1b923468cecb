/* SPDX-License-Identifier: Apache-2.0
 * One rule on a slow disk, and on a full one: nothing is sent and no command is given before the state that it rests on
 * is durable, and what comes meanwhile is heard afterwards. The sync of the disk is replaced here. */
#include "agent/listen.h"
#include "agent/rule/runner_state.h"
#include "platform/clock.h"
#include "tests/ha_defaults.h"
#include "tests/unit/net/pair.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static atomic_bool slow, full;
static atomic_uint syncs;

int fdatasync(int fd)
{
    atomic_fetch_add(&syncs, 1);
    while (atomic_load(&slow))
        usleep(500);
    if (!atomic_load(&full))
        return (int)syscall(SYS_fdatasync, fd);
    errno = ENOSPC;
    return -1;
}

static struct pki pki;
static struct tls *alpha, *beta;
static struct dr_error err;

struct stand {
    struct scratch scratch;
    struct rule rule;
    struct runner *runner;
    struct ha_answer answer;
    struct outbox outbox;
    struct listen *peer;
    msec due;
    atomic_uint frames, commands;
};

/* The peer hears, and says nothing. */
static bool hear(void *baton, enum lane lane, struct wire *wire, struct guest *guest)
{
    struct stand *s = baton;
    struct frame frame;
    struct dr_error failure;
    (void)lane;
    (void)guest;
    while (wire_receive(wire, &frame, 10000, &failure) == DR_OK)
        atomic_fetch_add(&s->frames, 1);
    return false;
}

static void say(void *baton, const char *line)
{
    (void)baton;
    (void)line;
}

static void carry(void *baton, const struct command *command)
{
    struct stand *s = baton;
    atomic_fetch_add(&s->commands, 1);
    runner_done(s->runner, command->id, true, "");
}

static void wake(void *baton)
{
    inbox_nudge(baton);
}

static void make_rule(struct stand *s, uint16_t port)
{
    struct rule *rule = &s->rule;
    snprintf(rule->id.hex, sizeof rule->id.hex, "%032X", 1);
    rule->interval = 50;
    rule->max_fail = 4;
    rule->lines = 1;
    rule->line[0].port = port;
    for (enum member m = MEMBER_A; m <= MEMBER_B; m++)
        snprintf(rule->line[0].address[m], sizeof rule->line[0].address[m], "127.0.0.1");
    rule->member[MEMBER_A].node = pki_alpha;
    rule->member[MEMBER_B].node = pki_beta;
    s->peer = NULL;
    struct listen_config config = {.tls = beta, .serve = hear, .say = say, .baton = s};
    CU_ASSERT_EQUAL_FATAL(listen_create(&s->peer, &config, &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(listen_open(s->peer, LANE_HEARTBEAT, "127.0.0.1", port, &err), DR_OK);
}

static void configure(struct stand *s)
{
    struct log_config quiet = {.folder = NULL};
    struct runner_config *c = &s->runner->config;
    *c = (struct runner_config){.root = s->scratch.root, .rule = &s->rule, .self = MEMBER_A, .tls = alpha};
    c->answer = &s->answer;
    c->outbox = &s->outbox;
    CU_ASSERT_EQUAL_FATAL(log_open(&c->log, &quiet, &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(inbox_create(&c->inbox, &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(trunks_create(&c->trunks, &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(scribe_create(&c->scribe, wake, c->inbox, &err), DR_OK);
}

static struct stand *set_up(void)
{
    struct stand *s = calloc(1, sizeof *s);
    uint16_t port;
    close(pair_listen(&port));
    s->scratch = scratch_make();
    s->runner = calloc(1, sizeof *s->runner);
    make_rule(s, port);
    configure(s);
    struct runner *r = s->runner;
    snprintf(r->store_file, sizeof r->store_file, "%s", scratch_path(&s->scratch, "ha"));
    struct replicate_config data = {.root = s->scratch.root, .rule = &s->rule, .log = r->config.log};
    CU_ASSERT_EQUAL_FATAL(replicate_create(&r->replicate, &data, &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(authority_create(&r->authority, &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(worker_create(&r->hands, carry, s, &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(worker_create(&r->renewer, carry, s, &err), DR_OK);
    struct ha_config config = ha_defaults(MEMBER_A);
    struct ha_store stored;
    config.lines = s->rule.lines;
    config.witnesses = 0;
    config.interval = s->rule.interval;
    ha_store_create(&stored, &config, 7);
    ha_init(&r->ha, &config, &stored, 1, clock_now());
    r->role = HA_ROLE_DETACHED;
    runner_due(r, &s->due);
    return s;
}

static void tear_down(struct stand *s)
{
    struct runner_config c = s->runner->config;
    runner_leave(s->runner);
    runner_destroy(s->runner);
    listen_destroy(s->peer);
    scribe_destroy(c.scribe);
    trunks_destroy(c.trunks);
    inbox_destroy(c.inbox);
    log_close(c.log);
    scratch_remove(&s->scratch);
    free(s);
}

/* The decision thread of a node, for a while or until there was so much of what is counted. */
static void live(struct stand *s, msec span, const atomic_uint *count)
{
    struct letter letter;
    for (msec until = clock_now() + span; clock_now() < until && (count == NULL || atomic_load(count) == 0);) {
        if (inbox_take(s->runner->config.inbox, &letter, 5)) {
            letter.deliver(letter.to, &letter);
            wire_drop(letter.wire);
        }
        scribe_tell(s->runner->config.scribe);
        if (s->due <= clock_now())
            runner_tick(s->runner);
        outbox_flush(&s->outbox);
    }
}

static struct ha_store on_disk(const struct stand *s)
{
    uint8_t bytes[HA_STORE_BYTES];
    struct ha_store store = {.start = 0};
    size_t size;
    if (store_read(s->runner->store_file, bytes, sizeof bytes, &size, &err) == DR_OK)
        CU_ASSERT_EQUAL(ha_store_decode(&store, bytes, size, &err), DR_OK);
    return store;
}

static void nothing_leaves_before_it_is_durable(void)
{
    struct stand *s = set_up();
    atomic_store(&slow, true);
    CU_ASSERT_EQUAL_FATAL(runner_start(s->runner, &err), DR_OK);
    live(s, 300, NULL);
    CU_ASSERT_TRUE(s->runner->storing);
    CU_ASSERT_EQUAL(atomic_load(&s->frames), 0);
    CU_ASSERT_EQUAL(on_disk(s).start, 0);
    runner_done(s->runner, 12345, true, ""); /* is kept, and is nothing to core */
    live(s, 20, NULL);
    CU_ASSERT_EQUAL(s->runner->kept.count, 1 + atomic_load(&s->commands));
    atomic_store(&slow, false);
    live(s, 20000, &s->frames);
    CU_ASSERT_TRUE(atomic_load(&s->frames) > 0);
    CU_ASSERT_EQUAL(s->runner->kept.count, 0);
    CU_ASSERT_EQUAL(on_disk(s).start, 1);
    tear_down(s);
}

/* No step is taken; once there is room it goes on by itself. */
static void a_full_disk_stops_it(void)
{
    struct stand *s = set_up();
    atomic_store(&full, true);
    atomic_store(&syncs, 0);
    CU_ASSERT_EQUAL_FATAL(runner_start(s->runner, &err), DR_OK);
    while (atomic_load(&syncs) < 3)
        live(s, 20, NULL);
    CU_ASSERT_TRUE(s->runner->ha.store_bad);
    CU_ASSERT_EQUAL(atomic_load(&s->frames), 0);
    atomic_store(&full, false);
    live(s, 20000, &s->frames);
    CU_ASSERT_TRUE(atomic_load(&s->frames) > 0);
    live(s, 200, NULL);
    CU_ASSERT_FALSE(s->runner->ha.store_bad);
    CU_ASSERT_EQUAL(on_disk(s).start, 1);
    tear_down(s);
}

/* What a person is told rests on the disk, and an order waits for what was decided before it. */
static void who_is_told_waits(void)
{
    struct stand *s = set_up();
    struct rule_status *status = calloc(1, sizeof *status);
    char why[HA_TEXT_MAX];
    CU_ASSERT_EQUAL_FATAL(runner_start(s->runner, &err), DR_OK);
    CU_ASSERT_TRUE(s->runner->storing);
    runner_status(s->runner, status);
    CU_ASSERT_FALSE(s->runner->storing);
    CU_ASSERT_EQUAL(on_disk(s).start, 1);
    live(s, 20000, &s->frames); /* it has started */
    CU_ASSERT_TRUE(runner_order(s->runner, HA_ORDER_STOP, why));
    CU_ASSERT_TRUE(on_disk(s).stopped);
    atomic_store(&full, true);
    CU_ASSERT_FALSE(runner_order(s->runner, HA_ORDER_START, why));
    CU_ASSERT_PTR_NOT_NULL(strstr(why, "free space"));
    CU_ASSERT_TRUE(on_disk(s).stopped);
    atomic_store(&full, false);
    CU_ASSERT_TRUE(runner_order(s->runner, HA_ORDER_STOP, why)); /* there is room again: the first order finds it */
    CU_ASSERT_TRUE(on_disk(s).stopped);
    free(status);
    tear_down(s);
}

/* A rule that leaves while the disk is waited for does nothing of what would have followed. */
static void who_leaves_does_nothing_more(void)
{
    struct stand *s = set_up();
    CU_ASSERT_EQUAL_FATAL(runner_start(s->runner, &err), DR_OK);
    CU_ASSERT_TRUE(s->runner->storing);
    runner_leave(s->runner);
    CU_ASSERT_EQUAL(on_disk(s).start, 1);
    live(s, 200, NULL);
    CU_ASSERT_EQUAL(atomic_load(&s->frames), 0);
    tear_down(s);
}

int main(void)
{
    pki_make(&pki);
    alpha = pki_node(&pki, "alpha", &pki_alpha);
    beta = pki_node(&pki, "beta", &pki_beta);
    CU_TestInfo cases[] = {{"nothing leaves before it is durable", nothing_leaves_before_it_is_durable},
                           {"a full disk stops it", a_full_disk_stops_it},
                           {"who is told waits", who_is_told_waits},
                           {"who leaves does nothing more", who_leaves_does_nothing_more},
                           CU_TEST_INFO_NULL};
    int status = unit_run("step", cases);
    tls_destroy(beta);
    tls_destroy(alpha);
    pki_remove(&pki);
    return status;
}
