/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/arbitration.h"
#include "agent/letters.h"
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

    /* decision thread only */
    struct voter voter;
    msec doubted; /* when one that cannot be sound was last told; 0: never */
    bool left;    /* letters that still come are for nobody */

    /* what has to be durable before the answer leaves, and what waits behind it */
    bool storing;
    struct scribe_note note;
    uint8_t bytes[ARBITER_STORE_BYTES];
    struct verdict {
        bool due; /* there is an answer */
        struct ha_message answer;
        struct wire *wire;
        enum member before; /* whose the vote was, and in which term */
        term_no term;
    } verdict;
    struct letters kept;
};

#define DOUBT_AGAIN 60000
#define KEPT_MOST   16u /* messages that come while the disk is waited for; the next are lost, as on the way */

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

static void answer(struct arbitration *a, const struct verdict *v)
{
    struct dr_error err;
    uint8_t bytes[HA_MESSAGE_WIRE];
    if (!v->due)
        return;
    if (v->answer.voted)
        note(a, &v->answer.vote, v->before, v->term);
    struct cursor c = cursor_over(bytes, sizeof bytes);
    ha_message_encode(&c, &v->answer);
    /* Lost: it asks again. */
    (void)!outbox_put(a->config.outbox, v->wire, 1, bytes, sizeof bytes - cursor_left(&c), &err);
}

static void stored(void *baton)
{
    struct arbitration *a = baton;
    struct wire *wire = a->verdict.wire;
    a->storing = false;
    if (a->note.record.err.code == DR_OK) {
        answer(a, &a->verdict);
    } else {
        voter_store_failed(&a->voter);
        log_write(a->config.log, LOG_LEVEL_ERROR, &a->config.rule->id, "vote", "no vote: %s", a->note.record.err.text);
    }
    wire_drop(wire);
    letters_deliver(&a->kept, &a->storing);
}

static void store(struct arbitration *a, const struct verdict *v)
{
    a->storing = true;
    a->verdict = *v;
    a->verdict.wire = wire_hold(v->wire);
    a->note = (struct scribe_note){.verdict = stored, .baton = a};
    a->note.record = (struct store_record){
        .file = a->file, .bytes = a->bytes, .size = arbiter_store_encode(a->bytes, &a->voter.store)};
    scribe_write(a->config.scribe, &a->note);
}

static void deliver(void *to, struct letter *letter)
{
    struct arbitration *a = to;
    struct verdict v = {.wire = letter->wire, .before = a->voter.store.candidate, .term = a->voter.store.term};
    bool must_store = false;
    if (a->left)
        return;
    if (a->storing) { /* not kept: lost, as on the way */
        (void)!(a->kept.count < KEPT_MOST && letters_keep(&a->kept, letter));
        return;
    }
    if (arbiter_doubts(&a->voter, &letter->message))
        note_doubt(a, &letter->message);
    v.due = arbiter_step(&a->voter, &letter->message, clock_now(), &v.answer, &must_store);
    if (must_store)
        store(a, &v);
    else
        answer(a, &v);
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
    if (fresh)
        voter_store_failed(&a->voter); /* its identity is durable before it is said */
    return DR_OK;
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

void arbitration_leave(struct arbitration *a)
{
    a->left = true;
    if (a->storing) {
        scribe_wait(a->config.scribe, &a->note);
        wire_drop(a->verdict.wire);
    }
    a->storing = false;
    letters_drop(&a->kept);
}

void arbitration_destroy(struct arbitration *a)
{
    arbitration_leave(a);
    free(a);
}
