/* SPDX-License-Identifier: Apache-2.0
 * agent/source/source_feed.h - what a source reads from: a capture's ring and lower tree, or a test's. */
#ifndef DR_AGENT_SOURCE_FEED_H
#define DR_AGENT_SOURCE_FEED_H

#include "agent/source/source.h"

struct source_feed {
    struct ring *ring;
    unsigned paths;
    const int *root; /* folder descriptors below the cover */
    int wake;        /* eventfd: readable after a commit that ring_sleep() asked to hear of */
    void *baton;
    /* A new stream, after the ring broke. */
    enum dr_code (*restart)(void *baton, uint64_t stream, struct dr_error *err);
    /* *seq = a record such that every change that could be seen in the tree by now is recorded up to there. */
    enum dr_code (*settle)(void *baton, uint64_t *seq, struct dr_error *err);
};

/* source_start() with `feed` instead of config->capture. */
enum dr_code source_start_feed(struct source **source, const struct source_config *config,
                               const struct source_feed *feed, struct dr_error *err) DR_MUST_USE;

#endif
