/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/tool.h - programs of the system that a child of ours runs; they die with it. */
#ifndef DR_PLATFORM_LINUX_TOOL_H
#define DR_PLATFORM_LINUX_TOOL_H

#include <limits.h>
#include <stdbool.h>
#include <stddef.h>

/* Full path of a program of the system; false: it is not there. */
bool tool_find(char path[PATH_MAX], const char *name);
/* Runs it to its end; its output (the last part of it, if it is long). The exit status, 128 + signal, or -1. */
int tool_run(const char *const *argv, char *output, size_t size);

#endif
