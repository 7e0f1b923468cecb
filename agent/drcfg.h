/* SPDX-License-Identifier: Apache-2.0
 * agent/drcfg.h - the dialogue of drcfg -c: who this node is, and where its console is (B4.2.2.2-14). */
#ifndef DR_AGENT_DRCFG_H
#define DR_AGENT_DRCFG_H

#include "core/error.h"

#include <stdio.h>

/* Asks on `out`, reads answers from `in`, saves etc/drid.conf. If `in` ends early nothing is saved: DR_CLOSED. */
enum dr_code drcfg_dialogue(FILE *in, FILE *out, const char *root, struct dr_error *err) DR_MUST_USE;

#endif
