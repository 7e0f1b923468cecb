/* SPDX-License-Identifier: Apache-2.0
 * tests/sim/scenarios_joint.c - stories about who votes: arbiters one after another or all, none that answers, lists
 * and graces edited while the rule runs, members whose data are old or whose store is lost. */
#include "tests/sim/stories.h"

static struct host *arbiter(struct sim *s, unsigned number)
{
    return &s->host[WITNESS + number];
}

static const struct configuration *agreed(const struct sim *s)
{
    return ha_configuration(&s->host[0].ha);
}

static bool in_use(struct sim *s, unsigned number)
{
    return agreed(s)->kind == QUORUM_TRIO && agreed(s)->witness[0] == arbiter(s, number)->voter.store.identity &&
           s->host[0].ha.store.set.count == 1;
}

static bool proposal_open(struct sim *s)
{
    return s->host[0].ha.store.set.count > 1;
}

static bool proposal_accepted(struct sim *s)
{
    return proposal_open(s) && configuration_equal(agreed(s), ha_configuration(&s->host[1].ha));
}

/* So that a message can be lost after it was seen that it has been sent. */
static void slow_network(struct sim *s)
{
    s->plan.delay_least = 1500;
}

static void lose_what_is_on_the_way(struct sim *s, unsigned to)
{
    for (size_t i = 0; i < s->events; i++)
        if (s->heap[i].kind == EVENT_MESSAGE && s->heap[i].host == to)
            s->heap[i].kind = EVENT_WAKE; /* of no life: nothing happens */
}

static bool next_arbiter(struct sim *s)
{
    if (!settled(s) || !in_use(s, 0))
        return false;
    host_crash(s, arbiter(s, 0), true);
    wait(s, 10 * SECOND);
    bool next = in_use(s, 1) && s->demotions == 0;
    host_start(s, arbiter(s, 0));
    wait(s, 10 * SECOND);
    bool kept = in_use(s, 1);
    host_crash(s, &s->host[0], true);
    wait(s, 5 * SECOND);
    return next && kept && master(s) == &s->host[1];
}

static bool no_arbiter_answers(struct sim *s)
{
    if (!settled(s))
        return false;
    host_crash(s, arbiter(s, 0), true);
    wait(s, 10 * SECOND);
    bool solo = agreed(s)->kind == QUORUM_SOLO && agreed(s)->solo == MEMBER_A;
    host_crash(s, &s->host[1], true);
    wait(s, 3 * SECOND);
    host_start(s, arbiter(s, 0));
    wait(s, 30 * SECOND);
    bool alone = master(s) == &s->host[0] && s->demotions == 0 && agreed(s)->kind == QUORUM_SOLO;
    host_start(s, &s->host[1]);
    wait(s, 10 * SECOND);
    return solo && alone && in_use(s, 0);
}

static bool solo_of_the_other(struct sim *s)
{
    if (!settled(s))
        return false;
    host_crash(s, arbiter(s, 0), true);
    wait(s, 10 * SECOND);
    host_crash(s, &s->host[0], true);
    host_start(s, arbiter(s, 0));
    wait(s, 30 * SECOND);
    bool nobody = !master(s) && !has_address(s, 1);
    host_start(s, &s->host[0]);
    wait(s, 20 * SECOND);
    return nobody && master(s) != NULL;
}

static bool switch_under_solo(struct sim *s)
{
    if (!settled(s))
        return false;
    host_crash(s, arbiter(s, 0), true);
    wait(s, 10 * SECOND);
    host_order(s, &s->host[0], HA_ORDER_SWITCH);
    wait(s, 5 * SECOND);
    const struct configuration *c = ha_configuration(&s->host[1].ha);
    return master(s) == &s->host[1] && c->kind == QUORUM_SOLO && c->solo == MEMBER_B && s->demotions == 0;
}

static void choose_majority(struct sim *s)
{
    s->plan.config[0].majority = s->plan.config[1].majority = true;
    make_anew(s);
}

static bool more_than_half(struct sim *s)
{
    choose_majority(s);
    if (!settled(s) || agreed(s)->kind != QUORUM_MAJORITY)
        return false;
    host_crash(s, arbiter(s, 1), true);
    host_crash(s, &s->host[0], true);
    wait(s, 5 * SECOND);
    bool taken = master(s) == &s->host[1];
    host_crash(s, arbiter(s, 2), true);
    wait(s, 10 * SECOND);
    bool nobody = !master(s) && !has_address(s, 1);
    host_start(s, arbiter(s, 1));
    wait(s, 10 * SECOND);
    return taken && nobody && master(s) == &s->host[1];
}

/* Each member reaches one half of the arbiters. */
static bool half_is_no_majority(struct sim *s)
{
    choose_majority(s);
    if (!settled(s))
        return false;
    cut_between(s, 0, 1, true);
    cut_between(s, 0, WITNESS + 1, true);
    cut_between(s, 1, WITNESS, true);
    wait(s, 30 * SECOND);
    return !master(s);
}

static bool list_edited(struct sim *s)
{
    s->plan.config[0].witnesses = s->plan.config[1].witnesses = 1;
    if (!settled(s) || !in_use(s, 0))
        return false;
    for (unsigned i = 0; i < 2; i++) {
        s->plan.list[i][0] = WITNESS + 1;
        read_file_again(s, i);
    }
    wait(s, 10 * SECOND);
    return in_use(s, 1) && master(s) == &s->host[0] && s->demotions == 0;
}

static bool short_grace_accepted(struct sim *s)
{
    set_grace(s, 6000, 6000);
    make_anew(s);
    wait(s, 10 * SECOND);
    if (!settled(s))
        return false;
    set_grace(s, 500, 500);
    read_file_again(s, 0);
    return until(s, proposal_accepted) && agreed(s)->release_grace == 500;
}

/* The other has accepted the short one when the master, whose address stood by the long one, is cut off. */
static bool grace_shortened(struct sim *s)
{
    bool accepted = short_grace_accepted(s);
    cut_off(s, 0);
    wait(s, 15 * SECOND);
    return accepted && master(s) == &s->host[1] && !has_address(s, 0);
}

/* Or is killed, so that nobody but the kernel takes the address away. */
static bool grace_shortened_and_killed(struct sim *s)
{
    bool accepted = short_grace_accepted(s);
    host_crash(s, &s->host[0], false);
    wait(s, 15 * SECOND);
    return accepted && master(s) == &s->host[1] && !has_address(s, 0);
}

static bool graces_differ(struct sim *s)
{
    set_grace(s, 6000, 500);
    make_anew(s);
    if (!settled(s))
        return false;
    cut_off(s, 0);
    wait(s, 15 * SECOND);
    return master(s) == &s->host[1] && !has_address(s, 0);
}

/* Two seconds of promise are not what is left of the five that the arbiter gave before. */
static bool shorter_renewal(struct sim *s)
{
    s->plan.config[0].max_fail = 10;
    s->plan.config[0].need_rep_status = s->plan.config[1].need_rep_status = false;
    if (!settled(s))
        return false;
    cut_between(s, 0, 1, true);
    wait(s, SECOND * 11 / 2); /* what B promised has run out */
    s->plan.config[0].max_fail = 3;
    read_file_again(s, 0);
    wait(s, 50000);
    bool alone = master(s) == &s->host[0];
    cut_off(s, 0);
    host_crash(s, arbiter(s, 0), false);
    host_start(s, arbiter(s, 0));
    wait(s, 15 * SECOND);
    return alone && master(s) == &s->host[1] && !has_address(s, 0);
}

/* Back from solo: the other has accepted, and its word never arrives. */
static bool cut_after_it_was_accepted(struct sim *s)
{
    slow_network(s);
    if (!settled(s))
        return false;
    host_crash(s, arbiter(s, 0), true);
    wait(s, 10 * SECOND);
    bool solo = agreed(s)->kind == QUORUM_SOLO;
    host_start(s, arbiter(s, 0));
    bool open = until(s, proposal_accepted);
    cut_off(s, 0);
    lose_what_is_on_the_way(s, 0);
    wait(s, 15 * SECOND);
    return solo && open && master(s) == &s->host[1] && !has_address(s, 0);
}

/* From the first arbiter, that only B reaches, to the second, that only A reaches: B never hears of it. */
static bool cut_before_it_arrives(struct sim *s)
{
    slow_network(s);
    if (!settled(s))
        return false;
    cut_between(s, 0, WITNESS, true);
    cut_between(s, 1, WITNESS + 1, true);
    bool open = until(s, proposal_open);
    cut_between(s, 0, 1, true);
    lose_what_is_on_the_way(s, 1);
    wait(s, 15 * SECOND);
    return open && master(s) == &s->host[1] && !has_address(s, 0);
}

/* The same; then A comes back with B's vote, under a newer term, and B misses that proposal too. */
static bool proposed_again_and_missed_again(struct sim *s)
{
    slow_network(s);
    if (!settled(s))
        return false;
    cut_between(s, 0, WITNESS, true);
    cut_between(s, 1, WITNESS, true);
    cut_between(s, 1, WITNESS + 1, true);
    bool open = until(s, proposal_open);
    cut_between(s, 0, 1, true);
    lose_what_is_on_the_way(s, 1);
    wait(s, 4 * SECOND); /* A has let go; B reaches no voter */
    cut_between(s, 0, 1, false);
    term_no seen = s->host[0].ha.store.seen;
    for (unsigned i = 0; i < 20000 && agreed(s)->version.term <= seen; i++)
        wait(s, 1000);
    bool again = agreed(s)->version.term > seen && agreed(s)->kind == QUORUM_TRIO;
    cut_between(s, 0, 1, true);
    lose_what_is_on_the_way(s, 1);
    cut_between(s, 1, WITNESS, false);
    wait(s, 15 * SECOND);
    return open && again && !has_address(s, 0);
}

/* ---- old data, lost stores, force ---- */

static bool behind_for_long(struct sim *s)
{
    if (!settled(s))
        return false;
    cut_between(s, 0, 1, true);
    wait(s, 20 * SECOND);
    host_crash(s, &s->host[0], true);
    host_crash(s, arbiter(s, 0), false);
    host_start(s, arbiter(s, 0));
    read_file_again(s, 1); /* nobody but the arbiter's disk knows it now */
    wait(s, 30 * SECOND);
    bool waits = !master(s) && !has_address(s, 1);
    s->overridden = true;
    host_order(s, &s->host[1], HA_ORDER_TAKE_FORCE);
    wait(s, 10 * SECOND);
    return waits && master(s) == &s->host[1];
}

static bool in_step_again(struct sim *s)
{
    if (!settled(s))
        return false;
    cut_between(s, 0, 1, true);
    wait(s, 20 * SECOND);
    cut_between(s, 0, 1, false);
    wait(s, 10 * SECOND);
    host_crash(s, &s->host[0], true);
    wait(s, 5 * SECOND);
    return master(s) == &s->host[1];
}

static bool lines_die_with_the_master(struct sim *s)
{
    if (!settled(s))
        return false;
    cut_between(s, 0, 1, true);
    wait(s, 2 * SECOND);
    host_crash(s, &s->host[0], true);
    wait(s, 6 * SECOND);
    return master(s) == &s->host[1];
}

static bool force_outlives_drnode(struct sim *s)
{
    if (!settled(s))
        return false;
    host_crash(s, &s->host[0], true);
    host_crash(s, arbiter(s, 0), true);
    wait(s, 10 * SECOND);
    s->overridden = true;
    host_order(s, &s->host[1], HA_ORDER_TAKE_FORCE);
    wait(s, 10 * SECOND);
    bool forced = master(s) == &s->host[1];
    host_crash(s, &s->host[1], false);
    wait(s, 5 * SECOND);
    host_start(s, &s->host[1]);
    wait(s, 10 * SECOND);
    return forced && master(s) == &s->host[1] && has_address(s, 1);
}

static bool member_lost_its_store(struct sim *s)
{
    if (!settled(s))
        return false;
    host_crash(s, &s->host[1], true);
    host_lose_store(s, &s->host[1]);
    host_start(s, &s->host[1]);
    wait(s, 10 * SECOND);
    bool stays = master(s) == &s->host[0] && s->demotions == 0;
    host_crash(s, &s->host[0], true);
    wait(s, 30 * SECOND);
    bool nobody = !master(s) && !has_address(s, 1);
    host_start(s, &s->host[0]);
    wait(s, 10 * SECOND);
    return stays && nobody && master(s) == &s->host[0];
}

/* Both members have agreed on a configuration in which it votes as it is now. */
static bool both_name(const struct sim *s, unsigned member)
{
    uint64_t identity = s->host[member].ha.store.voter.identity;
    for (unsigned i = 0; i < 2; i++)
        if (s->host[i].ha.store.set.count != 1 || ha_configuration(&s->host[i].ha)->voter[member] != identity)
            return false;
    return true;
}

static void loses_its_store(struct sim *s, unsigned member)
{
    host_crash(s, &s->host[member], true);
    host_lose_store(s, &s->host[member]);
    host_start(s, &s->host[member]);
}

/* The slave, then the master: each counts again, so each can take over from the other. The order to a member of which
 * nothing is missing is refused. */
static bool put_in_again(struct sim *s)
{
    if (!settled(s))
        return false;
    loses_its_store(s, 1);
    wait(s, 10 * SECOND);
    host_order(s, &s->host[0], HA_ORDER_SWITCH); /* to one that could not become master */
    bool refused = s->host[0].ha.mode == HA_ACTING;
    host_order(s, &s->host[1], HA_ORDER_REJOIN);
    wait(s, 5 * SECOND);
    host_order(s, &s->host[1], HA_ORDER_REJOIN);
    bool counts = both_name(s, 1) && s->demotions == 0 && !s->host[1].ha.store.rejoins;
    loses_its_store(s, 0);
    wait(s, 10 * SECOND);
    bool taken = master(s) == &s->host[1];
    host_order(s, &s->host[0], HA_ORDER_REJOIN);
    wait(s, 5 * SECOND);
    counts &= both_name(s, 0) && both_name(s, 1);
    host_crash(s, &s->host[1], true);
    wait(s, 10 * SECOND);
    return counts && refused && taken && master(s) == &s->host[0];
}

/* It was alone entitled (`solo`): only force goes on without it, and its return ends that. */
static bool put_in_again_by_who_was_forced(struct sim *s)
{
    if (!settled(s))
        return false;
    host_crash(s, arbiter(s, 0), true);
    wait(s, 10 * SECOND);
    bool solo = ha_configuration(&s->host[1].ha)->kind == QUORUM_SOLO;
    loses_its_store(s, 0);
    wait(s, 40 * SECOND);
    bool nobody = !master(s);
    s->overridden = true;
    host_order(s, &s->host[1], HA_ORDER_TAKE_FORCE);
    wait(s, 10 * SECOND);
    bool forced = master(s) == &s->host[1] && s->host[1].ha.forced;
    host_order(s, &s->host[0], HA_ORDER_REJOIN);
    wait(s, 10 * SECOND);
    return solo && nobody && forced && both_name(s, 0) && !s->host[1].ha.forced && master(s) == &s->host[1];
}

static bool no_grace_in_a_switch(struct sim *s)
{
    set_grace(s, 3000, 3000);
    make_anew(s);
    bool quick = settled(s);
    for (unsigned i = 0; i < 20 && quick; i++) {
        host_order(s, &s->host[i % 2], HA_ORDER_SWITCH);
        wait(s, 2 * SECOND);
        quick = master(s) == &s->host[1 - i % 2];
        wait(s, 5 * SECOND);
    }
    return quick && s->demotions == 0;
}

const struct scenario joint_scenarios[] = {
    {"the arbiter in use fails: the next serves, and the first is not returned to (B5.1.2-21, -22)", next_arbiter, 2},
    {"no arbiter answers: the master goes on alone, until one does (B5.1.2-23)", no_arbiter_answers, 1},
    {"the other's solo: no take-over by itself, even with an arbiter", solo_of_the_other, 1},
    {"a planned switch under solo turns it round", switch_under_solo, 1},
    {"majority of three (B5.1.2-20, B5.1.2-25)", more_than_half, 3},
    {"half of the arbiters are no majority", half_is_no_majority, 2},
    {"the list of arbiters is edited while the rule runs (B5.1.2-18)", list_edited, 2},
    {"release_grace is shortened while addresses stand by the long one", grace_shortened, 1},
    {"release_grace is shortened, and the master is killed as the other accepts it", grace_shortened_and_killed, 1},
    {"release_grace differs on the two members", graces_differ, 1},
    {"a shorter renewal, and a restart of the arbiter", shorter_renewal, 1},
    {"cut after a proposal was accepted", cut_after_it_was_accepted, 1},
    {"cut before a proposal arrives", cut_before_it_arrives, 2},
    {"proposed again in a newer term, and missed again", proposed_again_and_missed_again, 2},
    {"cut off for long: no take-over with old data, unless forced (B5.1.2-35, -36)", behind_for_long, 1},
    {"cut off for long and in step again: a take-over like any other (B5.1.2-35)", in_step_again, 1},
    {"the lines die shortly before the master: a take-over like any other", lines_die_with_the_master, 1},
    {"a forced mastership outlives a restart of drnode with no voter there (B5.1.3-22)", force_outlives_drnode, 1},
    {"a member that lost its store counts no more", member_lost_its_store, 1},
    {"until a person puts it into the rule again", put_in_again, 1},
    {"also where only force goes on without it", put_in_again_by_who_was_forced, 1},
    {"twenty planned switches, none of which waits for release_grace (V1-01)", no_grace_in_a_switch, 1},
    {0},
};
