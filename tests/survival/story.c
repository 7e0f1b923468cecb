/* SPDX-License-Identifier: Apache-2.0
 * tests/survival/story.c - one fault, or one and a minute later another, on the simulator's cluster with the times of a
 * new rule; what is mended then, and what a person can do. */
#include "tests/sim/stories.h"
#include "tests/survival/survival.h"

#define CALM    (20 * SECOND)  /* served so long without a break: that is how it stays */
#define BETWEEN (60 * SECOND)  /* the first fault and the second */
#define PHASES  3u             /* of a beat, in which a fault falls: the worst counts */
#define LATER   ((usec)170000) /* from one to the next */

/* ---- the cluster ---- */

static void plan_new_rule(struct plan *p, const struct setup *setup)
{
    plan_calm(p);
    list_arbiters(p, setup->arbiters);
    for (unsigned i = 0; i < 2; i++) {
        p->config[i].boot_wait = 30000;
        p->config[i].majority = setup->majority;
    }
}

static void set_line(struct sim *s, unsigned line, bool cut)
{
    s->cut[MEMBER_A][MEMBER_B][line] = s->cut[MEMBER_B][MEMBER_A][line] = cut;
}

/* The console takes no part in any decision, so there is nothing to be done to the cluster. */
static void befall(struct sim *s, enum fault fault)
{
    if (fault <= LOSE_B)
        host_crash(s, &s->host[fault], true);
    else if (fault <= LINE_2)
        set_line(s, fault - LINE_1, true);
    else if (fault <= ARBITER_OTHER)
        host_crash(s, &s->host[WITNESS + fault - ARBITER_USED], true);
}

static void mend(struct sim *s, enum fault fault)
{
    if (fault <= LOSE_B)
        host_start(s, &s->host[fault]);
    else if (fault <= LINE_2)
        set_line(s, fault - LINE_1, false);
    else if (fault <= ARBITER_OTHER)
        host_start(s, &s->host[WITNESS + fault - ARBITER_USED]);
}

static bool serves(const struct sim *s, unsigned member)
{
    const struct host *h = &s->host[member];
    return h->up && h->ha.mode == HA_ACTING && host_writes(h) && has_address(s, member);
}

/* Until it is served without a break, or the bound of invariant 5 is over. */
static void watch(struct sim *s, struct fate *f)
{
    usec until = s->now + check_bound(s) + CALM, since = s->now, last = s->now;
    *f = (struct fate){0};
    while (s->now < until && !s->violation[0] && s->now - since < CALM) {
        bool a = serves(s, MEMBER_A), b = serves(s, MEMBER_B);
        f->split |= a && b;
        if (!a && !b)
            since = s->now + LOOK;
        else
            last = s->now;
        wait(s, LOOK);
        if (s->now - last > f->gap)
            f->gap = s->now - last;
    }
    f->served = s->now - since >= CALM;
    f->broken = s->violation[0] != '\0';
}

/* ---- a branch of the story: in a process of its own, so that each begins from the same cluster ---- */

struct branch {
    struct sim *s;
    unsigned mends; /* bits of faults that are mended; 0: a person forces */
};

static void play_branch(const void *story, void *result)
{
    const struct branch *b = story;
    struct fate *f = result;
    struct sim *s = b->s;
    for (unsigned fault = 0; fault < FAULTS; fault++)
        if (b->mends & 1u << fault)
            mend(s, (enum fault)fault);
    unsigned member = s->host[MEMBER_B].up ? MEMBER_B : MEMBER_A;
    if (b->mends == 0) {
        s->overridden = true;
        host_order(s, &s->host[member], HA_ORDER_TAKE_FORCE);
    }
    watch(s, f);
    f->b_master = serves(s, MEMBER_B);
    for (unsigned i = 0; i < 2; i++)
        f->whole |= serves(s, i) && role_of(s, 1 - i) == HA_ROLE_SLAVE && !ha_split(&s->host[i].ha);
}

static struct fate branch_off(struct branch b)
{
    struct fate f;
    branch(play_branch, &b, &f, sizeof f);
    if (f.broken)
        survival_fail("a story broke an invariant");
    return f;
}

/* ---- one case ---- */

static void mend_each(struct sim *s, unsigned befallen, struct fate *f)
{
    for (unsigned fault = 0; fault < FAULTS; fault++) {
        unsigned one = 1u << fault;
        if ((befallen & one) && !f->served && branch_off((struct branch){s, one}).served)
            f->mends |= one;
    }
    struct fate all = branch_off((struct branch){s, befallen});
    f->mended = all.served;
    f->whole = all.whole;
    f->b_master = all.b_master;
    bool lives = s->host[MEMBER_A].up || s->host[MEMBER_B].up;
    f->forced = !f->served && lives && branch_off((struct branch){s, 0}).served;
}

static bool settle(struct sim *s, const struct setup *setup, unsigned phase)
{
    bool runs = settled(s);
    for (unsigned i = 0; i < setup->arbiters && setup->alone; i++)
        host_crash(s, &s->host[WITNESS + i], true);
    wait(s, 20 * SECOND + phase * LATER);
    return runs && serves(s, MEMBER_A);
}

static struct fate play(const struct setup *setup, enum fault first, enum fault second, unsigned phase)
{
    static struct sim s; /* large */
    struct plan plan;
    struct fate f;
    plan_new_rule(&plan, setup);
    sim_begin(&s, 1, &plan, false);
    if (!settle(&s, setup, phase))
        survival_fail("the rule does not run before anything fails");
    befall(&s, first);
    if (second != first) {
        wait(&s, BETWEEN);
        befall(&s, second);
    }
    watch(&s, &f);
    if (f.broken)
        survival_fail(s.violation);
    mend_each(&s, 1u << first | 1u << second, &f);
    sim_end(&s);
    return f;
}

struct fate survival_worst(const struct setup *setup, enum fault first, enum fault second)
{
    struct fate all = play(setup, first, second, 0);
    for (unsigned phase = 1; phase < PHASES; phase++) {
        struct fate f = play(setup, first, second, phase);
        all.gap = f.gap > all.gap ? f.gap : all.gap;
        all.served &= f.served;
        all.split |= f.split;
        all.mends &= f.mends;
        all.mended &= f.mended;
        all.whole &= f.whole && all.b_master == f.b_master;
        all.forced &= f.forced;
    }
    return all;
}

bool survival_exists(const struct setup *setup, enum fault fault)
{
    bool arbiter = fault == ARBITER_USED || fault == ARBITER_OTHER;
    return !arbiter || (setup->arbiters > fault - ARBITER_USED && !setup->alone);
}
