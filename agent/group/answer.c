/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/group/answer.h"

#include "agent/node_state.h"
#include "core/id.h"
#include "platform/clock.h"

#include <stdio.h>
#include <stdlib.h>

/* For the decision thread. */
struct errand {
    struct node *node;
    struct place *place;
    const struct group_ask *ask;
    struct group_tell *tell;
    struct rule_status *status;
};

static bool is_current(const struct node *node, const struct group_ticket *ticket)
{
    msec now = clock_now();
    return ticket->life == node->life && ticket->at <= now && now - ticket->at <= GROUP_TICKET_LASTS;
}

static void obey(const struct errand *e)
{
    static const enum ha_order orders[] = {[GROUP_ORDER_SWITCH] = HA_ORDER_SWITCH,
                                           [GROUP_ORDER_SWITCH_FORCE] = HA_ORDER_SWITCH_FORCE,
                                           [GROUP_ORDER_TAKE] = HA_ORDER_TAKE_FORCE};
    static const char *const words[] = {[GROUP_ORDER_SWITCH] = "hand over",
                                        [GROUP_ORDER_SWITCH_FORCE] = "hand over by force",
                                        [GROUP_ORDER_TAKE] = "become master by force"};
    struct group_heed *heed = &e->place->heed;
    const struct group_ask *ask = e->ask;
    bool known = heed->plan == ask->plan && heed->attempt == ask->attempt;
    if (ask->order == GROUP_ORDER_NONE || known || !is_current(e->node, &ask->ticket))
        return;
    *heed = (struct group_heed){.plan = ask->plan, .attempt = ask->attempt, .order = ask->order};
    log_write(e->node->log, LOG_LEVEL_WARNING, &e->place->rule->id, "order", "group %s, plan %016llx, order %u: %s",
              ask->group.hex, (unsigned long long)ask->plan, ask->attempt, words[ask->order]);
    heed->outcome = runner_order(e->place->runner, orders[ask->order], heed->text) ? GROUP_ACCEPTED : GROUP_REFUSED;
}

/* Accepted, a master is no master any more at once; one again went back. */
static void note_undone(struct group_heed *heed, const struct ha_status *ha)
{
    bool handed = heed->order == GROUP_ORDER_SWITCH || heed->order == GROUP_ORDER_SWITCH_FORCE;
    if (!handed || heed->outcome != GROUP_ACCEPTED || ha->role != HA_ROLE_MASTER)
        return;
    heed->outcome = GROUP_UNDONE;
    snprintf(heed->text, sizeof heed->text, "%s", ha->whys > 0 ? ha->why[0] : "it stayed master");
}

static void run_errand(void *baton)
{
    const struct errand *e = baton;
    struct group_heed *heed = &e->place->heed;
    obey(e);
    runner_status(e->place->runner, e->status);
    const struct ha_status *ha = &e->status->ha;
    note_undone(heed, ha);
    *e->tell = (struct group_tell){.rule = e->ask->rule,
                                   .ticket = {.life = e->node->life, .at = clock_now()},
                                   .plan = heed->plan,
                                   .attempt = heed->attempt,
                                   .outcome = heed->outcome,
                                   .runs = true,
                                   .faulted = ha->acquire_failed,
                                   .role = ha->role};
    const char *text = heed->outcome > GROUP_ACCEPTED ? heed->text : ha->whys > 0 ? ha->why[0] : "";
    snprintf(e->tell->text, sizeof e->tell->text, "%s", text);
}

/* Why this node takes no word from `peer` for that rule; NULL: it does. */
static const char *bar(struct node *node, const struct dr_id *peer, const struct group_ask *ask)
{
    const char *why = "no file in etc/groups here has that group: it has to be on both members of each of its rules";
    pthread_mutex_lock(&node->lock);
    for (unsigned i = 0; i < node->config->groups; i++) {
        const struct group *group = node->config->group[i];
        if (!dr_id_equal(&group->id, &ask->group))
            continue;
        why = !group_has_runner(group, peer) ? "the group's file here does not name the node that asks as a runner"
              : !group_has_rule(group, &ask->rule) ? "the group's file here does not hold that rule"
                                                   : NULL;
    }
    pthread_mutex_unlock(&node->lock);
    return why;
}

static void decline(struct group_tell *tell, const struct group_ask *ask, const char *why)
{
    *tell = (struct group_tell){.rule = ask->rule, .plan = ask->plan, .attempt = ask->attempt};
    snprintf(tell->text, sizeof tell->text, "%s", why);
}

static void answer_here(struct node *node, struct place *place, const struct group_ask *ask, struct group_tell *tell)
{
    struct errand errand = {.node = node, .place = place, .ask = ask, .tell = tell};
    errand.status = malloc(sizeof *errand.status);
    if (errand.status == NULL || !inbox_ask(node->inbox, run_errand, &errand))
        decline(tell, ask, "drnode has no memory, or is ending");
    free(errand.status);
}

void group_answer(struct node *node, const struct dr_id *peer, const struct group_ask *ask, struct group_tell *tell)
{
    const char *why = bar(node, peer, ask);
    struct place *place = why == NULL ? node_enter(node, &ask->rule) : NULL;
    if (why != NULL)
        decline(tell, ask, why);
    else if (place == NULL || place->runner == NULL)
        decline(tell, ask, "the rule does not run there: `drctl --local events` on that node says why");
    else
        answer_here(node, place, ask, tell);
    if (place != NULL)
        node_leave(node, place);
}

const char *group_serve(struct node *node, struct wire *wire, const struct frame *frame)
{
    struct cursor c = cursor_reading(frame->body, frame->size);
    struct group_ask ask;
    struct group_tell tell;
    struct dr_error err;
    uint8_t bytes[GROUP_MESSAGE_WIRE];
    if (!group_ask_decode(&c, &ask))
        return "asked for a group in words that are not understood: does it run the same version?";
    group_answer(node, wire_peer(wire), &ask, &tell);
    struct cursor out = cursor_over(bytes, sizeof bytes);
    group_tell_encode(&out, &tell);
    (void)!wire_send(wire, GROUP_TELL_TYPE, bytes, sizeof bytes - cursor_left(&out), &err); /* lost: it asks again */
    return NULL;
}
