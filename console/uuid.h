/* SPDX-License-Identifier: Apache-2.0
 * console/uuid.h - ids as clients write them: the 32 digits of a node, a rule or a group with four dashes. */
#ifndef DR_CONSOLE_UUID_H
#define DR_CONSOLE_UUID_H

#include "core/types.h"

#define UUID_SIZE 37

void uuid_of(char uuid[UUID_SIZE], const struct dr_id *id);
/* With or without dashes, in either case. False: it is none. */
bool uuid_read(struct dr_id *id, const char *text);

#endif
