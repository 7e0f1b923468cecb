/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/group/links.h"

#include "agent/dial.h"
#include "core/id.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REDIAL  1000
#define SILENCE GROUP_TICKET_LASTS

struct link {
    struct group_links *links;
    struct dial *dial;
    struct dr_id node;
    char address[RULE_HOST_SIZE];
    uint16_t port;
    struct link *next;
};

struct group_links {
    struct tls *tls;
    group_links_hear *hear;
    void *baton;
    struct link *first;
};

static bool receive(void *baton, const struct frame *frame)
{
    const struct link *link = baton;
    struct cursor c = cursor_reading(frame->body, frame->size);
    struct group_tell tell;
    if (frame->type != GROUP_TELL_TYPE || !group_tell_decode(&c, &tell))
        return false;
    link->links->hear(link->links->baton, &link->node, &tell);
    return true;
}

static bool is_there(const struct group_links *links, const struct dr_id *node, const char *address, uint16_t port)
{
    const struct link *l = links->first;
    while (l != NULL && (!dr_id_equal(&l->node, node) || l->port != port || strcmp(l->address, address) != 0))
        l = l->next;
    return l != NULL;
}

static enum dr_code dial_to(struct group_links *links, const struct dr_id *node, const char *address, uint16_t port,
                            struct dr_error *err)
{
    if (is_there(links, node, address, port))
        return DR_OK;
    struct link *link = calloc(1, sizeof *link);
    if (link == NULL)
        return dr_fail(err, DR_FULL, "no memory to dial %s", address);
    *link = (struct link){.links = links, .node = *node, .port = port};
    snprintf(link->address, sizeof link->address, "%s", address);
    struct dial_config config = {.tls = links->tls,
                                 .lane = LANE_HEARTBEAT,
                                 .port = port,
                                 .peer = *node,
                                 .interval = REDIAL,
                                 .silence = SILENCE,
                                 .receive = receive,
                                 .baton = link};
    snprintf(config.address, sizeof config.address, "%s", address);
    enum dr_code code = dial_start(&link->dial, &config, err);
    if (code != DR_OK) {
        free(link);
        return code;
    }
    link->next = links->first;
    links->first = link;
    return DR_OK;
}

enum dr_code group_links_create(struct group_links **out, struct tls *tls, group_links_hear *hear, void *baton,
                                struct dr_error *err)
{
    struct group_links *links = calloc(1, sizeof *links);
    if (links == NULL)
        return dr_fail(err, DR_FULL, "no memory for connections to members");
    *links = (struct group_links){.tls = tls, .hear = hear, .baton = baton};
    *out = links;
    return DR_OK;
}

enum dr_code group_links_add(struct group_links *links, const struct rule *rule, const struct dr_id *self,
                             struct dr_error *err)
{
    enum dr_code code = DR_OK;
    for (unsigned m = 0; m < rule->members; m++) {
        const struct rule_member *member = &rule->member[m];
        if (dr_id_equal(&member->node, self))
            continue;
        for (unsigned i = 0; code == DR_OK && i < rule->lines; i++)
            code = dial_to(links, &member->node, rule->line[i].address[m], rule->line[i].port, err);
        if (code == DR_OK) /* lines may be cables that end at the other member */
            code = dial_to(links, &member->node, member->address, rule->line[0].port, err);
    }
    return code;
}

/* On each that is up: one may be dead without knowing it yet, and an ask that comes twice is answered twice. */
bool group_links_ask(struct group_links *links, const struct dr_id *node, const struct group_ask *ask)
{
    uint8_t bytes[GROUP_MESSAGE_WIRE];
    struct cursor c = cursor_over(bytes, sizeof bytes);
    struct dial_status status;
    struct dr_error err;
    bool sent = false;
    group_ask_encode(&c, ask);
    for (struct link *l = links->first; l != NULL; l = l->next) {
        if (!dr_id_equal(&l->node, node))
            continue;
        dial_status(l->dial, &status);
        size_t size = sizeof bytes - cursor_left(&c);
        if (status.up && dial_send(l->dial, NULL, GROUP_ASK_TYPE, bytes, size, &err) == DR_OK)
            sent = true;
    }
    return sent;
}

void group_links_destroy(struct group_links *links)
{
    for (struct link *l = links->first; l != NULL; l = l->next)
        dial_end(l->dial);
    while (links->first != NULL) {
        struct link *l = links->first;
        links->first = l->next;
        dial_destroy(l->dial);
        free(l);
    }
    free(links);
}
