/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/arbitration.h"
#include "agent/outbox.h"
#include "agent/store.h"
#include "core/arbiter.h"
#include "platform/clock.h"
#include "platform/host.h"

#include <stdio.h>
#include <stdlib.h>

struct arbitration {
    struct arbitration_config config;
    char file[CONFIG_PATH_SIZE];
    struct voter voter; /* decision thread only */
    msec doubted;       /* when one that cannot be sound was last told; 0: never */
};

#define DOUBT_AGAIN 60000

static enum dr_code save(struct arbitration *a, struct dr_error *err)
{
    uint8_t bytes[ARBITER_STORE_BYTES];
    size_t size = arbiter_store_encode(bytes, &a->voter.store);
    return store_write(a->file, bytes, size, err);
}

/* Another vote than before is a fact that people want to find. */
static void note(struct arbitration *a, const struct vote_reply *vote, enum member before, term_no term)
{
    if (!vote->granted || (vote->candidate == before && vote->term == term))
        return;
    log_write(a->config.log, LOG_LEVEL_INFO, &a->config.rule->id, "vote", "promised to %s in term %llu",
              a->config.rule->member[vote->candidate].name, (unsigned long long)vote->term);
}

static void note_doubt(struct arbitration *a, const struct ha_message *message)
{
    if (a->doubted != 0 && clock_now() - a->doubted < DOUBT_AGAIN)
        return;
    a->doubted = clock_now();
    log_write(a->config.log, LOG_LEVEL_ERROR, &a->config.rule->id, "vote",
              "%s speaks of term %llu, and the highest known here is %llu: it gets no vote; look at its state "
              "(var/rules) and its memory",
              a->config.rule->member[message->from].name, (unsigned long long)ha_message_term(message),
              (unsigned long long)a->voter.store.term);
}

static void deliver(void *to, struct letter *letter)
{
    struct arbitration *a = to;
    struct ha_message answer;
    struct dr_error err;
    uint8_t bytes[HA_MESSAGE_WIRE];
    bool must_store = false;
    enum member before = a->voter.store.candidate;
    term_no term = a->voter.store.term;
    if (arbiter_doubts(&a->voter, &letter->message))
        note_doubt(a, &letter->message);
    bool due = arbiter_step(&a->voter, &letter->message, clock_now(), &answer, &must_store);
    if (must_store)
        outbox_flush(a->config.outbox); /* others need not wait for our disk */
    if (must_store && save(a, &err) != DR_OK) {
        voter_store_failed(&a->voter);
        log_write(a->config.log, LOG_LEVEL_ERROR, &a->config.rule->id, "vote", "no vote: %s", err.text);
        return;
    }
    if (!due)
        return;
    if (answer.voted)
        note(a, &answer.vote, before, term);
    struct cursor c = cursor_over(bytes, sizeof bytes);
    ha_message_encode(&c, &answer);
    /* Lost: it asks again. */
    (void)!outbox_put(a->config.outbox, letter->wire, 1, bytes, sizeof bytes - cursor_left(&c), &err);
}

void arbitration_hear(struct arbitration *a, struct wire *wire, const struct ha_message *message)
{
    struct letter letter = {.deliver = deliver, .to = a, .wire = wire, .message = *message};
    (void)inbox_offer(a->config.inbox, &letter); /* full: lost, as on the way */
}

static enum dr_code load(struct arbitration *a, struct dr_error *err)
{
    uint8_t bytes[ARBITER_STORE_BYTES];
    struct voter_store stored = {.candidate = MEMBER_NONE};
    size_t size;
    enum dr_code code = store_read(a->file, bytes, sizeof bytes, &size, err);
    bool fresh = code == DR_NOT_FOUND;
    if (code == DR_OK)
        code = arbiter_store_decode(&stored, bytes, size, err);
    while (fresh && stored.identity == 0)
        host_random(&stored.identity, sizeof stored.identity);
    if (code != DR_OK && !fresh)
        return dr_within(err, "%s", a->file);
    voter_init(&a->voter, &stored, clock_now());
    return fresh ? save(a, err) : DR_OK;
}

enum dr_code arbitration_create(struct arbitration **out, const struct arbitration_config *config, struct dr_error *err)
{
    struct arbitration *a = calloc(1, sizeof *a);
    char relative[64];
    if (a == NULL)
        return dr_fail(err, DR_FULL, "no memory for rule %s", config->rule->name);
    a->config = *config;
    snprintf(relative, sizeof relative, "var/rules/%s/vote", config->rule->id.hex);
    enum dr_code code = config_path(a->file, config->root, relative)
                            ? load(a, err)
                            : dr_fail(err, DR_INVALID, "the path %s is too long", config->root);
    if (code != DR_OK) {
        free(a);
        return dr_within(err, "rule %s", config->rule->name);
    }
    *out = a;
    return DR_OK;
}

const struct rule *arbitration_rule(const struct arbitration *a)
{
    return a->config.rule;
}

void arbitration_destroy(struct arbitration *a)
{
    free(a);
}
