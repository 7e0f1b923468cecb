/* SPDX-License-Identifier: Apache-2.0
 * agent/recover.h - brings the copy in a folder to its moment by hand (drctl --local recover FOLDER, which runs
 * drnode --recover FOLDER), with no peer and no running drnode. */
#ifndef DR_AGENT_RECOVER_H
#define DR_AGENT_RECOVER_H

#include "agent/config.h"
#include "agent/target/target.h"

/* Recovers all folders of the rule that has `folder` on this member. DR_NOT_FOUND: no rule has it, or nothing was ever
 * received; DR_BUSY: drnode runs; DR_REFUSED: applications write in it. */
enum dr_code recover_folder(const struct config *config, const char *folder, struct target_progress *progress,
                            struct dr_error *err) DR_MUST_USE;

/* `drnode --recover FOLDER`: the same with a line on stdout or stderr. Returns the exit status. */
int recover_main(const char *root, const char *folder);

#endif
