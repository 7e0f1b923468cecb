/* SPDX-License-Identifier: Apache-2.0
 * A plan of a group, on members that are played here. Covers B5.2.2-02, -03, -04, -05; B5.2.3-02; V8-01, -02, -04, -07.
 */
#include "core/group_plan.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

#define STEP 250 /* a poll */

/* One rule as its members have it. */
struct played {
    enum member master; /* MEMBER_NONE: on its way */
    enum member coming;
    msec arrives;
    bool silent[2], refuses, undoes, hangs, faulted;
    uint64_t plan;
    uint32_t attempt, orders;
    enum group_outcome outcome;
};

static struct group group;
static struct group_plan plan, last;
static struct played rule[GROUP_RULES_MAX];
static uint8_t disk[GROUP_PLAN_BYTES];
static size_t on_disk;
static msec now;
static struct dr_error err;
static struct group_answer answer;

static struct dr_id id_of(unsigned number)
{
    struct dr_id id;
    snprintf(id.hex, sizeof id.hex, "%032X", number);
    return id;
}

/* Stages with so many rules each: "21" is two and one. All are on A. */
static void make_group(const char *stages)
{
    unsigned number = 0;
    memset(&group, 0, sizeof group);
    model_defaults(&group_model, &group);
    group.id = id_of(4096);
    strcpy(group.name, "shop");
    group.runners = 1;
    group.runner[0].node = id_of(99);
    for (; stages[group.stages]; group.stages++) {
        struct group_stage *stage = &group.stage[group.stages];
        model_defaults(model_find(&group_model, "stage")->element, stage);
        for (stage->rules = 0; stage->rules < (unsigned)(stages[group.stages] - '0'); stage->rules++)
            stage->rule[stage->rules].id = id_of(++number);
    }
    CU_ASSERT_EQUAL_FATAL(group_check(&group, &err), DR_OK);
    memset(rule, 0, sizeof rule);
    now = 1000000;
}

static void store(void)
{
    on_disk = group_plan_encode(disk, &plan);
    CU_ASSERT_FATAL(on_disk > 0);
}

static enum dr_code begin(enum group_kind kind, bool force)
{
    struct group_wish wish = {.kind = kind, .force = force, .plan = 7 + kind, .by = "ann", .now = now, .time_ms = now};
    static char names[GROUP_RULES_MAX][16];
    for (unsigned i = 0; i < GROUP_RULES_MAX; i++) {
        snprintf(names[i], sizeof names[i], "rule %u", i + 1);
        wish.name[i] = names[i];
    }
    last = plan;
    wish.last = kind == GROUP_FAIL_BACK ? &last : NULL;
    enum dr_code code = group_begin(&plan, &group, &wish, &err);
    if (code == DR_OK)
        store();
    else
        plan = last;
    return code;
}

static void step(struct group_event event)
{
    event.now = now;
    event.time_ms = now;
    group_step(&plan, &event, &answer);
    if (answer.must_store)
        store();
}

static bool say(enum group_event_kind kind)
{
    step((struct group_event){.kind = kind, .by = "bob"});
    return !answer.refused;
}

/* ---- members ---- */

static void obey(struct played *r, enum member m, enum group_order order, uint32_t attempt)
{
    if (order == GROUP_ORDER_NONE || (r->plan == plan.plan && r->attempt == attempt))
        return;
    r->plan = plan.plan;
    r->attempt = attempt;
    r->orders++;
    enum member to = order == GROUP_ORDER_TAKE ? m : member_other(m);
    bool legal = order == GROUP_ORDER_TAKE ? r->master != m : r->master == m;
    r->outcome = r->refuses || !legal ? GROUP_REFUSED : r->undoes ? GROUP_UNDONE : GROUP_ACCEPTED;
    if (r->outcome != GROUP_ACCEPTED)
        return;
    r->master = MEMBER_NONE;
    r->coming = to;
    r->arrives = r->hangs ? INT64_MAX : now + 600;
}

static void play(unsigned i, enum member m)
{
    struct played *r = &rule[i];
    struct group_tell tell = {.rule = plan.rule[i].id, .runs = true};
    if (r->silent[m])
        return;
    obey(r, m, group_plan_order(&plan, i, m), plan.rule[i].attempt);
    tell.plan = r->plan;
    tell.attempt = r->attempt;
    tell.outcome = r->outcome;
    tell.faulted = r->faulted && r->master == m;
    tell.role = r->master == m ? HA_ROLE_MASTER : r->master == MEMBER_NONE ? HA_ROLE_SWITCHING : HA_ROLE_SLAVE;
    strcpy(tell.text, r->faulted ? "the acquire script failed" : r->outcome > GROUP_ACCEPTED ? "not now" : "");
    step((struct group_event){.kind = GROUP_SEEN, .rule = i, .member = m, .tell = &tell});
}

/* What never happens: a rule of a later stage gets an order while one before it may still move. */
static void check_order(void)
{
    for (unsigned i = 0; i < plan.rules; i++)
        for (enum member m = MEMBER_A; m <= MEMBER_B; m++)
            if (group_plan_order(&plan, i, m) != GROUP_ORDER_NONE)
                CU_ASSERT_EQUAL(plan.rule[i].stage, plan.stage);
    for (unsigned i = 0; i < plan.rules; i++)
        if (plan.rule[i].stage < plan.stage)
            CU_ASSERT(plan.rule[i].step != GROUP_WAITING && plan.rule[i].step != GROUP_SWITCHING);
}

static void pass(msec span)
{
    for (msec until = now + span; now < until; now += STEP) {
        for (unsigned i = 0; i < plan.rules; i++) {
            if (rule[i].master == MEMBER_NONE && now >= rule[i].arrives)
                rule[i].master = rule[i].coming;
            play(i, MEMBER_A);
            play(i, MEMBER_B);
        }
        step((struct group_event){.kind = GROUP_TICK});
        check_order();
    }
}

static unsigned masters_on(enum member m)
{
    unsigned found = 0;
    for (unsigned i = 0; i < plan.rules; i++)
        found += rule[i].master == m;
    return found;
}

static bool noted(const char *words)
{
    for (unsigned i = 0; i < plan.events; i++)
        if (strstr(plan.event[i].text, words))
            return true;
    return false;
}

static void restart(void)
{
    CU_ASSERT_EQUAL_FATAL(group_plan_decode(&plan, disk, on_disk, &err), DR_OK);
    now += 5000;
    group_resume(&plan, now, now);
    store();
}

/* ---- cases ---- */

/* B5.2.2-05, V8-01: the rules of a stage at once, the stages one after another */
static void stages_in_order(void)
{
    make_group("21");
    CU_ASSERT_EQUAL(begin(GROUP_SWITCH, false), DR_OK);
    pass(2 * STEP);
    CU_ASSERT(rule[0].orders == 1 && rule[1].orders == 1 && rule[2].orders == 0);
    pass(STEP);
    CU_ASSERT_EQUAL(rule[2].orders, 0);
    pass(3000);
    CU_ASSERT_EQUAL(plan.phase, GROUP_DONE);
    CU_ASSERT_EQUAL(masters_on(MEMBER_B), 3);
    CU_ASSERT(noted("done: all 3 rules"));
    CU_ASSERT_STRING_EQUAL(plan.event[0].by, "ann");
    CU_ASSERT_FALSE(say(GROUP_PAUSE));
}

/* V8-07: back in the reverse order, to the original masters; what was there already is not touched */
static void fails_back_in_reverse(void)
{
    make_group("12");
    rule[1].master = MEMBER_B;
    CU_ASSERT_EQUAL(begin(GROUP_SWITCH, false), DR_OK);
    pass(5000);
    CU_ASSERT(plan.phase == GROUP_DONE && rule[0].master == MEMBER_B && rule[1].master == MEMBER_A);
    rule[1].master = MEMBER_B; /* a person brought it back */
    CU_ASSERT_EQUAL(begin(GROUP_FAIL_BACK, false), DR_OK);
    pass(2 * STEP);
    CU_ASSERT(rule[2].orders == 2 && rule[1].orders == 1 && rule[0].orders == 1);
    pass(5000);
    CU_ASSERT_EQUAL(plan.phase, GROUP_DONE);
    CU_ASSERT(rule[0].master == MEMBER_A && rule[1].master == MEMBER_B && rule[2].master == MEMBER_A);
    CU_ASSERT_EQUAL(begin(GROUP_FAIL_BACK, false), DR_REFUSED);
    unit_says(err.text, "a fail-back");
}

/* B5.2.2-04 */
static void stops_on_an_error(void)
{
    make_group("21");
    rule[1].undoes = true;
    CU_ASSERT_EQUAL(begin(GROUP_SWITCH, false), DR_OK);
    pass(20000);
    CU_ASSERT_EQUAL(plan.phase, GROUP_STOPPED);
    CU_ASSERT(rule[0].master == MEMBER_B && rule[2].orders == 0);
    CU_ASSERT(noted("went back: not now"));
    CU_ASSERT_FALSE(say(GROUP_RESUME));
    unit_says(answer.why, "retry, skip or cancel");
    rule[1].undoes = false;
    CU_ASSERT_TRUE(say(GROUP_RETRY));
    pass(5000);
    CU_ASSERT(plan.phase == GROUP_DONE && masters_on(MEMBER_B) == 3);
    CU_ASSERT_EQUAL(rule[0].orders, 1);
}

static void skips_and_cancels(void)
{
    make_group("111");
    rule[0].silent[MEMBER_B] = true;
    rule[1].silent[MEMBER_A] = true;
    CU_ASSERT_EQUAL(begin(GROUP_SWITCH, false), DR_OK);
    plan.stage_of[0].timeout = 15000;
    pass(GROUP_REACH + 20000); /* B cannot be heard, so it is not known to be master */
    CU_ASSERT_EQUAL(plan.phase, GROUP_STOPPED);
    CU_ASSERT(noted("not master in time, and not heard"));
    CU_ASSERT_TRUE(say(GROUP_SKIP));
    pass(GROUP_REACH + 3000);
    CU_ASSERT(plan.phase == GROUP_STOPPED && plan.stage == 1 && noted("member A cannot be reached"));
    CU_ASSERT_TRUE(say(GROUP_CANCEL));
    CU_ASSERT_EQUAL(plan.phase, GROUP_CANCELLED);
    CU_ASSERT(plan.rule[2].step == GROUP_LEFT && rule[2].orders == 0);
}

/* B5.2.2-03: and it is told */
static void ignores_an_error(void)
{
    make_group("21");
    group.on_error = GROUP_ON_ERROR_IGNORE;
    rule[0].faulted = true;
    rule[1].hangs = true;
    CU_ASSERT_EQUAL(begin(GROUP_SWITCH, false), DR_OK);
    pass(310000);
    CU_ASSERT_EQUAL(plan.phase, GROUP_DONE);
    CU_ASSERT(plan.rule[0].step == GROUP_FAILED && plan.rule[1].step == GROUP_FAILED && rule[2].master == MEMBER_B);
    CU_ASSERT(noted("the acquire script failed") && noted("goes on in spite of 2 rules") &&
              noted("done, without 2 of 3 rules"));
}

/* A refusal of a moment is no error; one that stays is. */
static void refusals(void)
{
    make_group("1");
    rule[0].refuses = true;
    CU_ASSERT_EQUAL(begin(GROUP_SWITCH, false), DR_OK);
    pass(4000);
    CU_ASSERT(plan.phase == GROUP_RUNNING && rule[0].orders > 2);
    rule[0].refuses = false;
    pass(3000);
    CU_ASSERT(plan.phase == GROUP_DONE && rule[0].master == MEMBER_B);
    rule[0].refuses = true;
    CU_ASSERT_EQUAL(begin(GROUP_FAIL_BACK, false), DR_OK);
    pass(GROUP_REACH + 3000);
    CU_ASSERT(plan.phase == GROUP_STOPPED && noted("refused: not now"));
}

/* B5.2.2-02, V8-02: on by default; off: delivered is done */
static void switch_confirm(void)
{
    make_group("11");
    CU_ASSERT_TRUE(group.switch_confirm);
    rule[0].hangs = true;
    CU_ASSERT_EQUAL(begin(GROUP_SWITCH, false), DR_OK);
    pass(5000);
    CU_ASSERT(plan.phase == GROUP_RUNNING && plan.stage == 0);
    make_group("11");
    group.switch_confirm = false;
    rule[0].hangs = true;
    CU_ASSERT_EQUAL(begin(GROUP_SWITCH, false), DR_OK);
    pass(5000);
    CU_ASSERT(plan.phase == GROUP_DONE && rule[1].master == MEMBER_B);
}

static void pauses(void)
{
    make_group("11");
    CU_ASSERT_EQUAL(begin(GROUP_SWITCH, false), DR_OK);
    pass(2 * STEP);
    CU_ASSERT_TRUE(say(GROUP_PAUSE));
    CU_ASSERT_FALSE(say(GROUP_PAUSE));
    pass(600000); /* what runs ends; the clock of what waits stands still */
    CU_ASSERT(plan.phase == GROUP_RUNNING && rule[0].master == MEMBER_B && rule[1].orders == 0);
    restart();
    pass(60000);
    CU_ASSERT(plan.paused && rule[1].orders == 0);
    CU_ASSERT_TRUE(say(GROUP_RESUME));
    pass(3000);
    CU_ASSERT(plan.phase == GROUP_DONE && rule[1].master == MEMBER_B);
    CU_ASSERT_STRING_EQUAL(plan.event[1].by, "");
}

static void waits_for_a_person(void)
{
    make_group("11");
    group.stage[1].confirm = true;
    CU_ASSERT_EQUAL(begin(GROUP_SWITCH, false), DR_OK);
    CU_ASSERT_FALSE(say(GROUP_CONFIRMED));
    pass(60000);
    CU_ASSERT(plan.phase == GROUP_CONFIRM && rule[1].orders == 0);
    CU_ASSERT_TRUE(say(GROUP_CONFIRMED));
    pass(3000);
    CU_ASSERT_EQUAL(plan.phase, GROUP_DONE);
    CU_ASSERT_EQUAL(begin(GROUP_FAIL_BACK, false), DR_OK); /* the stage that asks is the first now */
    pass(3000);
    CU_ASSERT(plan.phase == GROUP_CONFIRM && plan.stage == 0);
}

/* B5.2.3-02, V8-04: the former masters are gone; only by force do the slaves become masters */
static void by_force(void)
{
    make_group("2");
    rule[0].silent[MEMBER_A] = rule[1].silent[MEMBER_A] = true;
    CU_ASSERT_EQUAL(begin(GROUP_SWITCH, false), DR_OK);
    pass(2 * GROUP_REACH + 3000);
    CU_ASSERT(plan.phase == GROUP_STOPPED && rule[0].orders == 0 && noted("or switch by force"));
    CU_ASSERT_TRUE(say(GROUP_CANCEL));
    CU_ASSERT_EQUAL(begin(GROUP_SWITCH, true), DR_OK);
    pass(2 * GROUP_REACH);
    CU_ASSERT(plan.phase == GROUP_DONE && masters_on(MEMBER_B) == 2);
    CU_ASSERT_EQUAL(plan.rule[0].order, GROUP_ORDER_TAKE);
    rule[0].silent[MEMBER_A] = rule[1].silent[MEMBER_A] = true;
    CU_ASSERT_EQUAL(begin(GROUP_SWITCH, true), DR_OK); /* again: what lives already stays where it is */
    pass(2 * GROUP_REACH);
    CU_ASSERT(plan.phase == GROUP_DONE && masters_on(MEMBER_B) == 2 && noted("is master and stays"));
    make_group("1"); /* a master that is there hands over, so that nothing is lost */
    CU_ASSERT_EQUAL(begin(GROUP_SWITCH, true), DR_OK);
    pass(3000);
    CU_ASSERT(plan.phase == GROUP_DONE && plan.rule[0].order == GROUP_ORDER_SWITCH_FORCE);
}

static void damaged_documents(void)
{
    make_group("21");
    CU_ASSERT_EQUAL(begin(GROUP_SWITCH, false), DR_OK);
    for (size_t size = 0; size < on_disk; size++)
        CU_ASSERT_EQUAL(group_plan_decode(&last, disk, size, &err), DR_CORRUPT);
    disk[3] = '2';
    CU_ASSERT_EQUAL(group_plan_decode(&last, disk, on_disk, &err), DR_CORRUPT);
    unit_says(err.text, "another version");
}

static void groups_that_make_no_sense(void)
{
    make_group("21");
    group.stage[1].rule[0].id = group.stage[0].rule[1].id;
    CU_ASSERT_EQUAL(group_check(&group, &err), DR_INVALID);
    unit_says(err.text, "stage 2: rule 00000000000000000000000000000002 is in the group twice");
    make_group("2");
    group.runners = 0;
    CU_ASSERT_EQUAL(group_check(&group, &err), DR_INVALID);
    unit_says(err.text, "runner");
}

static void messages(void)
{
    struct group_ask ask = {.group = id_of(1), .rule = id_of(2), .plan = 3, .attempt = 4, .order = GROUP_ORDER_TAKE}, a;
    struct group_tell tell = {.rule = id_of(2), .attempt = 4, .outcome = GROUP_UNDONE, .runs = true, .text = "why"}, t;
    uint8_t bytes[GROUP_MESSAGE_WIRE];
    memset(tell.text, 'x', sizeof tell.text - 1);
    struct cursor c = cursor_over(bytes, sizeof bytes);
    group_ask_encode(&c, &ask);
    struct cursor r = cursor_reading(bytes, (size_t)(c.at - bytes));
    CU_ASSERT(cursor_ok(&c) && group_ask_decode(&r, &a) && a.order == ask.order &&
              strcmp(a.rule.hex, ask.rule.hex) == 0);
    c = cursor_over(bytes, sizeof bytes);
    group_tell_encode(&c, &tell);
    r = cursor_reading(bytes, (size_t)(c.at - bytes));
    CU_ASSERT(cursor_ok(&c) && group_tell_decode(&r, &t) && strcmp(t.text, tell.text) == 0 &&
              t.outcome == GROUP_UNDONE);
    bytes[0]++;
    r = cursor_reading(bytes, (size_t)(c.at - bytes));
    CU_ASSERT_FALSE(group_tell_decode(&r, &t));
}

/* ---- any course ---- */

static uint64_t dice;

static unsigned roll(unsigned sides)
{
    dice = dice * 6364136223846793005u + 1442695040888963407u;
    return (unsigned)(dice >> 33) % sides;
}

/* The one who runs it dies anywhere, people order anything, members fail and mend: no rule is ordered out of its turn
 * (check_order), and when all is well again every plan ends, with every rule where it says. */
static void any_course(void)
{
    for (unsigned seed = 1; seed <= 1500; seed++) {
        dice = seed;
        make_group("221");
        group.stage[1].confirm = roll(2);
        group.on_error = roll(2) ? GROUP_ON_ERROR_IGNORE : GROUP_ON_ERROR_STOP;
        CU_ASSERT_EQUAL_FATAL(begin(GROUP_SWITCH, roll(2)), DR_OK);
        for (unsigned turn = 0; turn < 60 && !group_ended(&plan); turn++) {
            struct played *r = &rule[roll(5)];
            r->refuses = roll(6) == 0;
            r->undoes = roll(6) == 0;
            r->silent[roll(2)] = roll(4) == 0;
            if (roll(5) == 0)
                restart();
            if (roll(4) == 0)
                (void)say(GROUP_PAUSE + roll(GROUP_CANCEL - GROUP_PAUSE));
            pass(STEP * (1 + roll(12)));
        }
        for (unsigned i = 0; i < plan.rules; i++)
            rule[i].refuses = rule[i].undoes = rule[i].silent[0] = rule[i].silent[1] = false;
        for (unsigned turn = 0; turn < 20 && !group_ended(&plan); turn++) {
            pass(2 * GROUP_REACH);
            (void)say(plan.phase == GROUP_STOPPED   ? GROUP_RETRY
                      : plan.phase == GROUP_CONFIRM ? GROUP_CONFIRMED
                                                    : GROUP_RESUME);
        }
        CU_ASSERT_TRUE(group_ended(&plan));
        for (unsigned i = 0; i < plan.rules; i++)
            if (plan.rule[i].step == GROUP_SWITCHED)
                CU_ASSERT_EQUAL(rule[i].master, plan.rule[i].wanted);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {{"stages in order", stages_in_order},
                           {"fails back in reverse", fails_back_in_reverse},
                           {"stops on an error", stops_on_an_error},
                           {"skips and cancels (V8-03)", skips_and_cancels},
                           {"ignores an error", ignores_an_error},
                           {"refusals", refusals},
                           {"switch_confirm", switch_confirm},
                           {"pauses", pauses},
                           {"waits for a person", waits_for_a_person},
                           {"by force", by_force},
                           {"damaged documents", damaged_documents},
                           {"groups that make no sense", groups_that_make_no_sense},
                           {"messages", messages},
                           {"any course", any_course},
                           CU_TEST_INFO_NULL};
    return unit_run("group_plan", cases);
}
