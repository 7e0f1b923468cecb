/* SPDX-License-Identifier: Apache-2.0
 * Who reads /dev/fuse: the lead goes round, so that no thread is busy for long. Nothing is "carried out" here
 * (lead_keep): the watch relieves by time whoever does that, and these cases must not depend on any. */
#include "platform/linux/capture/lead.h"
#include "tests/unit/unit.h"

#include <sched.h>

#define CREW 3u

struct stand {
    struct lead lead;
    unsigned more;             /* how often nobody was left to lead */
    const void *led[2 * CREW]; /* who led, in order: the leader's to write */
    unsigned turns;
};

static struct stand stand;

struct member {
    pthread_t thread;
    unsigned kept; /* requests of its turn */
};

static void on_more(void *baton)
{
    ((struct stand *)baton)->more++;
}

static void set_up(void)
{
    struct dr_error err;
    stand = (struct stand){0};
    CU_ASSERT_EQUAL_FATAL(lead_init(&stand.lead, on_more, &stand, &err), DR_OK);
}

static void lead_on(const void *who)
{
    lead_take(&stand.lead, who);
    stand.led[stand.turns++] = who;
}

/* One turn of small requests; then the lead is given away if it was not taken. */
static void *member_run(void *baton)
{
    struct member *m = baton;
    lead_on(m);
    do
        m->kept++;
    while (lead_kept(&stand.lead, m, 0) && m->kept < 2 * LEAD_TURN);
    if (m->kept == 2 * LEAD_TURN)
        lead_give(&stand.lead);
    return NULL;
}

/* Returns when it waits to lead. */
static void member_wait(struct member *m)
{
    unsigned idle = lead_idle(&stand.lead);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&m->thread, NULL, member_run, m), 0);
    while (lead_idle(&stand.lead) == idle)
        sched_yield();
}

static unsigned keep(const void *who, size_t bytes)
{
    unsigned kept = 1;
    while (lead_kept(&stand.lead, who, bytes) && kept < 2 * LEAD_TURN)
        kept++;
    return kept;
}

static void another_leads_after_a_turn(void)
{
    struct member next = {0};
    set_up();
    lead_on(&stand);
    member_wait(&next);
    CU_ASSERT_EQUAL(keep(&stand, 0), LEAD_TURN);
    pthread_join(next.thread, NULL);
    CU_ASSERT_EQUAL(stand.turns, 2);
    CU_ASSERT_PTR_EQUAL(stand.led[1], &next);
    lead_end(&stand.lead);
}

static void whoever_is_alone_leads_on(void)
{
    struct member next = {0};
    set_up();
    lead_on(&stand);
    CU_ASSERT_EQUAL(keep(&stand, 0), 2 * LEAD_TURN);
    CU_ASSERT_EQUAL(stand.more, 0);
    member_wait(&next);
    CU_ASSERT_FALSE(lead_kept(&stand.lead, &stand, 0)); /* its turn was over long ago */
    pthread_join(next.thread, NULL);
    CU_ASSERT_EQUAL(next.kept, 2 * LEAD_TURN); /* alone, too */
    CU_ASSERT_EQUAL(stand.more, 1);
    lead_end(&stand.lead);
}

static void large_requests_make_a_turn_short(void)
{
    struct member next = {0};
    set_up();
    lead_on(&stand);
    member_wait(&next);
    CU_ASSERT_TRUE(lead_kept(&stand.lead, &stand, LEAD_PART - 1));
    CU_ASSERT_EQUAL(keep(&stand, LEAD_PART), LEAD_TURN / 2);
    pthread_join(next.thread, NULL);

    struct member last = {0};
    lead_on(&stand);
    member_wait(&last);
    CU_ASSERT_EQUAL(keep(&stand, LEAD_TURN * (size_t)LEAD_PART), 1);
    pthread_join(last.thread, NULL);
    lead_end(&stand.lead);
}

/* Whoever has rested longest: so each rests while all the others lead. */
static void the_lead_goes_round(void)
{
    struct member crew[CREW] = {{0}};
    set_up();
    lead_on(&stand);
    for (unsigned i = 0; i < CREW; i++)
        member_wait(&crew[i]);
    CU_ASSERT_EQUAL(keep(&stand, 0), LEAD_TURN);
    for (unsigned i = 0; i < CREW; i++) {
        pthread_join(crew[i].thread, NULL);
        CU_ASSERT_EQUAL(crew[i].kept, i < CREW - 1 ? LEAD_TURN : 2 * LEAD_TURN); /* the last one is alone */
        CU_ASSERT_PTR_EQUAL(stand.led[i + 1], &crew[i]);
    }
    CU_ASSERT_EQUAL(stand.turns, CREW + 1);
    lead_end(&stand.lead);
}

static void a_turn_begins_anew(void)
{
    struct member next = {0}, last = {0};
    set_up();
    lead_on(&stand);
    for (unsigned i = 0; i < LEAD_TURN - 1; i++)
        CU_ASSERT_TRUE(lead_kept(&stand.lead, &stand, 0));
    lead_give(&stand.lead);
    CU_ASSERT_EQUAL(stand.more, 1);
    lead_done(&stand.lead, &stand);
    lead_on(&stand);
    member_wait(&next);
    CU_ASSERT_EQUAL(keep(&stand, 0), LEAD_TURN);
    pthread_join(next.thread, NULL);
    lead_on(&stand);
    member_wait(&last);
    CU_ASSERT_EQUAL(keep(&stand, 0), LEAD_TURN);
    pthread_join(last.thread, NULL);
    lead_end(&stand.lead);
}

int main(void)
{
    CU_TestInfo cases[] = {{"another leads after a turn", another_leads_after_a_turn},
                           {"whoever is alone leads on", whoever_is_alone_leads_on},
                           {"large requests make a turn short", large_requests_make_a_turn_short},
                           {"the lead goes round", the_lead_goes_round},
                           {"a turn begins anew", a_turn_begins_anew},
                           CU_TEST_INFO_NULL};
    return unit_run("lead", cases);
}
