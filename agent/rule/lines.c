/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/lines.c - where messages of a rule go out: beats on connections that we dial (to the other end of
 * each line, to each arbiter; rules share them), answers on those that the peer dialled. A frame's type is the number
 * of its line, from 1. */
#include "agent/rule/runner_state.h"

#include <stdio.h>
#include <string.h>

static bool hear_own(void *baton, const struct frame *frame)
{
    struct runner_line *line = baton;
    struct ha_message message;
    struct cursor c = cursor_reading(frame->body, frame->size);
    if (!ha_message_decode(&c, &message) || strcmp(message.rule.hex, line->runner->config.rule->id.hex) != 0)
        return false;
    if (message.from != (line->to_arbiter ? MEMBER_NONE : member_other(line->runner->config.self)))
        return false;
    runner_hear(line->runner, line->number, NULL, &message);
    return true;
}

static enum dr_code dial_one(struct runner_line *line, struct dial_config *config, const char *address,
                             struct dr_error *err)
{
    const struct rule *rule = line->runner->config.rule;
    config->tls = line->runner->config.tls;
    snprintf(config->address, sizeof config->address, "%s", address);
    config->interval = rule->interval;
    config->silence = rule_length(rule);
    config->receive = hear_own;
    config->baton = line;
    uint8_t type = line->to_arbiter ? 1 : (uint8_t)(line->number + 1);
    return trunk_join(&line->rider, line->runner->config.trunks, config, &rule->id, type, err);
}

enum dr_code runner_dial(struct runner *r, struct dr_error *err)
{
    const struct rule *rule = r->config.rule;
    enum member self = r->config.self, other = member_other(self);
    enum dr_code code = DR_OK;
    for (uint32_t i = 0; code == DR_OK && i < rule->lines; i++) {
        struct dial_config config = {
            .lane = LANE_HEARTBEAT, .port = rule->line[i].port, .peer = rule->member[other].node};
        snprintf(config.source, sizeof config.source, "%s", rule->line[i].address[self]);
        r->line[i].runner = r;
        r->line[i].number = i;
        code = dial_one(&r->line[i], &config, rule->line[i].address[other], err);
    }
    for (uint32_t i = 0; code == DR_OK && i < rule->arbiters; i++) {
        const struct rule_arbiter *arbiter = &rule->arbiter[i];
        struct dial_config config = {.lane = LANE_ARBITRATION, .port = arbiter->port, .peer = arbiter->node};
        r->arbiter[i] = (struct runner_line){.runner = r, .number = i, .to_arbiter = true};
        code = dial_one(&r->arbiter[i], &config, arbiter->address, err);
    }
    return code;
}

static void hang_up_one(struct runner_line *line)
{
    if (line->rider != NULL)
        trunk_leave(line->rider);
    wire_drop(line->asked);
    line->rider = NULL;
    line->asked = NULL;
}

void runner_hang_up(struct runner *r)
{
    for (unsigned i = 0; i < RULE_LINES_MAX; i++)
        hang_up_one(&r->line[i]);
    for (unsigned i = 0; i < RULE_ARBITERS_MAX; i++)
        hang_up_one(&r->arbiter[i]);
}

static size_t encode(uint8_t bytes[HA_MESSAGE_WIRE], const struct ha_message *message)
{
    struct cursor c = cursor_over(bytes, HA_MESSAGE_WIRE);
    ha_message_encode(&c, message);
    return HA_MESSAGE_WIRE - cursor_left(&c);
}

/* A message that cannot be sent is lost, as others are on the way: core counts only what comes back. */
void runner_send_peer(struct runner *r, uint32_t number, const struct ha_message *message)
{
    uint8_t bytes[HA_MESSAGE_WIRE];
    struct dr_error err;
    struct runner_line *line = &r->line[number];
    size_t size = encode(bytes, message);
    if (message->kind == HA_BEAT)
        (void)!trunk_send(line->rider, r->config.outbox, bytes, size, &err);
    else if (line->asked != NULL)
        (void)!outbox_put(r->config.outbox, line->asked, (uint8_t)(number + 1), bytes, size, &err);
}

void runner_send_arbiter(struct runner *r, uint32_t place, const struct ha_message *message)
{
    uint8_t bytes[HA_MESSAGE_WIRE];
    struct dr_error err;
    size_t size = encode(bytes, message);
    (void)!trunk_send(r->arbiter[place].rider, r->config.outbox, bytes, size, &err);
}
