/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/volumes.c - the shared disks of a rule: one guarded child each (agent/guarded_volume.h). */
#include "agent/guarded_volume.h"
#include "agent/rule/resources.h"
#include "platform/host.h"

#include <stdio.h>
#include <string.h>

struct place { /* of what a child needs */
    char program[CONFIG_PATH_SIZE], notes[CONFIG_PATH_SIZE];
};

/* The notes are the disk's own, whatever rule it belongs to: they tell that a command for it hangs. */
static enum dr_code prepare(struct guarded_volume *command, struct place *place, const struct resources *r, unsigned i,
                            int stop, struct dr_error *err)
{
    static const enum volume_fsck fscks[] = {[RULE_FSCK_OFF] = VOLUME_FSCK_OFF,
                                             [RULE_FSCK_AUTO] = VOLUME_FSCK_AUTO,
                                             [RULE_FSCK_ALWAYS] = VOLUME_FSCK_ALWAYS};
    const struct rule_volume *v = &r->rule->volume[i];
    char relative[RULE_UUID_SIZE + 16];
    snprintf(relative, sizeof relative, "run/volume-%s", v->uuid);
    if (!config_path(place->notes, r->root, relative))
        return dr_fail(err, DR_INVALID, "the path %s is too long", r->root);
    *command = (struct guarded_volume){
        .program = place->program,
        .notes = place->notes,
        .volume = {.uuid = v->uuid, .mount = v->mount, .options = v->options, .fsck = fscks[v->fsck]},
        .stop = stop};
    return host_program(place->program, sizeof place->program, "drnode", err);
}

enum dr_code resources_mount(const struct resources *r, int stop, struct dr_error *err)
{
    enum dr_code code = DR_OK;
    for (unsigned i = 0; code == DR_OK && i < r->rule->volumes; i++) {
        struct place place;
        struct guarded_volume command;
        code = prepare(&command, &place, r, i, stop, err);
        command.authority = r->authority;
        if (code == DR_OK)
            code = guarded_volume_take(&command, err);
    }
    return code;
}

/* One line each in the log. */
static void log_said(const struct resources *r, char *said)
{
    for (char *line = said, *next; *line != '\0'; line = next) {
        next = line;
        while (*next != '\0' && *next != '\n')
            next++;
        if (*next != '\0')
            *next++ = '\0';
        log_write(r->log, LOG_LEVEL_WARNING, &r->rule->id, "volume", "%s", line);
    }
}

static bool keeps(const struct rule *next, const struct rule_volume *volume)
{
    for (unsigned i = 0; next != NULL && i < next->volumes; i++)
        if (strcmp(next->volume[i].uuid, volume->uuid) == 0 && strcmp(next->volume[i].mount, volume->mount) == 0)
            return true;
    return false;
}

static enum dr_code unmount_one(const struct resources *r, unsigned i, msec patience, int stop, struct dr_error *err)
{
    struct place place;
    struct guarded_volume command;
    char said[GUARDED_SAID];
    enum dr_code code = prepare(&command, &place, r, i, stop, err);
    if (code != DR_OK)
        return code;
    command.patience = patience;
    code = guarded_volume_release(&command, said, err);
    log_said(r, said);
    return code;
}

static enum dr_code unmount_but(const struct resources *r, const struct rule *next, msec patience, int stop,
                                struct dr_error *err)
{
    enum dr_code first = DR_OK;
    for (unsigned i = r->rule->volumes; i-- > 0;) {
        struct dr_error failure;
        enum dr_code code = keeps(next, &r->rule->volume[i]) ? DR_OK : unmount_one(r, i, patience, stop, &failure);
        if (code != DR_OK && first == DR_OK) {
            first = code;
            *err = failure;
        }
    }
    return first;
}

enum dr_code resources_unmount(const struct resources *r, msec patience, int stop, struct dr_error *err)
{
    return unmount_but(r, NULL, patience, stop, err);
}

void resources_forsake_volumes(const struct resources *r, const struct rule *next)
{
    struct dr_error err;
    if (unmount_but(r, next, r->rule->fence_timeout, -1, &err) != DR_OK)
        log_write(r->log, LOG_LEVEL_ERROR, &r->rule->id, "volume",
                  "a rule that does not run here any more keeps a volume: unmount it by hand: %s", err.text);
}
