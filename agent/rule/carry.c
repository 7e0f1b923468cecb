/* SPDX-License-Identifier: Apache-2.0
 * agent/rule/carry.c - carries out commands: `hands` one after another, `renewer` what must not wait for a long script.
 * Before hands releases anything it makes the renewer be still, so that nothing released can be renewed behind it. */
#include "agent/rule/runner_state.h"
#include "platform/clock.h"

#include <inttypes.h>
#include <stdio.h>

#define ANNOUNCE_AGAIN 4 /* a switch may have dropped the first: with each of so many renewals too */

static enum dr_code flip_ro(struct runner *r, struct dr_error *err)
{
    atomic_store(&r->flip_waits, false);
    worker_quiet(r->renewer);
    return replicate_flip_ro(r->replicate, err);
}

/* A demotion ends the script that runs, which has two seconds to obey: the folders do not stay open so long. The
 * command itself comes after it, finds them so, and tells if that failed. */
void runner_script_ends(void *runner)
{
    struct runner *r = runner;
    struct dr_error err;
    if (atomic_load(&r->flip_waits))
        (void)!flip_ro(r, &err);
}

static enum dr_code release_all(struct runner *r, struct dr_error *err)
{
    worker_quiet(r->renewer);
    replicate_stop(r->replicate);
    struct dr_error other;
    enum dr_code address = resources_release(&r->resources, &other);
    enum dr_code folder = replicate_flip_ro(r->replicate, err);
    if (folder == DR_OK && address != DR_OK)
        *err = other;
    if (folder != DR_OK || address != DR_OK)
        return folder != DR_OK ? folder : address;
    resources_fence(&r->resources, worker_stop(r->hands));
    return resources_unmount(&r->resources, r->config.rule->fence_timeout, worker_stop(r->hands), err);
}

static enum dr_code carry_address(struct runner *r, const struct command *command, struct dr_error *err)
{
    bool take = command->kind == HA_VIP_TAKE;
    if (take)
        atomic_store(&r->announced, 0);
    bool announce = atomic_fetch_add(&r->announced, 1) <= ANNOUNCE_AGAIN;
    return resources_take(&r->resources, take ? GUARDED_ADD : GUARDED_RENEW, command->lifetime, announce,
                          command->deadline, worker_stop(take ? r->hands : r->renewer), err);
}

/* The application ends here: a drnode that dies from now on must not find this mastership complete, and go on with it
 * (ha_resume), when it comes back. The script runs whether or not that can be noted. */
static enum dr_code let_go(struct runner *r, const struct command *command, struct dr_error *err)
{
    struct dr_error other;
    enum dr_code noted = replicate_taken(r->replicate, false, &other);
    enum dr_code code = resources_let_go(&r->resources, command->term, !replicate_writable(r->replicate),
                                         command->limit_ms, worker_stop(r->hands), err);
    if (code == DR_OK && noted != DR_OK)
        *err = other;
    return code != DR_OK ? code : noted;
}

static enum dr_code carry_one(struct runner *r, const struct command *command, struct dr_error *err)
{
    int stop = worker_stop(r->hands);
    switch (command->kind) {
    case HA_RELEASE_ALL: return release_all(r, err);
    case HA_REPLICATION_STOP: replicate_stop(r->replicate); return DR_OK;
    case HA_REPLICATION_FINISH: return replicate_finish(r->replicate, err);
    case HA_REPLICATION_SOURCE: return replicate_source(r->replicate, command->term, err);
    case HA_REPLICATION_TARGET: return replicate_target(r->replicate, command->term, err);
    case HA_FLIP_RW: return replicate_flip_rw(r->replicate, command->term, atomic_load(r->authority.end), err);
    case HA_FLIP_RO: return flip_ro(r, err);
    case HA_VIP_PROBE: return resources_probe(&r->resources, command->deadline, stop, err);
    case HA_VIP_TAKE:
    case HA_VIP_RENEW: return carry_address(r, command, err);
    case HA_VIP_RELEASE: worker_quiet(r->renewer); return resources_release(&r->resources, err);
    case HA_VOLUME_TAKE: return resources_mount(&r->resources, stop, err);
    case HA_VOLUME_RELEASE: return resources_unmount(&r->resources, command->limit_ms, stop, err);
    case HA_RUN_ACQUIRE: return resources_acquire(&r->resources, command->term, command->limit_ms, stop, err);
    case HA_RUN_RELEASE: return let_go(r, command, err);
    case HA_DRAIN: return replicate_drain(r->replicate, command->limit_ms, err);
    }
    return command->kind == COMMAND_TAKEN ? replicate_taken(r->replicate, true, err)
                                          : dr_fail(err, DR_INVALID, "command %d is unknown", (int)command->kind);
}

/* `again`: an address that is here already was taken anew, after a renewal that failed: that has been said. */
static void log_end(struct runner *r, const struct command *command, enum dr_code code, msec took, bool again,
                    const char *text)
{
    if (code != DR_OK && command->id != 0)
        return; /* core says it, once for many attempts */
    const char *name = command->kind == COMMAND_TAKEN ? "note of the take-over" : ha_command_name(command->kind);
    if (code != DR_OK)
        log_write(r->config.log, LOG_LEVEL_ERROR, &r->config.rule->id, "command_failed", "%s: %s", name, text);
    else if (command->kind != HA_VIP_RENEW)
        log_write(r->config.log, again ? LOG_LEVEL_DEBUG : LOG_LEVEL_INFO, &r->config.rule->id, "command",
                  "%s: done in %" PRId64 " ms", name, took);
}

static void carry(void *baton, const struct command *command)
{
    struct runner *r = baton;
    struct dr_error err = {.text = ""};
    msec began = clock_now();
    bool again = (command->kind == HA_VIP_TAKE || command->kind == HA_VIP_PROBE) && resources_holds(&r->resources, 0);
    enum dr_code code = carry_one(r, command, &err);
    log_end(r, command, code, clock_now() - began, again, err.text);
    if (command->id != 0)
        runner_done(r, command->id, code == DR_OK, err.text);
}

enum dr_code runner_hire(struct runner *r, struct dr_error *err)
{
    enum dr_code code = worker_create(&r->hands, carry, r, err);
    return code == DR_OK ? worker_create(&r->renewer, carry, r, err) : code;
}

void runner_command(struct runner *r, const struct command *command, bool at_once)
{
    struct dr_error err;
    if (at_once) {
        atomic_store(&r->flip_waits, command->kind == HA_FLIP_RO);
        worker_clear(r->renewer);
        worker_clear(r->hands);
    }
    if (worker_post(command->kind == HA_VIP_RENEW ? r->renewer : r->hands, command, &err) == DR_OK)
        return;
    log_write(r->config.log, LOG_LEVEL_ERROR, &r->config.rule->id, "command_failed", "%s", err.text);
    if (command->id != 0)
        runner_done(r, command->id, false, err.text);
}
