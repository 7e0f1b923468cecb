/* SPDX-License-Identifier: Apache-2.0 */
#include "core/monitor.h"

#include <string.h>

static void good(struct monitor *m, msec now)
{
    if (m->state != MONITOR_HEALTHY)
        m->since = now;
    m->state = MONITOR_HEALTHY;
    m->bad = 0;
}

static void bad(struct monitor *m, uint32_t max_failures, uint32_t checks, msec now)
{
    if (m->bad == 0)
        m->since = now;
    m->bad += m->bad <= UINT32_MAX - checks ? checks : 0;
    m->state = m->bad >= max_failures ? MONITOR_FAILED : MONITOR_FAILING;
}

enum monitor_state monitor_note(struct monitor *m, uint32_t max_failures, enum monitor_result result, msec now)
{
    enum monitor_state before = m->state;
    switch (result) {
    case MONITOR_UNCLEAR: break;
    case MONITOR_GOOD: good(m, now); break;
    case MONITOR_BAD: bad(m, max_failures, 1, now); break;
    case MONITOR_HUNG: bad(m, max_failures, max_failures, now); break;
    }
    return before;
}

enum monitor_result monitor_of_file(const char *bytes, size_t size)
{
    static const char word[] = "false";
    size_t length = sizeof word - 1;
    if (size == 0)
        return MONITOR_UNCLEAR;
    return size >= length && memcmp(bytes, word, length) == 0 ? MONITOR_BAD : MONITOR_GOOD;
}

/* ---- processes ---- */

static size_t without_end(const char *text, size_t size)
{
    while (size > 0 && (text[size - 1] == '\0' || text[size - 1] == ' '))
        size--;
    return size;
}

static bool is_with_blanks(const char *name, const char *cmdline, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (name[i] != (cmdline[i] ? cmdline[i] : ' '))
            return false; /* the end of `name` is never a blank */
    return name[size] == '\0';
}

static bool is_joined(const char *name, const char *cmdline, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (cmdline[i] != '\0' && *name++ != cmdline[i])
            return false;
    return *name == '\0';
}

/* The very bytes: each NUL is written ^@, those at the end may be. */
static bool is_shown(const char *name, const char *cmdline, size_t size)
{
    for (size_t i = 0; i < size; i++) {
        bool nul = cmdline[i] == '\0';
        if (nul ? strncmp(name, "^@", 2) != 0 : *name != cmdline[i])
            return false;
        name += nul ? 2 : 1;
    }
    while (strncmp(name, "^@", 2) == 0)
        name += 2;
    return *name == '\0';
}

static bool is_base_name(const char *name, const char *cmdline, size_t size)
{
    size_t end = 0, begin = 0;
    while (end < size && cmdline[end] != '\0')
        if (cmdline[end++] == '/')
            begin = end;
    return end > begin && strlen(name) == end - begin && memcmp(name, cmdline + begin, end - begin) == 0;
}

bool monitor_means_process(const char *name, const char *cmdline, size_t size)
{
    char bare[1024];
    size_t length = without_end(name, strlen(name));
    size = without_end(cmdline, size);
    if (length == 0 || length >= sizeof bare || size == 0)
        return false;
    memcpy(bare, name, length);
    bare[length] = '\0';
    return is_with_blanks(bare, cmdline, size) || is_joined(bare, cmdline, size) || is_shown(bare, cmdline, size) ||
           is_base_name(bare, cmdline, size);
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t' || c == '\r';
}

int64_t monitor_pid_of(const char *bytes, size_t size)
{
    int64_t pid = 0;
    size_t at = 0;
    while (at < size && is_blank(bytes[at]))
        at++;
    for (; at < size && bytes[at] >= '0' && bytes[at] <= '9' && pid <= MONITOR_PID_MAX; at++)
        pid = pid * 10 + (bytes[at] - '0');
    while (at < size && is_blank(bytes[at]))
        at++;
    return (at == size || bytes[at] == '\n') && pid <= MONITOR_PID_MAX ? pid : 0;
}
