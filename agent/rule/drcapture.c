/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/rule/drcapture.h"
#include "platform/clock.h"
#include "platform/host.h"
#include "platform/process.h"

#include <stdio.h>
#include <string.h>

#define DRCAPTURE_LIMIT 30000 /* preflight looks at every open file of the host */
#define DRCAPTURE_NAP   20

bool drcapture_socket(char path[CONFIG_PATH_SIZE], const char *root, const struct rule *rule)
{
    char relative[64];
    snprintf(relative, sizeof relative, "run/capture-%s.sock", rule->id.hex);
    return config_path(path, root, relative);
}

/* The last line that it wrote says why; "" if there is none. */
static void last_line(char *text, size_t size, const char *file)
{
    char line[512];
    FILE *log = fopen(file, "r");
    *text = '\0';
    while (log != NULL && fgets(line, sizeof line, log) != NULL)
        snprintf(text, size, "%.*s", (int)strcspn(line, "\n"), line);
    if (log != NULL)
        fclose(log);
}

static enum dr_code wait_attach(struct capture_link **link, const char *socket, int64_t pid, const char *log,
                                struct dr_error *err)
{
    int status;
    char why[400];
    msec until = clock_now() + DRCAPTURE_LIMIT;
    while (clock_now() < until) {
        bool ended = process_ended(pid, &status);
        enum dr_code code = capture_attach(link, socket, err);
        if (code == DR_OK || (code != DR_NOT_FOUND && ended))
            return code;
        if (ended) {
            last_line(why, sizeof why, log);
            return *why ? dr_fail(err, DR_IO, "%s", why)
                        : dr_fail(err, DR_IO, "drcapture ended with status %d and said nothing", status);
        }
        clock_sleep(DRCAPTURE_NAP);
    }
    return dr_fail(err, DR_TIMEOUT, "drcapture did not cover the folders within %d s: see %s", DRCAPTURE_LIMIT / 1000,
                   log);
}

enum dr_code drcapture_open(struct capture_link **link, const char *root, const struct rule *rule, struct dr_error *err)
{
    char socket[CONFIG_PATH_SIZE], program[CONFIG_PATH_SIZE], log[CONFIG_PATH_SIZE], relative[64];
    snprintf(relative, sizeof relative, "log/capture-%s.log", rule->id.hex);
    if (!drcapture_socket(socket, root, rule) || !config_path(log, root, relative))
        return dr_fail(err, DR_INVALID, "the path %s is too long for a socket below it", root);
    enum dr_code code = capture_attach(link, socket, err);
    if (code != DR_NOT_FOUND)
        return code;
    code = host_program(program, sizeof program, "drcapture", err);
    if (code != DR_OK)
        return code;
    const char *argv[] = {program, "--root", root, "--rule", rule->id.hex, NULL};
    struct process_spec spec = {.argv = argv, .output = log, .stop = -1};
    int64_t pid;
    code = process_detach(&spec, &pid, err);
    return code == DR_OK ? wait_attach(link, socket, pid, log, err) : code;
}
