/* SPDX-License-Identifier: Apache-2.0
 * core/group_plan_rule.c - one rule of a plan: who is to be master, which order goes to whom, and what came of it. */
#include "core/group_plan_state.h"

#include <stdio.h>

static const struct group_tell *heard(const struct group_work *w, const struct group_plan_rule *r, enum member m)
{
    const struct group_seen *seen = &r->seen[m];
    bool fresh = seen->at != 0 && w->event->now - seen->at <= GROUP_FRESH && seen->tell.runs;
    return fresh ? &seen->tell : NULL;
}

static bool has_role(const struct group_work *w, const struct group_plan_rule *r, enum member m, enum ha_role role)
{
    const struct group_tell *tell = heard(w, r, m);
    return tell != NULL && tell->role == role;
}

static char letter(enum member m)
{
    return m == MEMBER_A ? 'A' : 'B';
}

/* ---- who is to be master ---- */

/* Without a master the only slave that is there, if a person takes the risk. */
static enum member only_slave(const struct group_work *w, const struct group_plan_rule *r)
{
    bool a = heard(w, r, MEMBER_A) != NULL, b = heard(w, r, MEMBER_B) != NULL;
    enum member m = a ? MEMBER_A : MEMBER_B;
    msec since = w->plan->phase == GROUP_LOOKING ? w->plan->since : r->since;
    bool late = w->event->now - since >= GROUP_PATIENCE;
    return w->plan->force && late && a != b && has_role(w, r, m, HA_ROLE_SLAVE) ? m : MEMBER_NONE;
}

void group_rule_choose(struct group_work *w, struct group_plan_rule *r)
{
    if (r->wanted != MEMBER_NONE)
        return;
    bool a = has_role(w, r, MEMBER_A, HA_ROLE_MASTER), b = has_role(w, r, MEMBER_B, HA_ROLE_MASTER);
    r->wanted = a != b ? (a ? MEMBER_B : MEMBER_A) : (!a ? only_slave(w, r) : MEMBER_NONE);
    if (r->wanted != MEMBER_NONE)
        w->answer->must_store = true;
}

/* ---- what becomes of it ---- */

static void fail(struct group_work *w, struct group_plan_rule *r, const char *why)
{
    r->step = GROUP_FAILED;
    snprintf(r->text, sizeof r->text, "%.*s", GROUP_TEXT_SIZE - 1, why);
    group_note(w, "rule %.40s failed: %.140s", r->name, why);
}

static void succeed(struct group_work *w, struct group_plan_rule *r, const char *how)
{
    r->step = GROUP_SWITCHED;
    r->text[0] = '\0';
    group_note(w, "rule %.40s: member %c %s", r->name, letter(r->wanted), how);
}

static void give(struct group_work *w, struct group_plan_rule *r, enum group_order order, enum member to)
{
    static const char *const names[] = {[GROUP_ORDER_SWITCH] = "is told to hand over",
                                        [GROUP_ORDER_SWITCH_FORCE] = "is told to hand over, by force",
                                        [GROUP_ORDER_TAKE] = "is told to become master, by force"};
    if (r->step == GROUP_WAITING)
        r->since = w->event->now;
    r->tried = w->event->now;
    r->step = GROUP_SWITCHING;
    r->order = order;
    r->ordered = to;
    r->attempt++;
    r->text[0] = '\0';
    group_note(w, "rule %.40s: member %c %s", r->name, letter(to), names[order]);
}

/* ---- an order ---- */

/* Why none can be given yet, for a person who waits. */
static void say_bar(const struct group_work *w, struct group_plan_rule *r, char *why, size_t size)
{
    enum member to = r->wanted == MEMBER_NONE ? MEMBER_NONE : member_other(r->wanted);
    enum member silent = heard(w, r, MEMBER_A) == NULL ? MEMBER_A : MEMBER_B;
    const struct group_seen *seen = &r->seen[silent];
    bool refused = seen->at != 0 && w->event->now - seen->at <= GROUP_FRESH && seen->tell.text[0];
    if (heard(w, r, silent) == NULL && refused)
        snprintf(why, size, "member %c: %.180s", letter(silent), seen->tell.text);
    else if (heard(w, r, silent) == NULL)
        snprintf(why, size, "member %c cannot be reached: check its host, its drnode and the way there%s",
                 letter(silent), w->plan->force ? "" : ", or switch by force");
    else if (to == MEMBER_NONE)
        snprintf(why, size, "it is not clear who is master: `drctl --local why` on its members says more");
    else
        snprintf(why, size, "member %c is not master, so it has nothing to hand over", letter(to));
}

/* By force what is left of a rule is wanted: a master that lives, and whose slave is gone, stays. */
static bool is_last(const struct group_work *w, const struct group_plan_rule *r)
{
    bool gone = r->wanted != MEMBER_NONE && heard(w, r, r->wanted) == NULL;
    return w->plan->force && gone && has_role(w, r, member_other(r->wanted), HA_ROLE_MASTER);
}

static void leave(struct group_work *w, struct group_plan_rule *r)
{
    r->step = GROUP_LEFT;
    snprintf(r->text, sizeof r->text, "member %c is master and stays: the other cannot be reached",
             letter(member_other(r->wanted)));
    group_note(w, "rule %.40s: %s", r->name, r->text);
}

static bool may_take(const struct group_work *w, const struct group_plan_rule *r)
{
    return w->plan->force && w->event->now - r->since >= GROUP_PATIENCE && heard(w, r, r->wanted) != NULL;
}

static void wait_for_order(struct group_work *w, struct group_plan_rule *r)
{
    char why[GROUP_TEXT_SIZE];
    group_rule_choose(w, r);
    bool clear = r->wanted != MEMBER_NONE;
    if (w->plan->paused || w->plan->cancelling)
        r->since = w->event->now;
    else if (is_last(w, r) && w->event->now - r->since < GROUP_PATIENCE)
        return;
    else if (is_last(w, r))
        leave(w, r);
    else if (clear && has_role(w, r, member_other(r->wanted), HA_ROLE_MASTER))
        give(w, r, w->plan->force ? GROUP_ORDER_SWITCH_FORCE : GROUP_ORDER_SWITCH, member_other(r->wanted));
    else if (clear && may_take(w, r))
        give(w, r, GROUP_ORDER_TAKE, r->wanted);
    else if (w->event->now - r->since >= GROUP_REACH) {
        say_bar(w, r, why, sizeof why);
        fail(w, r, why);
    }
}

/* Most refusals are of a moment: a step of the last switch still runs, or a mirror is about to end. */
static bool try_again(struct group_work *w, struct group_plan_rule *r)
{
    if (w->event->now - r->since >= GROUP_REACH)
        return false;
    if (w->event->now - r->tried >= GROUP_AGAIN) {
        r->tried = w->event->now;
        r->attempt++;
        w->answer->must_store = true;
    }
    return true;
}

static void wait_for_outcome(struct group_work *w, struct group_plan_rule *r)
{
    char why[GROUP_TEXT_SIZE];
    const struct group_plan *p = w->plan;
    const struct group_tell *tell = heard(w, r, r->ordered);
    bool answered = tell != NULL && tell->plan == p->plan && tell->attempt == r->attempt;
    enum group_outcome outcome = answered ? tell->outcome : GROUP_NOTHING;
    if (outcome == GROUP_REFUSED && try_again(w, r)) {
        snprintf(r->text, sizeof r->text, "%.*s", GROUP_TEXT_SIZE - 1, tell->text);
    } else if (outcome == GROUP_REFUSED || outcome == GROUP_UNDONE) {
        snprintf(why, sizeof why, "member %c %s: %.160s", letter(r->ordered),
                 outcome == GROUP_REFUSED ? "refused" : "went back", tell->text);
        if (p->force && r->order != GROUP_ORDER_TAKE && !p->cancelling && heard(w, r, r->wanted) != NULL)
            give(w, r, GROUP_ORDER_TAKE, r->wanted);
        else
            fail(w, r, why);
    } else if (outcome == GROUP_ACCEPTED && !p->switch_confirm) {
        succeed(w, r, "has the order; that it switched is not waited for");
    } else if (w->event->now - r->since >= p->stage_of[r->stage].timeout) {
        tell = heard(w, r, r->wanted);
        snprintf(why, sizeof why, "member %c is not master in time%s%.120s", letter(r->wanted), tell ? ": " : "",
                 tell ? tell->text : ", and not heard");
        fail(w, r, why);
    }
}

void group_rule_step(struct group_work *w, struct group_plan_rule *r)
{
    bool open = r->step == GROUP_WAITING || r->step == GROUP_SWITCHING;
    const struct group_tell *tell = r->wanted != MEMBER_NONE ? heard(w, r, r->wanted) : NULL;
    bool there = open && tell != NULL && tell->role == HA_ROLE_MASTER;
    if (there && tell->faulted)
        fail(w, r, tell->text);
    else if (there)
        succeed(w, r, r->step == GROUP_WAITING ? "is master already" : "is master");
    else if (r->step == GROUP_WAITING)
        wait_for_order(w, r);
    else if (r->step == GROUP_SWITCHING)
        wait_for_outcome(w, r);
}

enum group_order group_plan_order(const struct group_plan *p, unsigned rule, enum member member)
{
    const struct group_plan_rule *r = &p->rule[rule];
    bool open = !group_ended(p) && r->step == GROUP_SWITCHING && r->ordered == member;
    return open ? r->order : GROUP_ORDER_NONE;
}
