/* SPDX-License-Identifier: Apache-2.0
 * What must hold between the fields of a rule. */
#include "core/ha.h"
#include "core/id.h"
#include "core/mastership.h"
#include "core/model/rule.h"
#include "core/model_text.h"

#include <string.h>

/* Round trips up to here leave room for a renewal. */
#define ROUND_TRIP 100

msec rule_length(const struct rule *rule)
{
    return rule->interval * rule->max_fail;
}

/* length/r - 2 interval - round trip + grace/r - late >= least, solved for the grace; as in core/ha_check.c. */
static msec address_grace(const struct rule *rule)
{
    if (rule->guard == RULE_GUARD_NONE || rule->vips == 0)
        return 0;
    const struct ha_fence *fence = ha_fence_of(rule->guard == RULE_GUARD_KERNEL ? HA_GUARD_KERNEL : HA_GUARD_WATCHDOG);
    msec room = 2 * rule->interval + ROUND_TRIP + fence->late + fence->least;
    msec needed = room - mastership_drift(rule_length(rule)); /* each span is rounded by itself */
    return mastership_drift_over(needed);
}

static msec volume_grace(const struct rule *rule)
{
    if (rule->guard == RULE_GUARD_NONE || rule->volumes == 0)
        return 0;
    return mastership_drift_over(rule->fence_timeout + HA_KILL_TIME);
}

msec rule_release_grace(const struct rule *rule)
{
    msec address = address_grace(rule), volume = volume_grace(rule), needed = address > volume ? address : volume;
    return needed > rule->release_grace ? needed : rule->release_grace;
}

bool rule_fenced(const struct rule *rule)
{
    return rule->guard == RULE_GUARD_WATCHDOG && rule->vips > 0;
}

enum member rule_member_of(const struct rule *rule, const struct dr_id *node)
{
    for (unsigned m = 0; m < rule->members; m++)
        if (dr_id_equal(&rule->member[m].node, node))
            return (enum member)m;
    return MEMBER_NONE;
}

bool rule_has_arbiter(const struct rule *rule, const struct dr_id *node)
{
    for (unsigned i = 0; i < rule->arbiters; i++)
        if (dr_id_equal(&rule->arbiter[i].node, node))
            return true;
    return false;
}

unsigned rule_witnesses(const struct rule *rule)
{
    return rule->arbiters + rule->disks + rule->etcds;
}

static enum dr_code check_nodes(const struct rule *rule, struct dr_error *err)
{
    if (dr_id_equal(&rule->member[0].node, &rule->member[1].node))
        return dr_fail(err, DR_INVALID, "member 2: node %s is member 1 already: name two different nodes",
                       rule->member[1].node.hex);
    for (unsigned i = 0; i < rule->arbiters; i++) {
        const struct dr_id *node = &rule->arbiter[i].node;
        if (rule_member_of(rule, node) != MEMBER_NONE)
            return dr_fail(err, DR_INVALID, "arbiter %u: node %s is a member: an arbiter must be a third node", i + 1,
                           node->hex);
        for (unsigned k = 0; k < i; k++)
            if (dr_id_equal(&rule->arbiter[k].node, node))
                return dr_fail(err, DR_INVALID, "arbiter %u: node %s is arbiter %u already", i + 1, node->hex, k + 1);
    }
    return DR_OK;
}

static enum dr_code check_times(const struct rule *rule, struct dr_error *err)
{
    if (rule->auto_switch && rule->restart_takeover)
        return dr_fail(err, DR_INVALID, "restart_takeover and auto_switch are both on: set one of them to off");
    if (rule->boot_wait < rule_length(rule))
        return dr_fail(err, DR_INVALID,
                       "boot_wait: %lld ms is less than interval * max_fail = %lld ms: raise it, or lower those",
                       (long long)rule->boot_wait, (long long)rule_length(rule));
    return DR_OK;
}

/* Equal as addresses, however they are written. */
static bool same_address(const char *one, const char *other)
{
    uint8_t a[MODEL_ADDRESS_BYTES], b[MODEL_ADDRESS_BYTES];
    bool v4;
    return model_text_address(one, a, &v4) && model_text_address(other, b, &v4) && memcmp(a, b, sizeof a) == 0;
}

static bool same_prefix_address(const char *one, const char *other)
{
    uint8_t a[MODEL_ADDRESS_BYTES], b[MODEL_ADDRESS_BYTES];
    bool v4;
    unsigned length;
    return model_text_prefix(one, a, &v4, &length) && model_text_prefix(other, b, &v4, &length) &&
           memcmp(a, b, sizeof a) == 0;
}

static enum dr_code check_line(const struct rule *rule, unsigned i, struct dr_error *err)
{
    const struct rule_line *line = &rule->line[i];
    uint8_t bytes[MODEL_ADDRESS_BYTES];
    bool v4[2];
    if (!model_text_address(line->address[0], bytes, &v4[0]) || !model_text_address(line->address[1], bytes, &v4[1]))
        return dr_fail(err, DR_INVALID, "line %u: a and b must be addresses", i + 1);
    if (same_address(line->address[0], line->address[1]))
        return dr_fail(err, DR_INVALID, "line %u: a and b are the same address %s", i + 1, line->address[0]);
    if (v4[0] != v4[1])
        return dr_fail(err, DR_INVALID, "line %u: a and b must both be IPv4 or both IPv6", i + 1);
    for (unsigned k = 0; k < i; k++)
        if (same_address(line->address[0], rule->line[k].address[0]) &&
            same_address(line->address[1], rule->line[k].address[1]) && line->port == rule->line[k].port)
            return dr_fail(err, DR_INVALID, "line %u: is the same as line %u", i + 1, k + 1);
    return DR_OK;
}

static enum dr_code check_vip(const struct rule *rule, unsigned i, struct dr_error *err)
{
    for (unsigned k = 0; k < i; k++)
        if (same_prefix_address(rule->vip[i].address, rule->vip[k].address))
            return dr_fail(err, DR_INVALID, "vip %u: %s is vip %u already", i + 1, rule->vip[i].address, k + 1);
    return DR_OK;
}

static enum dr_code check_monitor(const struct rule *rule, unsigned i, struct dr_error *err)
{
    if (rule_monitor_check(&rule->monitor[i], err) != DR_OK)
        return dr_within(err, "monitor %u", i + 1);
    for (unsigned k = 0; k < i; k++)
        if (strcmp(rule->monitor[i].name, rule->monitor[k].name) == 0)
            return dr_fail(err, DR_INVALID, "monitor %u: name %s is that of monitor %u already", i + 1,
                           rule->monitor[i].name, k + 1);
    return DR_OK;
}

static enum dr_code check_path(const struct rule *rule, unsigned i, struct dr_error *err)
{
    for (unsigned k = 0; k < i; k++)
        for (unsigned m = 0; m < 2; m++) {
            const char *one = rule->path[i].folder[m], *other = rule->path[k].folder[m];
            if (model_text_meet(one, other))
                return dr_fail(err, DR_INVALID, "path %u: %c: %.160s and %.160s of path %u are nested or equal", i + 1,
                               m ? 'b' : 'a', one, other, k + 1);
        }
    return DR_OK;
}

/* Where a protected folder is read-only, and hangs with its driver, no vote can be kept. */
static enum dr_code check_disk(const struct rule *rule, unsigned i, struct dr_error *err)
{
    for (unsigned k = 0; k < rule->paths; k++)
        for (unsigned m = 0; m < 2; m++)
            if (model_text_meet(rule->disk[i].folder[m], rule->path[k].folder[m]))
                return dr_fail(err, DR_INVALID, "disk: %c: %.160s lies in a protected folder, or holds one: %.160s",
                               m ? 'b' : 'a', rule->disk[i].folder[m], rule->path[k].folder[m]);
    return DR_OK;
}

static enum dr_code check_endpoint(const struct rule_etcd *etcd, unsigned i, struct dr_error *err)
{
    const char *url = etcd->endpoint[i].url, *host = NULL;
    if (strncmp(url, "https://", 8) == 0)
        host = url + 8;
    else if (strncmp(url, "http://", 7) == 0)
        host = url + 7;
    if (host == NULL || *host == '\0' || strpbrk(host, "/@?# ") != NULL)
        return dr_fail(err, DR_INVALID, "etcd: endpoint %u: '%.160s' must be https://HOST:PORT or http://HOST:PORT",
                       i + 1, url);
    for (unsigned k = 0; k < i; k++)
        if (strcmp(url, etcd->endpoint[k].url) == 0)
            return dr_fail(err, DR_INVALID, "etcd: endpoint %u: is the same as endpoint %u", i + 1, k + 1);
    return DR_OK;
}

static enum dr_code check_stores(const struct rule *rule, struct dr_error *err)
{
    enum dr_code code = DR_OK;
    if (rule_witnesses(rule) > RULE_ARBITERS_MAX)
        code = dr_fail(err, DR_INVALID, "arbiter, disk and etcd: %u third voters, at most %u are allowed",
                       rule_witnesses(rule), RULE_ARBITERS_MAX);
    for (unsigned i = 0; code == DR_OK && i < rule->disks; i++)
        code = check_disk(rule, i, err);
    for (unsigned i = 0; code == DR_OK && i < rule->etcds; i++)
        for (unsigned k = 0; code == DR_OK && k < rule->etcd[i].endpoints; k++)
            code = check_endpoint(&rule->etcd[i], k, err);
    return code;
}

bool rule_in_window(const struct rule *rule, unsigned day, unsigned minute)
{
    for (unsigned i = 0; i < rule->windows; i++)
        if (window_covers(&rule->window[i], day, minute))
            return true;
    return rule->windows == 0;
}

static bool is_uuid(const char *text)
{
    static const char legal[] = "0123456789abcdefABCDEF-";
    size_t length = strlen(text);
    return length >= 8 && strspn(text, legal) == length;
}

/* The mount point would be hidden by a cover, or hide one; a folder on a volume cannot be covered before it is there.
 */
static enum dr_code check_mount(const struct rule *rule, unsigned i, struct dr_error *err)
{
    const char *mount = rule->volume[i].mount;
    for (unsigned k = 0; k < i; k++)
        if (model_text_meet(mount, rule->volume[k].mount))
            return dr_fail(err, DR_INVALID, "volume %u: mount: %.160s and %.160s of volume %u are nested or equal",
                           i + 1, mount, rule->volume[k].mount, k + 1);
    for (unsigned k = 0; k < 2 * rule->paths; k++)
        if (model_text_meet(mount, rule->path[k / 2].folder[k % 2]))
            return dr_fail(err, DR_INVALID, "volume %u: mount: %.160s and %.160s of path %u are nested or equal", i + 1,
                           mount, rule->path[k / 2].folder[k % 2], k / 2 + 1);
    return DR_OK;
}

static enum dr_code check_volume(const struct rule *rule, unsigned i, struct dr_error *err)
{
    const struct rule_volume *volume = &rule->volume[i];
    if (!is_uuid(volume->uuid))
        return dr_fail(err, DR_INVALID, "volume %u: uuid: \"%s\" is no UUID of a file system: see `blkid`", i + 1,
                       volume->uuid);
    if (strpbrk(volume->options, " \"\\") != NULL)
        return dr_fail(err, DR_INVALID, "volume %u: options: no blanks, quotes or backslashes: `%.128s`", i + 1,
                       volume->options);
    for (unsigned k = 0; k < i; k++)
        if (strcmp(volume->uuid, rule->volume[k].uuid) == 0)
            return dr_fail(err, DR_INVALID, "volume %u: uuid: %s is volume %u already", i + 1, volume->uuid, k + 1);
    return check_mount(rule, i, err);
}

/* Folders that the rule covers, then those that it mounts. */
static const char *folder_of(const struct rule *rule, enum member m, unsigned i)
{
    return i < rule->paths ? rule->path[i].folder[m] : rule->volume[i - rule->paths].mount;
}

const char *rule_common_folder(const struct rule *one, const struct rule *other, const struct dr_id *node)
{
    enum member m = rule_member_of(one, node), n = rule_member_of(other, node);
    if (m == MEMBER_NONE || n == MEMBER_NONE)
        return NULL;
    for (unsigned i = 0; i < one->paths + one->volumes; i++)
        for (unsigned k = 0; k < other->paths + other->volumes; k++)
            if (model_text_meet(folder_of(one, m, i), folder_of(other, n, k)))
                return folder_of(one, m, i);
    return NULL;
}

enum dr_code rule_check(const struct rule *rule, struct dr_error *err)
{
    enum dr_code code = model_check(&rule_model, rule, err);
    if (code == DR_OK)
        code = check_nodes(rule, err);
    if (code == DR_OK)
        code = check_times(rule, err);
    for (unsigned i = 0; code == DR_OK && i < rule->lines; i++)
        code = check_line(rule, i, err);
    for (unsigned i = 0; code == DR_OK && i < rule->paths; i++)
        code = check_path(rule, i, err);
    for (unsigned i = 0; code == DR_OK && i < rule->vips; i++)
        code = check_vip(rule, i, err);
    for (unsigned i = 0; code == DR_OK && i < rule->monitors; i++)
        code = check_monitor(rule, i, err);
    if (code == DR_OK)
        code = check_stores(rule, err);
    for (unsigned i = 0; code == DR_OK && i < rule->volumes; i++)
        code = check_volume(rule, i, err);
    for (unsigned i = 0; code == DR_OK && i < rule->windows; i++) {
        code = window_check(&rule->window[i], err);
        if (code != DR_OK)
            return dr_within(err, "window %u", i + 1);
    }
    return code;
}
