/* SPDX-License-Identifier: Apache-2.0
 * tests/sim/scenarios.c - stories that must go one way, told with the calm settings of a new rule. */
#include "tests/sim/stories.h"

#include <stdlib.h>

struct host *master(struct sim *s)
{
    for (unsigned i = 0; i < 2; i++)
        if (s->host[i].up && s->host[i].ha.mode == HA_ACTING)
            return &s->host[i];
    return NULL;
}

void wait(struct sim *s, usec time)
{
    sim_run(s, s->now + time);
}

bool has_address(const struct sim *s, unsigned member)
{
    return fake_has_address(&s->host[member].os);
}

enum ha_role role_of(const struct sim *s, unsigned member)
{
    struct ha_status status;
    ha_status(&s->host[member].ha, host_clock(s, &s->host[member]), NULL, &status);
    return status.role;
}

bool settled(struct sim *s)
{
    wait(s, 20 * SECOND);
    return master(s) == &s->host[0] && has_address(s, 0) && role_of(s, 1) == HA_ROLE_SLAVE &&
           s->host[1].ha.store.synced == s->host[0].ha.term;
}

void cut_off(struct sim *s, unsigned alone)
{
    for (unsigned other = 0; other < sim_hosts(s); other++)
        if (other != alone)
            cut_between(s, alone, other, true);
}

void read_file_again(struct sim *s, unsigned member)
{
    host_crash(s, &s->host[member], false);
    host_start(s, &s->host[member]);
}

bool until(struct sim *s, bool (*holds)(struct sim *s))
{
    usec end = s->now + 20 * SECOND;
    while (s->now < end && !s->violation[0] && !holds(s)) /* time stands still after a violation */
        wait(s, 1000);
    return s->now < end && !s->violation[0];
}

void set_grace(struct sim *s, msec a, msec b)
{
    s->plan.config[0].release_grace = a;
    s->plan.config[1].release_grace = b;
}

void make_anew(struct sim *s)
{
    for (unsigned i = 0; i < 2; i++)
        host_lose_store(s, &s->host[i]);
}

void without_arbiter(struct sim *s)
{
    s->plan.config[0].witnesses = s->plan.config[1].witnesses = 0;
    make_anew(s);
}

static bool first_start(struct sim *s)
{
    return settled(s) && s->host[0].ha.store.set.count == 1 &&
           ha_configuration(&s->host[0].ha)->witness[0] == s->host[WITNESS].voter.store.identity;
}

static bool one_alone_at_first(struct sim *s)
{
    s->host[1].life++;
    wait(s, 60 * SECOND);
    return !master(s) && !host_writes(&s->host[0]) && !has_address(s, 0);
}

static bool take_over(struct sim *s)
{
    if (!settled(s))
        return false;
    host_crash(s, &s->host[0], true);
    wait(s, 3500000);
    bool taken = master(s) == &s->host[1] && has_address(s, 1);
    host_start(s, &s->host[0]);
    wait(s, 10 * SECOND);
    return taken && master(s) == &s->host[1] && role_of(s, 0) == HA_ROLE_SLAVE &&
           s->host[0].target == s->host[1].ha.term;
}

/* Cut from both others: EROFS and no address before the other takes it, slave again after the heal, by itself. */
static bool self_demotion(struct sim *s)
{
    if (!settled(s))
        return false;
    cut_between(s, 0, 1, true);
    cut_between(s, 0, WITNESS, true);
    bool clean = true;
    for (unsigned i = 0; i < 8000 && master(s) != &s->host[1]; i++) {
        wait(s, 1000);
        clean &= !(host_writes(&s->host[1]) && host_writes(&s->host[0])) && !(has_address(s, 0) && has_address(s, 1));
    }
    clean &= master(s) == &s->host[1] && !host_writes(&s->host[0]) && !has_address(s, 0);
    cut_between(s, 0, 1, false);
    cut_between(s, 0, WITNESS, false);
    wait(s, 10 * SECOND);
    return clean && master(s) == &s->host[1] && role_of(s, 0) == HA_ROLE_SLAVE;
}

static bool witness_lost(struct sim *s)
{
    if (!settled(s))
        return false;
    host_crash(s, &s->host[WITNESS], true);
    wait(s, 30 * SECOND);
    return master(s) == &s->host[0] && s->demotions == 0;
}

static bool slave_lost(struct sim *s)
{
    if (!settled(s))
        return false;
    host_crash(s, &s->host[1], true);
    wait(s, 30 * SECOND);
    return master(s) == &s->host[0] && s->demotions == 0;
}

static bool planned_switch(struct sim *s)
{
    if (!settled(s))
        return false;
    term_no term = s->host[0].ha.term;
    host_order(s, &s->host[0], HA_ORDER_SWITCH);
    wait(s, SECOND);
    bool there = master(s) == &s->host[1] && s->host[1].ha.term == term + 1;
    wait(s, 10 * SECOND);
    host_order(s, &s->host[1], HA_ORDER_SWITCH);
    wait(s, SECOND);
    return there && master(s) == &s->host[0] && has_address(s, 0) && s->demotions == 0;
}

/* Killed, and started again after its authority ended, while the kernel still has the address. */
static bool starts_with_nothing(struct sim *s)
{
    struct host *a = &s->host[0];
    if (!settled(s))
        return false;
    host_crash(s, a, false);
    while (host_writes(a))
        wait(s, 1000);
    bool left = has_address(s, 0);
    host_start(s, a);
    for (unsigned i = 0; i < 50 && a->ha.mode == HA_STARTING; i++)
        wait(s, 1000);
    return left && a->ha.mode != HA_STARTING && !has_address(s, 0) && !host_writes(a);
}

/* A handed over once and is master again. That it grants its vote when it has stood still is no hand-over. */
static bool an_old_hand_over_counts_no_more(struct sim *s)
{
    if (!planned_switch(s))
        return false;
    wait(s, 10 * SECOND);
    host_crash(s, &s->host[WITNESS], false);
    host_stall(s, &s->host[0], 2300000);
    usec until = s->now + 10 * SECOND;
    while (s->now < until && s->host[1].ha.mode != HA_TAKING)
        wait(s, 1000);
    usec granted = s->now;
    while (s->now < until && !host_writes(&s->host[1]))
        wait(s, 1000);
    return s->now < until && s->now - granted >= 490000;
}

static bool failed_release_is_undone(struct sim *s)
{
    s->plan.config[0].script_timeout = 200;
    if (!settled(s))
        return false;
    s->host[1].target = 0; /* so that the drain cannot end */
    host_order(s, &s->host[0], HA_ORDER_SWITCH);
    wait(s, 10 * SECOND);
    return master(s) == &s->host[0] && has_address(s, 0) && host_writes(&s->host[0]);
}

static bool stopped_master(struct sim *s)
{
    if (!settled(s))
        return false;
    host_order(s, &s->host[0], HA_ORDER_STOP);
    wait(s, 30 * SECOND);
    bool left = !master(s) && role_of(s, 0) == HA_ROLE_DETACHED && role_of(s, 1) == HA_ROLE_SLAVE && !has_address(s, 0);
    host_order(s, &s->host[0], HA_ORDER_START);
    wait(s, 10 * SECOND);
    return left && master(s) == &s->host[0];
}

static bool manual_only(struct sim *s)
{
    s->plan.config[0].auto_switch = s->plan.config[1].auto_switch = false;
    if (!settled(s))
        return false;
    host_crash(s, &s->host[0], true);
    wait(s, 30 * SECOND);
    struct ha_status status;
    ha_status(&s->host[1].ha, host_clock(s, &s->host[1]), NULL, &status);
    bool warned = !master(s) && status.state == HA_STATE_WARNING && status.whys > 0;
    host_order(s, &s->host[1], HA_ORDER_TAKE_FORCE);
    wait(s, 10 * SECOND);
    return warned && master(s) == &s->host[1] && has_address(s, 1);
}

static bool forced_without_anybody(struct sim *s)
{
    if (!settled(s))
        return false;
    host_crash(s, &s->host[0], true);
    host_crash(s, &s->host[WITNESS], true);
    wait(s, 20 * SECOND);
    bool waits = !master(s);
    s->overridden = true;
    host_order(s, &s->host[1], HA_ORDER_TAKE_FORCE);
    wait(s, 20 * SECOND);
    return waits && master(s) == &s->host[1] && has_address(s, 1);
}

static bool forced_beside_a_master(struct sim *s)
{
    if (!settled(s))
        return false;
    s->overridden = true;
    host_order(s, &s->host[1], HA_ORDER_TAKE_FORCE);
    wait(s, 10 * SECOND);
    return master(s) == &s->host[1] && role_of(s, 0) == HA_ROLE_SLAVE && !has_address(s, 0);
}

static bool split_brain(struct sim *s)
{
    without_arbiter(s);
    if (!settled(s))
        return false;
    cut_between(s, 0, 1, true);
    wait(s, 10 * SECOND);
    bool two = s->host[0].ha.mode == HA_ACTING && s->host[1].ha.mode == HA_ACTING;
    cut_between(s, 0, 1, false);
    wait(s, 10 * SECOND);
    const struct ha_store *a = &s->host[0].ha.store, *b = &s->host[1].ha.store;
    bool told = a->split[0] == b->split[0] && a->split[1] == b->split[1] && a->split[0] != 0 && a->split[1] != 0;
    bool apart =
        master(s) == &s->host[1] && !host_writes(&s->host[0]) && s->host[0].target == 0 && s->host[1].source == 0;
    host_order(s, &s->host[0], HA_ORDER_TAKE_FORCE);
    wait(s, 20 * SECOND);
    return two && told && apart && master(s) == &s->host[0] && s->host[1].target == s->host[0].ha.term &&
           !ha_split(&s->host[0].ha) && !ha_split(&s->host[1].ha);
}

static bool arbiter_replaced(struct sim *s)
{
    if (!settled(s))
        return false;
    host_crash(s, &s->host[WITNESS], true);
    host_lose_store(s, &s->host[WITNESS]);
    host_start(s, &s->host[WITNESS]);
    wait(s, 10 * SECOND);
    host_crash(s, &s->host[0], true);
    wait(s, 5 * SECOND);
    return master(s) == &s->host[1];
}

/* The network kept it all the time. */
static void old_give_back_arrives(struct sim *s)
{
    struct ha_message *m = malloc(sizeof *m);
    if (!m)
        abort();
    *m = (struct ha_message){.kind = HA_BEAT, .rule = s->plan.config[0].rule, .from = MEMBER_A};
    m->round = (struct vote_round){.start = 1, .number = 1};
    m->ask = (struct vote_request){.kind = VOTE_GIVE_BACK, .term = 1, .candidate = MEMBER_A, .round = m->round};
    sim_post(s, s->now, (struct event){.kind = EVENT_MESSAGE, .host = WITNESS, .line = LINE_ARB, .message = m});
}

/* A is master with the arbiter's vote alone when that restarts, hears an old give-back, and is lost to A. */
static bool give_back_from_long_ago(struct sim *s)
{
    if (!settled(s))
        return false;
    cut_between(s, 0, 1, true);
    wait(s, 2500000); /* not so long that B counts as behind */
    bool alone = master(s) == &s->host[0] && s->demotions == 0;
    for (unsigned i = 0; i < 8000 && s->host[1].ha.mode != HA_ASKING; i++)
        wait(s, 1000);
    host_crash(s, &s->host[WITNESS], false);
    cut_between(s, 0, WITNESS, true);
    host_start(s, &s->host[WITNESS]);
    old_give_back_arrives(s);
    wait(s, 10 * SECOND);
    return alone && master(s) == &s->host[1] && !has_address(s, 0);
}

/* The same, but the arbiter comes back with an empty store: a voter that nobody has agreed on, and free to vote. */
static bool stranger_as_arbiter(struct sim *s)
{
    if (!settled(s))
        return false;
    cut_between(s, 0, 1, true);
    wait(s, 10 * SECOND);
    host_crash(s, &s->host[WITNESS], false);
    host_lose_store(s, &s->host[WITNESS]);
    cut_between(s, 0, WITNESS, true);
    host_start(s, &s->host[WITNESS]);
    wait(s, 20 * SECOND);
    bool nobody = !master(s) && !has_address(s, 0) && !has_address(s, 1);
    cut_between(s, 0, 1, false);
    wait(s, 10 * SECOND);
    return nobody && master(s) != NULL;
}

/* B gave A its vote for A's 5 s; after a restart its own settings say 2 s, and the promise still lasts 5. */
static bool shorter_settings_here(struct sim *s)
{
    s->plan.config[0].max_fail = 10;
    s->plan.config[1].boot_wait = 2000;
    if (!settled(s))
        return false;
    cut_between(s, 0, WITNESS, true);
    wait(s, 6 * SECOND); /* the arbiter's promise has run out; not so long that A goes on without one */
    bool alone = master(s) == &s->host[0] && s->demotions == 0;
    cut_between(s, 0, 1, true);
    host_crash(s, &s->host[1], false);
    host_start(s, &s->host[1]);
    wait(s, 15 * SECOND);
    return alone && master(s) == &s->host[1] && !has_address(s, 0);
}

static bool restarted_alone(struct sim *s)
{
    if (!settled(s))
        return false;
    host_crash(s, &s->host[1], true);
    host_crash(s, &s->host[0], true);
    host_start(s, &s->host[0]);
    wait(s, 15 * SECOND);
    return master(s) == &s->host[0];
}

/* As its monitors see it from now on. */
static void object(struct sim *s, unsigned member, uint32_t failed)
{
    s->host[member].objects = (struct ha_monitors){.failed = failed, .good = WATCH_ALL & ~failed};
}

static enum ha_state state_of(const struct sim *s, unsigned member)
{
    struct ha_status status;
    ha_status(&s->host[member].ha, host_clock(s, &s->host[member]), NULL, &status);
    return status.state;
}

/* It fails on A, and later on B too; not before failure_timeout is A given another chance. */
static bool application_fails(struct sim *s)
{
    if (!settled(s))
        return false;
    object(s, 0, WATCH_MASTER);
    wait(s, 2 * SECOND);
    bool moved = master(s) == &s->host[1] && has_address(s, 1) && s->demotions == 0;
    wait(s, 10 * SECOND);
    object(s, 1, WATCH_MASTER);
    wait(s, 60 * SECOND);
    bool stays = master(s) == &s->host[1] && state_of(s, 0) == HA_STATE_WARNING && state_of(s, 1) == HA_STATE_WARNING;
    wait(s, 600 * SECOND);
    return moved && stays && master(s) == &s->host[0];
}

static bool application_fails_on_both(struct sim *s)
{
    if (!settled(s))
        return false;
    object(s, 1, WATCH_BOTH | WATCH_SLAVE);
    wait(s, 10 * SECOND);
    bool ready = master(s) == &s->host[0] && state_of(s, 0) == HA_STATE_READY && state_of(s, 1) == HA_STATE_READY;
    object(s, 0, WATCH_BOTH);
    wait(s, 10 * SECOND);
    bool warned = master(s) == &s->host[0] && state_of(s, 0) == HA_STATE_WARNING && s->hands == 0;
    object(s, 1, 0);
    wait(s, 2 * SECOND);
    return ready && warned && master(s) == &s->host[1];
}

/* There, and back when the daemon stands still: its machine is restarted before the other mounts. */
static bool volume_follows(struct sim *s)
{
    struct host *a = &s->host[0], *b = &s->host[1];
    s->plan.config[0].volume = s->plan.config[1].volume = true;
    bool first = settled(s) && a->volume && !b->volume;
    host_order(s, a, HA_ORDER_SWITCH);
    wait(s, SECOND);
    bool moved = b->volume && !a->volume && s->demotions == 0;
    wait(s, 10 * SECOND);
    host_stall(s, b, 20 * SECOND);
    wait(s, 6 * SECOND);
    return first && moved && a->volume && !b->volume && s->mounts == 3;
}

/* The lines are cut: its vote keeps A. A dies: its vote makes B master, once A's claim has been seen to run out. */
static bool a_store_votes(struct sim *s, enum store_kind kind)
{
    s->plan.store = kind;
    if (!settled(s))
        return false;
    cut_between(s, 0, 1, true);
    wait(s, 4 * SECOND);
    bool kept = master(s) == &s->host[0] && s->demotions == 0 && !has_address(s, 1);
    host_crash(s, &s->host[0], true);
    wait(s, 4500000);
    bool taken = master(s) == &s->host[1] && has_address(s, 1);
    host_start(s, &s->host[0]);
    cut_between(s, 0, 1, false);
    wait(s, 10 * SECOND);
    return kept && taken && master(s) == &s->host[1] && role_of(s, 0) == HA_ROLE_SLAVE;
}

static bool a_disk_votes(struct sim *s)
{
    return a_store_votes(s, STORE_DISK);
}

static bool an_etcd_votes(struct sim *s)
{
    return a_store_votes(s, STORE_ETCD);
}

const struct scenario scenarios[] = {
    {"both started: the initial master becomes master, the arbiter is agreed on (B5.1.2-16, B5.1.3-16)", first_start,
     1},
    {"one started alone takes nothing (B5.1.3-15, V1-08)", one_alone_at_first, 1},
    {"the master dies: the slave takes over, the other returns as slave (B5.1.2-02, -29, V4-02)", take_over, 1},
    {"a master cut from both lets go before the other takes (B1.1.3-06, V3-02)", self_demotion, 1},
    {"the arbiter dies: the master stays (Q-23)", witness_lost, 1},
    {"the slave dies: the master stays (B5.1.2-23)", slave_lost, 1},
    {"a planned switch there and back (V1-01, V1-02)", planned_switch, 1},
    {"what a former life held is released before the first word", starts_with_nothing, 1},
    {"a vote from a master that stood still is no hand-over", an_old_hand_over_counts_no_more, 1},
    {"a hand-over that fails is undone (B5.1.2-62)", failed_release_is_undone, 1},
    {"the master is stopped: the other does not change (B5.1.3-18)", stopped_master, 1},
    {"not in step: only a forced switch takes over (B5.1.2-35, -36)", manual_only, 1},
    {"forced with nobody to be asked (B5.1.3-22)", forced_without_anybody, 1},
    {"forced beside a master: that one yields (B5.1.3-22)", forced_beside_a_master, 1},
    {"no witness: split brain is told, and a person chooses (V2-06)", split_brain, 1},
    {"an arbiter that lost its store is agreed on anew", arbiter_replaced, 1},
    {"a give-back from long ago reaches an arbiter that restarted", give_back_from_long_ago, 1},
    {"an arbiter with an empty store is nobody's witness", stranger_as_arbiter, 1},
    {"a promise lasts as long as it was given for", shorter_settings_here, 1},
    {"a volume follows the master, and a master that stands still loses it first (B5.1.2-65)", volume_follows, 1},
    {"the former master restarts alone with the arbiter (B5.1.2-11, V4-02)", restarted_alone, 1},
    {"a monitored object fails: the other takes over, and it does not come back at once (B5.1.2-51)", application_fails,
     1},
    {"it fails on the slave, then on both: nothing moves until it works there (B5.1.2-52, -53)",
     application_fails_on_both, 1},
    {"a shared disk is the third voter (B5.1.2-27)", a_disk_votes, 1},
    {"an etcd cluster is the third voter", an_etcd_votes, 1},
    {0},
};
