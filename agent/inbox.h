/* SPDX-License-Identifier: Apache-2.0
 * agent/inbox.h - what waits for the decision thread: messages of peers, ends of commands, questions of other threads.
 * All rules of a node are decided by one thread, so the state machines need no lock. */
#ifndef DR_AGENT_INBOX_H
#define DR_AGENT_INBOX_H

#include "agent/wire.h"
#include "core/ha.h"

#define INBOX_ROOM    1024
#define INBOX_RESERVE 128 /* of it, that messages may not fill: ends of commands and questions find room */

struct letter {
    void (*deliver)(void *to, struct letter *letter); /* called by the decision thread */
    void *to;
    struct wire *wire; /* held; on which an answer goes back. NULL: none. Dropped after delivery */
    uint32_t line;
    struct ha_message message;
    uint64_t command;
    bool ok;
    char text[HA_TEXT_MAX];
};

struct inbox;

enum dr_code inbox_create(struct inbox **inbox, struct dr_error *err) DR_MUST_USE;
void inbox_destroy(struct inbox *inbox);

/* Any thread. Full: a message is lost, as on the network. False then. */
bool inbox_offer(struct inbox *inbox, const struct letter *letter);
/* Full: waits. For what must not be lost. */
void inbox_post(struct inbox *inbox, const struct letter *letter);
/* Has the decision thread call ask(baton) and waits until it has. Not from that thread. False: it has ended. */
bool inbox_ask(struct inbox *inbox, void (*ask)(void *baton), void *baton);

/* Any thread: has inbox_take() return, this time or the next, though there is no letter. */
void inbox_nudge(struct inbox *inbox);

/* The decision thread: the next letter, or false after `wait`. */
bool inbox_take(struct inbox *inbox, struct letter *letter, msec wait);
/* Nothing is taken any more: posts are dropped, questions fail. */
void inbox_close(struct inbox *inbox);

#endif
