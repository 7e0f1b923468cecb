/* SPDX-License-Identifier: Apache-2.0
 * tests/fuzz/fuzz_monitor.c - what others write: command lines of processes, and result files. The first byte says how
 * long the name is that follows; the rest is a command line. */
#include "core/monitor.h"
#include "tests/fuzz/fuzz.h"

#include <string.h>

/* A copy of just that size, so that a read past its end is seen. */
static char *copy(const uint8_t *data, size_t size, size_t room)
{
    char *bytes = calloc(1, size + room);
    if (bytes == NULL)
        abort();
    memcpy(bytes, data, size);
    return bytes;
}

/* Written down with blanks in place of its NULs, a command line means itself, unless nothing of it is left. */
static void means_itself(const char *cmdline, size_t size)
{
    char *name = copy((const uint8_t *)cmdline, size, 1);
    bool any = false;
    for (size_t i = 0; i < size; i++) {
        any = any || (name[i] != '\0' && name[i] != ' ');
        name[i] = name[i] == '\0' ? ' ' : name[i];
    }
    bool means = monitor_means_process(name, cmdline, size);
    FUZZ_HOLDS(any ? means || size >= 1024 : !means);
    free(name);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t length = size > 0 ? data[0] : 0, rest = size > 0 ? size - 1 : 0;
    if (length > rest)
        length = rest;
    char *name = copy(data + (size > 0), length, 1), *cmdline = copy(data + (size > 0) + length, rest - length, 0);
    bool means = monitor_means_process(name, cmdline, rest - length);
    FUZZ_HOLDS(!means || (name[0] != '\0' && rest > length));
    means_itself(cmdline, rest - length);
    enum monitor_result result = monitor_of_file(cmdline, rest - length);
    FUZZ_HOLDS((result == MONITOR_UNCLEAR) == (rest == length));
    int64_t pid = monitor_pid_of(cmdline, rest - length);
    FUZZ_HOLDS(pid >= 0 && pid <= MONITOR_PID_MAX);
    free(name);
    free(cmdline);
    return 0;
}
