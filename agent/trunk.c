/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/trunk.h"
#include "core/ha_message.h"
#include "platform/clock.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

struct rider {
    struct trunk *trunk;
    struct dr_id rule;
    uint8_t type;
    bool (*receive)(void *baton, const struct frame *frame);
    void *baton;
    msec kept_since;
    size_t kept_size; /* 0: nothing is kept */
    uint8_t kept[DIAL_KEEP];
};

struct trunk {
    struct trunks *all;
    struct trunk *next;
    struct dial_config config; /* of the first rider; what has to be the same of all */
    struct dial *dial;
    pthread_mutex_t lock;  /* guards all below, and what is kept */
    struct rider **riders; /* in the order of their rules and types */
    unsigned count, room;
};

struct trunks {
    pthread_mutex_t lock; /* guards the list, and who joins or leaves; before a trunk's */
    struct trunk *first;
};

/* ---- who rides ---- */

static int order(const struct dr_id *rule, uint8_t type, const struct rider *rider)
{
    int by_rule = memcmp(rule->hex, rider->rule.hex, DR_ID_DIGITS);
    return by_rule != 0 ? by_rule : (int)type - (int)rider->type;
}

/* Under the lock: where it is, or would have to be. */
static unsigned place_of(const struct trunk *t, const struct dr_id *rule, uint8_t type)
{
    unsigned low = 0, high = t->count;
    while (low < high) {
        unsigned middle = (low + high) / 2;
        if (order(rule, type, t->riders[middle]) > 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static struct rider *find(const struct trunk *t, const struct dr_id *rule, uint8_t type)
{
    unsigned place = place_of(t, rule, type);
    bool there = place < t->count && order(rule, type, t->riders[place]) == 0;
    return there ? t->riders[place] : NULL;
}

static bool add(struct trunk *t, struct rider *rider)
{
    if (t->count == t->room) {
        unsigned room = t->room ? 2 * t->room : 4;
        struct rider **more = realloc(t->riders, room * sizeof(struct rider *));
        if (more == NULL)
            return false;
        t->riders = more;
        t->room = room;
    }
    unsigned place = place_of(t, &rider->rule, rider->type);
    memmove(&t->riders[place + 1], &t->riders[place], (t->count - place) * sizeof t->riders[0]);
    t->riders[place] = rider;
    t->count++;
    return true;
}

/* ---- what the dial tells; in its thread ---- */

/* What is for a rule that has left is nobody's. */
static bool hand_out(void *baton, const struct frame *frame)
{
    struct trunk *t = baton;
    struct ha_message message;
    struct cursor c = cursor_reading(frame->body, frame->size);
    if (!ha_message_decode(&c, &message))
        return false;
    pthread_mutex_lock(&t->lock);
    const struct rider *rider = find(t, &message.rule, frame->type);
    bool makes_sense = rider == NULL || rider->receive(rider->baton, frame);
    pthread_mutex_unlock(&t->lock);
    return makes_sense;
}

/* A beat that found no connection need not wait for the next one: a member that is back must be heard in time. */
static bool send_kept(void *baton, struct wire *wire)
{
    struct trunk *t = baton;
    struct dr_error err;
    bool sent = true;
    pthread_mutex_lock(&t->lock);
    for (unsigned i = 0; sent && i < t->count; i++) {
        struct rider *r = t->riders[i];
        bool fresh = r->kept_size > 0 && clock_now() - r->kept_since <= t->config.silence;
        sent = !fresh || wire_send(wire, r->type, r->kept, r->kept_size, &err) == DR_OK;
        r->kept_size = 0;
    }
    pthread_mutex_unlock(&t->lock);
    return sent;
}

enum dr_code trunk_send(struct rider *rider, struct outbox *outbox, const void *bytes, size_t size,
                        struct dr_error *err)
{
    struct trunk *t = rider->trunk;
    enum dr_code code = dial_send(t->dial, outbox, rider->type, bytes, size, err);
    if (code != DR_CLOSED || size > DIAL_KEEP)
        return code;
    pthread_mutex_lock(&t->lock);
    rider->kept_since = clock_now();
    rider->kept_size = size;
    memcpy(rider->kept, bytes, size);
    pthread_mutex_unlock(&t->lock);
    return code;
}

/* ---- trunks ---- */

static bool same(const struct dial_config *a, const struct dial_config *b)
{
    return a->tls == b->tls && a->lane == b->lane && a->port == b->port && a->interval == b->interval &&
           a->silence == b->silence && strcmp(a->address, b->address) == 0 && strcmp(a->source, b->source) == 0 &&
           strcmp(a->peer.hex, b->peer.hex) == 0;
}

/* Under the lock of all. */
static enum dr_code open_trunk(struct trunk **out, struct trunks *all, const struct dial_config *config,
                               struct dr_error *err)
{
    struct trunk *t = calloc(1, sizeof *t);
    if (t == NULL)
        return dr_fail(err, DR_FULL, "no memory to dial %s", config->address);
    t->all = all;
    t->config = *config;
    t->config.receive = hand_out;
    t->config.up = send_kept;
    t->config.baton = t;
    pthread_mutex_init(&t->lock, NULL);
    enum dr_code code = dial_start(&t->dial, &t->config, err);
    if (code != DR_OK) {
        pthread_mutex_destroy(&t->lock);
        free(t);
        return code;
    }
    t->next = all->first;
    all->first = t;
    *out = t;
    return DR_OK;
}

static void unlink_trunk(struct trunk *t)
{
    struct trunk **at = &t->all->first;
    while (*at != t)
        at = &(*at)->next;
    *at = t->next;
}

static void close_trunk(struct trunk *t)
{
    dial_destroy(t->dial);
    pthread_mutex_destroy(&t->lock);
    free(t->riders);
    free(t);
}

/* Under the lock of all. */
static enum dr_code join(struct trunks *all, const struct dial_config *config, struct rider *rider,
                         struct dr_error *err)
{
    struct trunk *t = all->first;
    while (t != NULL && !same(&t->config, config))
        t = t->next;
    enum dr_code code = t != NULL ? DR_OK : open_trunk(&t, all, config, err);
    if (code != DR_OK)
        return code;
    rider->trunk = t;
    pthread_mutex_lock(&t->lock);
    bool added = add(t, rider);
    pthread_mutex_unlock(&t->lock);
    return added ? DR_OK : dr_fail(err, DR_FULL, "no memory to share the connection to %s", config->address);
}

enum dr_code trunk_join(struct rider **out, struct trunks *all, const struct dial_config *config,
                        const struct dr_id *rule, uint8_t type, struct dr_error *err)
{
    struct rider *rider = calloc(1, sizeof *rider);
    if (rider == NULL)
        return dr_fail(err, DR_FULL, "no memory to dial %s", config->address);
    rider->rule = *rule;
    rider->type = type;
    rider->receive = config->receive;
    rider->baton = config->baton;
    pthread_mutex_lock(&all->lock);
    enum dr_code code = join(all, config, rider, err);
    pthread_mutex_unlock(&all->lock);
    if (code != DR_OK)
        free(rider);
    else
        *out = rider;
    return code;
}

void trunk_leave(struct rider *rider)
{
    struct trunk *t = rider->trunk;
    struct trunks *all = t->all;
    pthread_mutex_lock(&all->lock);
    pthread_mutex_lock(&t->lock);
    unsigned place = 0;
    while (t->riders[place] != rider)
        place++;
    t->count--;
    memmove(&t->riders[place], &t->riders[place + 1], (t->count - place) * sizeof t->riders[0]);
    bool last = t->count == 0;
    pthread_mutex_unlock(&t->lock);
    if (last)
        unlink_trunk(t);
    pthread_mutex_unlock(&all->lock);
    free(rider);
    if (last)
        close_trunk(t);
}

enum dr_code trunks_create(struct trunks **out, struct dr_error *err)
{
    struct trunks *all = calloc(1, sizeof *all);
    if (all == NULL)
        return dr_fail(err, DR_FULL, "no memory for lines to other nodes");
    pthread_mutex_init(&all->lock, NULL);
    *out = all;
    return DR_OK;
}

void trunks_destroy(struct trunks *all)
{
    pthread_mutex_destroy(&all->lock);
    free(all);
}
