/* SPDX-License-Identifier: Apache-2.0
 * tests/sim/scenarios_margins.c - stories in which a margin is used up: clocks at both edges of what they may differ, a
 * master that stands still until the kernel has taken everything, two that claim a store in one instant. Each is told
 * many times over, a little later each time, as what has to meet is short. */
#include "tests/sim/stories.h"

static void heal_all(struct sim *s)
{
    for (unsigned a = 0; a < sim_hosts(s); a++)
        for (unsigned b = 0; b < a; b++)
            cut_between(s, a, b, false);
}

static bool b_is_master(struct sim *s)
{
    return master(s) == &s->host[1];
}

/* A is master again, with B in step. */
static bool back_to_a(struct sim *s)
{
    heal_all(s);
    wait(s, 10 * SECOND);
    if (b_is_master(s))
        host_order(s, &s->host[1], HA_ORDER_SWITCH);
    return settled(s);
}

static void clock_runs(struct sim *s, unsigned host, int64_t rate)
{
    s->plan.rate[host] = s->host[host].os.rate = rate;
}

/* The holder's clock is the slowest that there may be, those of who gave it their votes the fastest. */
static bool slow_holder(struct sim *s)
{
    clock_runs(s, 0, 1000000);
    clock_runs(s, 1, 1050000);
    clock_runs(s, WITNESS, 1050000);
    set_grace(s, 1, 1);
    make_anew(s);
    bool every = settled(s);
    for (unsigned round = 0; every && round < 40; round++) {
        wait(s, round * 13000);
        cut_off(s, 0);
        every = until(s, b_is_master) && back_to_a(s);
    }
    return every;
}

/* B's file leaves a volume less time than the grace that both have agreed on; A stands still, so that nobody but its
 * watchdog ends what it has mounted. */
static bool longer_grace_of_the_other(struct sim *s)
{
    s->plan.config[0].volume = s->plan.config[1].volume = true;
    set_grace(s, 8000, 3000);
    make_anew(s);
    if (!settled(s) || ha_configuration(&s->host[1].ha)->release_grace != 8000)
        return false;
    host_stall(s, &s->host[0], 30 * SECOND);
    bool taken = until(s, b_is_master);
    wait(s, 40 * SECOND);
    return taken && back_to_a(s);
}

/* Neither hears the other, and both want the store's vote at once. */
static bool two_claim_at_once(struct sim *s, enum store_kind kind)
{
    s->plan.store = kind;
    bool every = settled(s);
    for (unsigned round = 0; every && round < 40; round++) {
        host_crash(s, &s->host[0], true);
        host_crash(s, &s->host[1], true);
        cut_between(s, 0, 1, true);
        host_start(s, &s->host[round % 2]);
        wait(s, round * 500);
        host_start(s, &s->host[1 - round % 2]);
        wait(s, 20 * SECOND);
        every = back_to_a(s);
    }
    return every;
}

static bool two_claim_a_disk(struct sim *s)
{
    return two_claim_at_once(s, STORE_DISK);
}

static bool two_claim_etcd(struct sim *s)
{
    return two_claim_at_once(s, STORE_ETCD);
}

const struct scenario margin_scenarios[] = {
    {"the slowest holder of a promise lets go before the fastest giver of it forgets", slow_holder, 1},
    {"a grace that is longer than the one of its own file is waited for", longer_grace_of_the_other, 1},
    {"two claim a disk in one instant: one has its vote", two_claim_a_disk, 1},
    {"two claim etcd in one instant: one has its vote", two_claim_etcd, 1},
    {0},
};
