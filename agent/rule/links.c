/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/links.c - a link that comes back: while it was away, those behind it may have learnt that somebody else
 * has the addresses, or nothing. So they are announced again, with the next renewals. */
#include "agent/rule/runner_state.h"

static bool came_back(bool *was, bool is)
{
    bool news = is && !*was;
    *was = is;
    return news;
}

void runner_watch_links(struct runner *r, const struct ha_glance *now)
{
    bool healed = came_back(&r->witnessed, now->witness == HA_WITNESS_NORMAL);
    for (uint32_t i = 0; i < now->lines; i++)
        healed |= came_back(&r->linked[i], now->line_up[i]);
    if (!healed || now->role != HA_ROLE_MASTER || r->role != HA_ROLE_MASTER || r->config.rule->vips == 0)
        return;
    atomic_store(&r->announced, 0);
    log_write(r->config.log, LOG_LEVEL_INFO, &r->config.rule->id, "announce",
              "a link came back: the addresses are announced again");
}
