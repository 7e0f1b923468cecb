/* SPDX-License-Identifier: Apache-2.0
 * agent/group/links.h - connections to the members of a plan's rules: to each address at which a rule's file says that
 * a member hears heartbeats. One that is up is enough. */
#ifndef DR_AGENT_GROUP_LINKS_H
#define DR_AGENT_GROUP_LINKS_H

#include "core/group_message.h"
#include "core/model/rule.h"
#include "net/tls.h"

struct group_links;

/* Called in the thread of a connection. */
typedef void group_links_hear(void *baton, const struct dr_id *node, const struct group_tell *tell);

enum dr_code group_links_create(struct group_links **links, struct tls *tls, group_links_hear *hear, void *baton,
                                struct dr_error *err) DR_MUST_USE;
/* To both members, but not to `self`. */
enum dr_code group_links_add(struct group_links *links, const struct rule *rule, const struct dr_id *self,
                             struct dr_error *err) DR_MUST_USE;
/* Never waits; false: no connection is up. */
bool group_links_ask(struct group_links *links, const struct dr_id *node, const struct group_ask *ask);
/* Nothing is heard any more when it returns. */
void group_links_destroy(struct group_links *links);

#endif
