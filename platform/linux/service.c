/* SPDX-License-Identifier: Apache-2.0
 * platform/linux/service.c - systemd units, asked of `systemctl show`: properties as lines KEY=VALUE, an empty line
 * between two units, in the order in which they were named (systemctl(1)). One run answers for all units. */
#include "platform/service.h"
#include "platform/process.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SYSTEMCTL "/usr/bin/systemctl"
#define OWN_WORDS 5 /* before the names, and the NULL after them */

struct unit {
    char load[32], active[32], sub[32];
};

static void take_line(struct unit *u, const char *line)
{
    static const char *const keys[] = {"LoadState=", "ActiveState=", "SubState="};
    char *const values[] = {u->load, u->active, u->sub};
    for (unsigned i = 0; i < 3; i++)
        if (strncmp(line, keys[i], strlen(keys[i])) == 0)
            snprintf(values[i], sizeof u->load, "%s", line + strlen(keys[i]));
}

static void judge(struct service_state *state, const struct unit *u)
{
    bool restarts = strcmp(u->sub, "auto-restart") == 0; /* it has ended, and waits to be tried again */
    state->running = strcmp(u->active, "active") == 0 || strcmp(u->active, "reloading") == 0;
    state->between = strcmp(u->active, "activating") == 0 && !restarts;
    if (strcmp(u->load, "loaded") == 0)
        snprintf(state->text, sizeof state->text, "%s (%s)", u->active, u->sub);
    else
        snprintf(state->text, sizeof state->text, "%s (%s)", u->active, u->load);
}

/* How many units the answer told. */
static unsigned parse(struct service_state *state, unsigned count, FILE *in)
{
    struct unit u = {.load = ""};
    char line[256];
    unsigned done = 0;
    while (done < count && fgets(line, sizeof line, in) != NULL) {
        line[strcspn(line, "\n")] = '\0';
        if (line[0] != '\0') {
            take_line(&u, line);
            continue;
        }
        judge(&state[done++], &u);
        memset(&u, 0, sizeof u);
    }
    if (done < count && u.active[0] != '\0')
        judge(&state[done++], &u);
    return done;
}

static enum dr_code ask(const char *const *name, unsigned count, const char *scratch, msec limit,
                        struct process_result *result, struct dr_error *err)
{
    const char **argv = calloc(count + OWN_WORDS, sizeof *argv);
    if (argv == NULL)
        return dr_fail(err, DR_FULL, "no memory to ask for services");
    argv[0] = SYSTEMCTL;
    argv[1] = "show";
    argv[2] = "--property=LoadState,ActiveState,SubState";
    argv[3] = "--";
    memcpy(argv + 4, name, count * sizeof *argv);
    struct process_spec spec = {.argv = argv, .output = scratch, .limit = limit, .mercy = 100, .stop = -1};
    enum dr_code code = process_run(&spec, result, err);
    free(argv);
    return code;
}

enum dr_code service_states(struct service_state *state, const char *const *name, unsigned count, const char *scratch,
                            msec limit, struct dr_error *err)
{
    struct process_result result;
    enum dr_code code = ask(name, count, scratch, limit, &result, err);
    if (code != DR_OK)
        return dr_within(err, "services are asked of systemd");
    if (result.timed_out)
        return dr_fail(err, DR_TIMEOUT, "systemd did not answer within %lld ms", (long long)limit);
    FILE *in = result.status == 0 ? fopen(scratch, "re") : NULL;
    if (in == NULL)
        return dr_fail(err, DR_IO, "systemd does not tell about services: %.300s", result.tail);
    unsigned told = parse(state, count, in);
    fclose(in);
    return told == count ? DR_OK : dr_fail(err, DR_CORRUPT, "systemd told %u of %u services", told, count);
}
