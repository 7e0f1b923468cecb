/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/report.c - what a person sees of a rule on this member. */
#include "agent/rule/runner_state.h"
#include "platform/clock.h"
#include "platform/volume.h"

#include <stdio.h>
#include <string.h>

static void report_lines(const struct runner *r, struct rule_status *status)
{
    const struct rule *rule = r->config.rule;
    status->lines = rule->lines;
    for (unsigned i = 0; i < rule->lines; i++) {
        struct rule_status_line *line = &status->line[i];
        msec heard = r->ha.peer.heard[i];
        snprintf(line->a, sizeof line->a, "%s", rule->line[i].address[MEMBER_A]);
        snprintf(line->b, sizeof line->b, "%s", rule->line[i].address[MEMBER_B]);
        line->up = status->ha.line_up[i];
        line->age = heard == 0 ? 0 : clock_now() - heard;
    }
}

static void report_addresses(const struct runner *r, struct rule_status *status)
{
    status->vips = r->config.rule->vips;
    for (unsigned i = 0; i < status->vips; i++) {
        memcpy(status->vip[i].address, r->config.rule->vip[i].address, sizeof status->vip[i].address);
        status->vip[i].held = resources_holds(&r->resources, i);
    }
}

/* Who does not talk to them does not know which it is, unless there is but one. */
static void report_witness(const struct runner *r, struct rule_status *status)
{
    const struct rule *rule = r->config.rule;
    uint32_t used = rule_witnesses(rule) == 1 ? 0 : status->ha.witness_used;
    if (used < rule_witnesses(rule))
        runner_witness_name(r, used, status->witness_name, sizeof status->witness_name);
}

/* A store that a member cannot use will fail it when it is needed: a slave says so too. */
static void report_stores(const struct runner *r, struct rule_status *status)
{
    char name[RULE_HOST_SIZE], why[DR_ERROR_TEXT];
    for (unsigned i = 0; i < r->stores; i++)
        if (!witness_up(r->store[i].witness, why, sizeof why) && status->ha.whys < HA_WHY_MAX) {
            runner_witness_name(r, r->store[i].place, name, sizeof name);
            snprintf(status->ha.why[status->ha.whys++], HA_TEXT_MAX, "%.80s gives no vote here: %.160s", name, why);
        }
}

static void report_volumes(const struct runner *r, struct rule_status *status)
{
    status->volumes = r->config.rule->volumes;
    for (unsigned i = 0; i < status->volumes; i++) {
        const struct rule_volume *volume = &r->config.rule->volume[i];
        memcpy(status->volume[i].uuid, volume->uuid, sizeof status->volume[i].uuid);
        memcpy(status->volume[i].mount, volume->mount, sizeof status->volume[i].mount);
        status->volume[i].held = volume_held(volume->mount);
    }
}

struct words {
    struct ha_names names;
    char name[WITNESSES_MAX][RULE_HOST_SIZE], check[WITNESSES_MAX][HA_TEXT_MAX];
};

static void words_of(struct words *words, const struct runner *r)
{
    const struct rule *rule = r->config.rule;
    for (enum member m = MEMBER_A; m <= MEMBER_B; m++)
        words->names.member[m] = rule->member[m].name;
    for (uint32_t i = 0; i < rule_witnesses(rule); i++) {
        runner_witness_name(r, i, words->name[i], sizeof words->name[i]);
        runner_witness_check(r, i, words->check[i], sizeof words->check[i]);
        words->names.witness[i].name = words->name[i];
        words->names.witness[i].check = words->check[i];
    }
}

void runner_status(struct runner *r, struct rule_status *status)
{
    const struct rule *rule = r->config.rule;
    struct words words;
    runner_settle(r);
    memset(status, 0, sizeof *status);
    words_of(&words, r);
    ha_status(&r->ha, clock_now(), &words.names, &status->ha);
    status->rule = rule->id;
    status->self = r->config.self;
    status->node = rule->member[status->self].node;
    memcpy(status->name, rule->name, sizeof status->name);
    memcpy(status->node_name, rule->member[status->self].name, sizeof status->node_name);
    memcpy(status->peer_name, rule->member[member_other(status->self)].name, sizeof status->peer_name);
    status->since = clock_now() - r->role_since;
    report_witness(r, status);
    report_stores(r, status);
    ha_account(&r->ha, clock_now(), &words.names, r->said, &status->account);
    report_lines(r, status);
    report_addresses(r, status);
    status->in_window = r->inside;
    monitors_report(r->monitors, status);
    report_volumes(r, status);
    replicate_status(r->replicate, status);
}
