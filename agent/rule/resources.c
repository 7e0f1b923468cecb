/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/rule/resources.h"
#include "platform/clock.h"
#include "platform/host.h"
#include "platform/process.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#define SCRIPT_MERCY 2000 /* between SIGTERM and SIGKILL of a script that is ended */
#define HOLDERS_NAP  100

static enum dr_code vip_of(const struct resources *r, unsigned i, struct vip *vip, struct dr_error *err)
{
    return vip_parse(vip, r->rule->vip[i].address, r->rule->vip[i].card[r->self], err);
}

enum dr_code resources_take(const struct resources *r, enum guarded_act act, unsigned lifetime_s, bool announce,
                            msec deadline, int stop, struct dr_error *err)
{
    char program[CONFIG_PATH_SIZE], notes[CONFIG_PATH_SIZE], relative[64];
    snprintf(relative, sizeof relative, "run/vip-%s-%d", r->rule->id.hex, (int)act);
    if (!config_path(notes, r->root, relative))
        return dr_fail(err, DR_INVALID, "the path %s is too long", r->root);
    enum dr_code code = host_program(program, sizeof program, "drnode", err);
    for (unsigned i = 0; code == DR_OK && i < r->rule->vips; i++) {
        struct vip vip;
        struct guarded_command command = {.program = program,
                                          .notes = notes,
                                          .act = act,
                                          .vip = &vip,
                                          .lifetime_s = lifetime_s,
                                          .announce = announce,
                                          .until = deadline,
                                          .stop = stop};
        code = vip_of(r, i, &vip, err);
        if (code == DR_OK)
            code = guarded_run(&command, err);
    }
    return code;
}

enum dr_code resources_release(const struct resources *r, struct dr_error *err)
{
    enum dr_code first = DR_OK;
    for (unsigned i = 0; i < r->rule->vips; i++) {
        struct vip vip;
        struct dr_error failure;
        enum dr_code code = vip_of(r, i, &vip, &failure);
        if (code == DR_OK)
            code = vip_delete(&vip, &failure);
        if (code == DR_NOT_FOUND)
            code = DR_OK; /* a card that is gone carries no address */
        if (code != DR_OK && first == DR_OK) {
            first = code;
            *err = failure;
        }
    }
    return first;
}

bool resources_holds(const struct resources *r, unsigned i)
{
    struct vip vip;
    struct dr_error err;
    bool held = false;
    return vip_of(r, i, &vip, &err) == DR_OK && vip_held(&vip, &held, &err) == DR_OK && held;
}

/* ---- scripts ---- */

#define ENVIRONMENT_ENTRIES 8
#define ENVIRONMENT_SIZE    (RULE_PATHS_MAX * RULE_FOLDER_SIZE + 64)

struct environment {
    const char *entry[ENVIRONMENT_ENTRIES + 1];
    char rule[64], name[RULE_NAME_SIZE + 32], role[32], term[40], vip[RULE_ADDRESS_SIZE + 32];
    char folder[RULE_FOLDER_SIZE + 32], folders[ENVIRONMENT_SIZE];
};

static void list_folders(char *text, size_t size, const struct rule *rule, enum member self)
{
    size_t used = (size_t)snprintf(text, size, "DRNODE_FOLDERS=");
    for (unsigned i = 0; i < rule->paths; i++)
        used += (size_t)snprintf(text + used, size - used, "%s%s", i ? ":" : "", rule->path[i].folder[self]);
}

static void fill_environment(struct environment *e, const struct resources *r, const char *role, term_no term)
{
    const struct rule *rule = r->rule;
    snprintf(e->rule, sizeof e->rule, "DRNODE_RULE=%s", rule->id.hex);
    snprintf(e->name, sizeof e->name, "DRNODE_RULE_NAME=%s", rule->name);
    snprintf(e->role, sizeof e->role, "DRNODE_ROLE=%s", role);
    snprintf(e->term, sizeof e->term, "DRNODE_TERM=%" PRIu64, term);
    snprintf(e->vip, sizeof e->vip, "DRNODE_VIP=%s", rule->vips > 0 ? rule->vip[0].address : "");
    snprintf(e->folder, sizeof e->folder, "DRNODE_FOLDER=%s", rule->path[0].folder[r->self]);
    list_folders(e->folders, sizeof e->folders, rule, r->self);
    const char *const entries[ENVIRONMENT_ENTRIES + 1] = {
        "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
        e->rule,
        e->name,
        e->role,
        e->term,
        e->vip,
        e->folder,
        e->folders,
        NULL};
    memcpy(e->entry, entries, sizeof entries);
}

static enum dr_code verdict(const char *name, const struct process_result *result, struct dr_error *err)
{
    if (result->stopped)
        return dr_fail(err, DR_REFUSED, "script %s was stopped after %" PRId64 " ms: %.300s", name, result->took,
                       result->tail);
    if (result->timed_out)
        return dr_fail(err, DR_TIMEOUT, "script %s did not end within %" PRId64 " ms and was killed: %.300s", name,
                       result->took, result->tail);
    if (result->status != 0)
        return dr_fail(err, DR_IO, "script %s ended with status %d: %.300s", name, result->status, result->tail);
    return DR_OK;
}

static enum dr_code run_script(const struct resources *r, const char *name, const char *role, term_no term, msec limit,
                               int stop, struct dr_error *err)
{
    char folder[CONFIG_PATH_SIZE], path[CONFIG_PATH_SIZE], output[CONFIG_PATH_SIZE], relative[RULE_NAME_SIZE + 64];
    if (name[0] == '\0')
        return DR_OK;
    snprintf(relative, sizeof relative, "log/script-%s-%s.log", r->rule->id.hex, role);
    if (!config_path(folder, r->root, "etc/scripts") || !config_path(output, r->root, relative))
        return dr_fail(err, DR_INVALID, "the path %s is too long", r->root);
    enum dr_code code = process_script(path, sizeof path, folder, name, err);
    if (code != DR_OK)
        return code;
    struct environment environment;
    fill_environment(&environment, r, role, term);
    const char *argv[] = {path, NULL};
    struct process_spec spec = {
        .argv = argv, .env = environment.entry, .output = output, .limit = limit, .mercy = SCRIPT_MERCY, .stop = stop};
    struct process_result result;
    code = process_run(&spec, &result, err);
    return code == DR_OK ? verdict(name, &result, err) : code;
}

enum dr_code resources_acquire(const struct resources *r, term_no term, msec limit, int stop, struct dr_error *err)
{
    return run_script(r, r->rule->script.acquire, "master", term, limit, stop, err);
}

static unsigned holders(const struct resources *r, const char *spare, bool kill)
{
    unsigned count = 0;
    for (unsigned i = 0; i < r->rule->paths; i++)
        count += process_holders(r->rule->path[i].folder[r->self], spare, kill);
    return count;
}

/* What the release script should have ended, but did not within fence_timeout, is killed: its folder is read-only and
 * its address gone, so it can only do harm. */
static void kill_holders(const struct resources *r)
{
    char capture[CONFIG_PATH_SIZE];
    struct dr_error err;
    if (host_program(capture, sizeof capture, "drcapture", &err) != DR_OK)
        return; /* without knowing what to spare nobody may be killed */
    msec until = clock_now() + r->rule->fence_timeout;
    while (holders(r, capture, false) > 0 && clock_now() < until)
        clock_sleep(HOLDERS_NAP);
    (void)holders(r, capture, true);
}

enum dr_code resources_let_go(const struct resources *r, term_no term, bool fence, msec limit, int stop,
                              struct dr_error *err)
{
    enum dr_code code = run_script(r, r->rule->script.release, "slave", term, limit, stop, err);
    if (fence && r->rule->script.release[0] != '\0')
        kill_holders(r);
    return code;
}
