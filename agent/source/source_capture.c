/* SPDX-License-Identifier: Apache-2.0
 * A capture as what a source reads from. */
#include "agent/source/source_feed.h"

#define SETTLE_LIMIT_MS 2000

static enum dr_code restart_capture(void *link, uint64_t stream, struct dr_error *err)
{
    return capture_restart(link, stream, err);
}

/* Held back for the moment that the changes under way need to be recorded, and let go at once. */
static enum dr_code settle_capture(void *link, uint64_t *seq, struct dr_error *err)
{
    enum dr_code code = capture_freeze(link, SETTLE_LIMIT_MS, seq, err);
    return code ? code : capture_thaw(link, err);
}

enum dr_code source_start(struct source **source, const struct source_config *config, struct dr_error *err)
{
    const struct capture_info *info = capture_info(config->capture);
    struct source_feed feed = {.ring = info->ring, .paths = info->paths, .root = info->root, .wake = info->wake};
    feed.baton = config->capture;
    feed.restart = restart_capture;
    feed.settle = settle_capture;
    return source_start_feed(source, config, &feed, err);
}
