/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/core/ha_rig.h - one member alone, and the world that a test plays to it: clock, peer, arbiter, commands.
 */
#ifndef DR_TESTS_UNIT_HA_RIG_H
#define DR_TESTS_UNIT_HA_RIG_H

#include "core/ha_state.h"
#include "tests/ha_defaults.h"
#include "tests/unit/unit.h"

#include <string.h>

#define SELF_ID 101
#define PEER_ID 102
#define W_ID    103
#define STARTED ((msec)1000000) /* by the clock of whoever is restarted */

struct rig {
    struct ha_config config;
    struct ha h;
    struct ha_answer a;
    msec now;
    uint64_t stamp;
};

static inline struct ha_config settings(void)
{
    return ha_defaults(MEMBER_A);
}

/* A store of a member that both voters know, and that was master in term 1 if `acted`, else in step as its slave. */
static inline struct ha_store known(const struct ha_config *config, bool acted)
{
    struct ha_store s;
    ha_store_create(&s, config, SELF_ID);
    s.set.of[0].voter[MEMBER_B] = PEER_ID;
    s.set.of[0].witness[0] = W_ID;
    s.seen = acted ? 1 : 2;
    s.acted = acted ? 1 : 0;
    s.synced = s.seen;
    return s;
}

static inline void feed(struct rig *r, struct ha_event e)
{
    e.now = r->now;
    ha_step(&r->h, &e, &r->a);
}

static inline const struct ha_action *find(const struct rig *r, enum ha_action_kind kind)
{
    for (uint32_t i = 0; i < r->a.actions; i++)
        if (r->a.action[i].kind == kind)
            return &r->a.action[i];
    return NULL;
}

static inline const struct ha_action *command(const struct rig *r, enum ha_command_kind kind)
{
    for (uint32_t i = 0; i < r->a.actions; i++)
        if (r->a.action[i].kind == HA_COMMAND && r->a.action[i].u.command.kind == kind)
            return &r->a.action[i];
    return NULL;
}

/* The command of the last answer ends. */
static inline void end(struct rig *r, enum ha_command_kind kind, bool ok)
{
    const struct ha_action *c = command(r, kind);
    CU_ASSERT_PTR_NOT_NULL_FATAL(c);
    feed(r, (struct ha_event){.kind = HA_DONE, .command = c->u.command.id, .ok = ok, .text = "exit status 3: no disk"});
}

static inline void tick(struct rig *r, msec after)
{
    r->now += after;
    feed(r, (struct ha_event){.kind = HA_TICK});
}

static inline void order(struct rig *r, enum ha_order o)
{
    feed(r, (struct ha_event){.kind = HA_ORDER, .order = o});
}

static inline struct rig started(const struct ha_config *config, const struct ha_store *store)
{
    struct rig r = {.config = *config, .now = STARTED};
    ha_init(&r.h, config, store, 1, r.now);
    feed(&r, (struct ha_event){.kind = HA_TICK});
    end(&r, HA_RELEASE_ALL, true);
    feed(&r, (struct ha_event){.kind = HA_FACTS, .facts = {.in_window = true}});
    return r;
}

/* Its folders outlived its drnode, in `term` and with an authority until `until`. */
static inline struct rig resumed(const struct ha_store *store, term_no term, msec until)
{
    struct rig r = {.config = settings(), .now = STARTED};
    ha_init(&r.h, &r.config, store, 1, r.now);
    ha_resume(&r.h, term, until);
    feed(&r, (struct ha_event){.kind = HA_TICK});
    return r;
}

/* Restarted, with the settings of a new rule: the former master, or its slave. */
static inline struct rig restarted(bool acted)
{
    struct ha_config c = settings();
    struct ha_store s = known(&c, acted);
    return started(&c, &s);
}

static inline struct ha_message from_peer(struct rig *r, enum ha_message_kind kind)
{
    struct ha_message m = {.kind = kind, .rule = r->config.rule, .from = MEMBER_B, .sent = r->now};
    m.asker = kind == HA_ANSWER ? SELF_ID : PEER_ID;
    m.round = kind == HA_ANSWER ? r->h.mastership.round : (struct vote_round){1, r->stamp + 1};
    m.report = (struct ha_report){.stamp = {1, ++r->stamp}, .identity = PEER_ID, .able = true};
    m.report.configuration = r->h.store.set.of[0];
    return m;
}

static inline void hear(struct rig *r, struct ha_message m)
{
    feed(r, (struct ha_event){.kind = HA_RECEIVED, .message = &m});
}

/* The other says that it is master. */
static inline void hear_master(struct rig *r, enum ha_message_kind kind, term_no term, enum ha_phase phase)
{
    struct ha_message m = from_peer(r, kind);
    m.report.acting = true;
    m.report.term = m.report.acted = m.report.seen = term;
    m.report.phase = phase;
    hear(r, m);
}

/* The arbiter at `place` of the list answers the last request. */
static inline void third_votes(struct rig *r, uint32_t place, struct vote_reply vote)
{
    struct ha_message m = {
        .kind = HA_ANSWER, .rule = r->config.rule, .from = MEMBER_NONE, .sent = r->now, .voted = true};
    m.asker = SELF_ID;
    m.round = vote.round = r->h.mastership.round;
    m.vote = vote;
    feed(r, (struct ha_event){.kind = HA_RECEIVED, .line = place, .message = &m});
}

static inline void third_grants(struct rig *r, uint32_t place, uint64_t identity)
{
    third_votes(r, place, (struct vote_reply){.granted = true, .identity = identity, .length = 2000});
}

static inline void arbiter_votes(struct rig *r, bool granted)
{
    third_votes(r, 0,
                (struct vote_reply){
                    .granted = granted, .identity = W_ID, .length = 2000, .candidate = granted ? MEMBER_A : MEMBER_B});
}

/* The former master, alone with the arbiter, after boot_wait and grace: about to flip to read-write. */
static inline struct rig acting_with(const struct ha_config *c)
{
    struct ha_store s = known(c, true);
    struct rig r = started(c, &s);
    tick(&r, 30000);
    arbiter_votes(&r, true);
    end(&r, HA_REPLICATION_FINISH, true);
    end(&r, HA_VIP_PROBE, true);
    tick(&r, 500);
    return r;
}

static inline struct rig acting(void)
{
    struct ha_config c = settings();
    return acting_with(&c);
}

static inline void finish_take(struct rig *r)
{
    end(r, HA_FLIP_RW, true);
    end(r, HA_VIP_TAKE, true);
    end(r, HA_RUN_ACQUIRE, true);
    end(r, HA_REPLICATION_SOURCE, true);
    CU_ASSERT_EQUAL(r->h.mode, HA_ACTING);
}

static inline struct rig master_alone(void)
{
    struct rig r = acting();
    finish_take(&r);
    return r;
}

static inline void lose_authority(struct rig *r)
{
    r->now = ha_authority(&r->h);
    feed(r, (struct ha_event){.kind = HA_TICK});
}

/* The commands of a demotion end well. */
static inline void finish_release(struct rig *r)
{
    end(r, HA_FLIP_RO, true);
    end(r, HA_VIP_RELEASE, true);
    end(r, HA_RUN_RELEASE, true);
}

/* An interval passes; a renewal of the address succeeds at once. */
static inline void next_beat(struct rig *r)
{
    tick(r, r->config.interval);
    if (command(r, HA_VIP_RENEW))
        end(r, HA_VIP_RENEW, true);
}

static inline struct ha_status shown(const struct rig *r)
{
    struct ha_status status;
    ha_status(&r->h, r->now, NULL, &status);
    return status;
}

static inline bool says_why(const struct ha_status *status, const char *words)
{
    for (uint32_t i = 0; i < status->whys; i++)
        if (strstr(status->why[i], words))
            return true;
    return false;
}

#endif
