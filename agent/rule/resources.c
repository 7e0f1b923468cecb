/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/rule/resources.h"
#include "agent/script.h"
#include "platform/clock.h"
#include "platform/host.h"
#include "platform/process.h"

#include <inttypes.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>

#define SCRIPT_MERCY 2000 /* between SIGTERM and SIGKILL of a script that is ended */
#define HOLDERS_NAP  100

static enum dr_code vip_of(const struct resources *r, unsigned i, struct vip *vip, struct dr_error *err)
{
    return vip_parse(vip, r->rule->vip[i].address, r->rule->vip[i].card[r->self], err);
}

static enum dr_code vips_of(const struct resources *r, struct vip vip[RULE_VIPS_MAX], struct dr_error *err)
{
    enum dr_code code = DR_OK;
    for (unsigned i = 0; code == DR_OK && i < r->rule->vips; i++)
        code = vip_of(r, i, &vip[i], err);
    return code;
}

/* ---- behind a fence ---- */

/* FNV-1a. */
static uint32_t sum_of_addresses(const struct rule *rule)
{
    uint32_t sum = 2166136261u;
    for (unsigned i = 0; i < rule->vips; i++)
        for (const char *at = rule->vip[i].address;; at++) {
            sum = (sum ^ (uint8_t)*at) * 16777619u;
            if (*at == '\0')
                break;
        }
    return sum;
}

/* Named after its addresses too: one that was built for others does not stand before these, and is not taken for it. */
static struct fence fence_of(const struct rule *rule, const struct vip *vip)
{
    struct fence fence = {.vip = vip, .vips = rule->vips};
    snprintf(fence.name, sizeof fence.name, "drnode_%s_%08" PRIx32, rule->id.hex, sum_of_addresses(rule));
    return fence;
}

enum dr_code resources_keep(struct resources *r, struct dr_error *err)
{
    char program[CONFIG_PATH_SIZE];
    enum dr_code code = host_program(program, sizeof program, "drnode", err);
    return code == DR_OK ? keeper_create(&r->keeper, program, err) : code;
}

/* Without it a take-over fails, and says so; a member that cannot have it still votes and follows. */
void resources_fence(const struct resources *r, int stop)
{
    struct dr_error err;
    struct vip vip[RULE_VIPS_MAX];
    if (r->rule->vips == 0)
        return;
    enum dr_code code = vips_of(r, vip, &err);
    struct keeper_command build = {.act = KEEPER_BUILD, .fence = fence_of(r->rule, vip)};
    if (code == DR_OK)
        code = r->keeper != NULL ? keeper_run(r->keeper, &build, stop, &err) : fence_remove(&build.fence, &err);
    if (code != DR_OK)
        log_write(r->log, LOG_LEVEL_ERROR, &r->rule->id, "fence", "%s", err.text);
}

static enum dr_code take_behind_fence(const struct resources *r, enum guarded_act act, msec lifetime, bool announce,
                                      msec deadline, int stop, struct dr_error *err)
{
    struct vip vip[RULE_VIPS_MAX];
    enum dr_code code = vips_of(r, vip, err);
    if (code != DR_OK)
        return code;
    struct keeper_command command = {.act = act == GUARDED_ADD ? KEEPER_TAKE : KEEPER_RENEW,
                                     .fence = fence_of(r->rule, vip),
                                     .lifetime = lifetime,
                                     .deadline = deadline,
                                     .announce = announce};
    return keeper_run(r->keeper, &command, stop, err);
}

enum dr_code resources_take(const struct resources *r, enum guarded_act act, msec lifetime, bool announce,
                            msec deadline, int stop, struct dr_error *err)
{
    char program[CONFIG_PATH_SIZE], notes[CONFIG_PATH_SIZE], relative[64];
    struct vip vip[RULE_VIPS_MAX];
    if (r->keeper != NULL)
        return take_behind_fence(r, act, lifetime, announce, deadline, stop, err);
    snprintf(relative, sizeof relative, "run/vip-%s-%d", r->rule->id.hex, (int)act);
    if (!config_path(notes, r->root, relative))
        return dr_fail(err, DR_INVALID, "the path %s is too long", r->root);
    enum dr_code code = host_program(program, sizeof program, "drnode", err);
    if (code == DR_OK)
        code = vips_of(r, vip, err);
    if (code != DR_OK)
        return code;
    struct guarded_command command = {.program = program,
                                      .notes = notes,
                                      .act = act,
                                      .vip = vip,
                                      .vips = r->rule->vips,
                                      .lifetime_s = (unsigned)(lifetime / 1000),
                                      .announce = announce,
                                      .until = deadline,
                                      .stop = stop};
    return guarded_run(&command, err);
}

_Static_assert(RULE_VIPS_MAX <= GUARDED_MOST && RULE_VIPS_MAX <= KEEPER_MOST, "one child sets all addresses of a rule");

/* ---- does somebody else have one? ---- */

#define PROBE_WINDOW 75 /* neighbours on one link answer within a few */
#define PROBE_NAP    50

static enum dr_code probe_one(const struct resources *r, unsigned i, struct dr_error *err)
{
    struct vip vip;
    char holder[VIP_MAC];
    bool held = false;
    enum dr_code code = vip_of(r, i, &vip, err);
    if (code == DR_OK)
        code = vip_held(&vip, &held, err);
    if (code == DR_OK && !held)
        code = vip_probe(&vip, PROBE_WINDOW, holder, err);
    if (code == DR_OK && !held && holder[0] != '\0')
        return dr_fail(err, DR_BUSY,
                       "virtual IP %s: host %s on %s has it: take it from that host, or give the rule "
                       "another address; nothing is taken before",
                       r->rule->vip[i].address, holder, vip.card);
    return code;
}

/* A card that cannot be asked keeps nobody from taking over; what is wrong with it the address will tell. */
static enum dr_code probe_all(const struct resources *r, struct dr_error *err)
{
    for (unsigned i = 0; i < r->rule->vips; i++) {
        enum dr_code code = probe_one(r, i, err);
        if (code == DR_BUSY)
            return code;
        if (code != DR_OK)
            log_write(r->log, LOG_LEVEL_WARNING, &r->rule->id, "probe", "not asked whether somebody has it: %s",
                      err->text);
    }
    return DR_OK;
}

enum dr_code resources_probe(const struct resources *r, msec until, int stop, struct dr_error *err)
{
    struct pollfd wait = {.fd = stop, .events = POLLIN};
    enum dr_code code;
    msec began;
    do {
        began = clock_now();
        code = probe_all(r, err);
    } while (code == DR_BUSY && began < until && poll(&wait, 1, PROBE_NAP) == 0);
    return code;
}

/* Whatever its addresses are: all of it. */
static enum dr_code shut_fence(const struct resources *r, struct dr_error *err)
{
    struct vip vip[RULE_VIPS_MAX] = {{0}};
    struct fence fence = fence_of(r->rule, vip);
    return r->keeper != NULL ? fence_shut(&fence, err) : DR_OK;
}

enum dr_code resources_release(const struct resources *r, struct dr_error *err)
{
    enum dr_code first = shut_fence(r, err);
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

static bool same_fence(const struct rule *one, const struct rule *other)
{
    return rule_fenced(one) && rule_fenced(other) && sum_of_addresses(one) == sum_of_addresses(other);
}

/* One that nobody opens any more would keep its addresses from this host for ever. They go first. */
static void forsake_fence(const struct resources *r, const struct rule *next)
{
    struct dr_error err;
    struct vip vip[RULE_VIPS_MAX] = {{0}};
    struct fence fence = fence_of(r->rule, vip);
    if (!rule_fenced(r->rule) || (next != NULL && same_fence(r->rule, next)))
        return;
    enum dr_code code = resources_release(r, &err);
    if (code == DR_OK)
        code = fence_remove(&fence, &err);
    if (code != DR_OK)
        log_write(r->log, LOG_LEVEL_ERROR, &r->rule->id, "fence",
                  "the fence of a rule that does not run here any more stays: %s", err.text);
}

void resources_forsake(const struct resources *r, const struct rule *next)
{
    forsake_fence(r, next);
    resources_forsake_volumes(r, next);
}

bool resources_holds(const struct resources *r, unsigned i)
{
    struct vip vip;
    struct dr_error err;
    bool held = false;
    return vip_of(r, i, &vip, &err) == DR_OK && vip_held(&vip, &held, &err) == DR_OK && held;
}

/* ---- scripts ---- */

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
    char output[CONFIG_PATH_SIZE], relative[RULE_NAME_SIZE + 64];
    struct script script;
    if (name[0] == '\0')
        return DR_OK;
    snprintf(relative, sizeof relative, "log/script-%s-%s.log", r->rule->id.hex, role);
    if (!config_path(output, r->root, relative))
        return dr_fail(err, DR_INVALID, "the path %s is too long", r->root);
    enum dr_code code = script_find(&script, r->root, name, r->script_user, err);
    if (code != DR_OK)
        return code;
    script_tell(&script, r->rule, r->self, role, term);
    struct process_spec spec = {.argv = script.argv,
                                .env = script.env,
                                .output = output,
                                .limit = limit,
                                .mercy = SCRIPT_MERCY,
                                .stop = stop,
                                .ending = r->script_ends,
                                .baton = r->baton};
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
static void kill_holders(const struct resources *r, msec patience)
{
    char capture[CONFIG_PATH_SIZE];
    struct dr_error err;
    if (host_program(capture, sizeof capture, "drcapture", &err) != DR_OK)
        return; /* without knowing what to spare nobody may be killed */
    msec until = clock_now() + patience;
    while (holders(r, capture, false) > 0 && clock_now() < until)
        clock_sleep(HOLDERS_NAP);
    (void)holders(r, capture, true);
}

enum dr_code resources_let_go(const struct resources *r, term_no term, bool fence, msec limit, int stop,
                              struct dr_error *err)
{
    msec began = clock_now();
    enum dr_code code = run_script(r, r->rule->script.release, "slave", term, limit, stop, err);
    msec patience = r->rule->volumes > 0 ? began + limit - clock_now() : r->rule->fence_timeout;
    if (fence && r->rule->script.release[0] != '\0')
        kill_holders(r, patience);
    return code;
}
