/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/drcapture.h - the drcapture of a rule: found running (it outlives drnode), or started. */
#ifndef DR_AGENT_RULE_DRCAPTURE_H
#define DR_AGENT_RULE_DRCAPTURE_H

#include "agent/config.h"
#include "agent/rule/starts.h"
#include "platform/capture.h"

/* Where the drcapture of a rule is attached to. */
bool drcapture_socket(char path[CONFIG_PATH_SIZE], const char *root, const struct rule *rule);

struct drcapture_config {
    const char *root;
    const struct rule *rule;
    enum member self;
    struct starts *starts; /* of the node */
};

/* Attaches; starts drcapture first if none runs, and waits until it has covered the folders. What keeps it from that is
 * in the error. */
enum dr_code drcapture_open(struct capture_link **link, const struct drcapture_config *config,
                            struct dr_error *err) DR_MUST_USE;
/* One that does not answer any more (capture_info.pid) is no zombie after this, if this drnode started it: also if that
 * was for the rule as it was before it was read again. */
void drcapture_bury(int64_t pid);

/* True: it works with other folders or another amount of memory than `rule` says of `self` by now; what to do about
 * that is in the text. */
bool drcapture_differs(const struct capture_info *info, const struct rule *rule, enum member self,
                       char text[DR_ERROR_TEXT]);

/* Ends those of rules that `config` does not have any more: the folders are ordinary ones then. One that has them
 * read-write is left alone: its application would go on unprotected. Says one line about each. */
void drcapture_end_forgotten(const struct config *config, config_say *say, void *baton);

#endif
