/* SPDX-License-Identifier: Apache-2.0
 * agent/trunk.h - connections that rules share: those with the same pair of addresses, peer, lane and pace beat over
 * one connection (agent/dial.h), each for itself. So a node has as many connections and threads as it has peers and
 * lines, not as it has rules. A frame belongs to a rule by the id in it, and to one of its lines by its type. */
#ifndef DR_AGENT_TRUNK_H
#define DR_AGENT_TRUNK_H

#include "agent/dial.h"

struct trunks; /* of a node */
struct rider;  /* one line of one rule on a trunk */

enum dr_code trunks_create(struct trunks **all, struct dr_error *err) DR_MUST_USE;
/* After the last rider has left. */
void trunks_destroy(struct trunks *all);

/* `config`: as for a dial; receive() is called with the frames of that rule and type, in the dial's thread. */
enum dr_code trunk_join(struct rider **rider, struct trunks *all, const struct dial_config *config,
                        const struct dr_id *rule, uint8_t type, struct dr_error *err) DR_MUST_USE;
/* Never waits. As dial_send(): without a connection the newest message of each rider is sent as soon as there is one.
 */
enum dr_code trunk_send(struct rider *rider, struct outbox *outbox, const void *bytes, size_t size,
                        struct dr_error *err) DR_MUST_USE;
/* No receive() any more when it returns. The last one ends the connection. */
void trunk_leave(struct rider *rider);

#endif
