/* SPDX-License-Identifier: Apache-2.0
 * platform/host.h - facts about this host and this process. */
#ifndef DR_PLATFORM_HOST_H
#define DR_PLATFORM_HOST_H

#include "core/error.h"
#include "core/types.h"

/* May this process mount, set addresses and read every file? */
bool host_privileged(void);
/* Full path of the program `name` that was installed beside this one. */
enum dr_code host_program(char *path, size_t size, const char *name, struct dr_error *err) DR_MUST_USE;
/* Random bytes for identities; waits until the system has them. */
void host_random(void *bytes, size_t size);
/* Is `inner` the folder `outer`, or below it? Links in both are resolved; what does not exist is below nothing. */
bool host_folder_within(const char *inner, const char *outer);

#endif
