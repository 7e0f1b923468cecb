/* SPDX-License-Identifier: Apache-2.0
 * agent/descriptors.h - the limit of open files, which a node with many rules would meet. */
#ifndef DR_AGENT_DESCRIPTORS_H
#define DR_AGENT_DESCRIPTORS_H

#include "core/error.h"

/* Raises this process's limit to what so many rules need; never lowers it. DR_FULL says what to do. */
enum dr_code descriptors_for(unsigned rules, struct dr_error *err) DR_MUST_USE;

#endif
