/* SPDX-License-Identifier: Apache-2.0 */
#include "console/system/unsupported.h"

#include <string.h>

/* clang-format off */
static const struct unsupported table[] = {
    {"/authorization", "sharing single resources between users: roles decide"},
    {"/cc/backup", "backups ordered by REST: drconsole backup FILE"},
    {"/cc/backup_history", "backups ordered by REST: drconsole backup FILE"},
    {"/cdp_snap_num", "continuous data protection by snapshots"},
    {"/cdp_zfs", "continuous data protection by snapshots"},
    {"/compare", "comparing folders on a schedule"},
    {"/credential", "stored accounts of hosts: hosts enrol with a one-time code"},
    {"/diagnose", "collecting diagnosis packages"},
    {"/export_rules", "rules exported by REST"},
    {"/ha/cls_pool", "pools of hosts that rules choose from"},
    {"/ha/service_label", "labels of services in pools"},
    {"/import_rules", "rules imported by REST"},
    {"/lic/activate", "licences activated on line: they are files"},
    {"/lic/forbid_alert", "warnings of licences switched off"},
    {"/lic/move_lic_bind", "licences moved between consoles: each is issued for one"},
    {"/lic_quota", "quotas of licences"},
    {"/migrate", "data bases of older consoles"},
    {"/mscs_group", "Microsoft cluster groups"},
    {"/notifications/sms_test", "text messages"},
    {"/orphan_download", "downloads of orphan lists"},
    {"/rpc_task", "tasks of older consoles"},
    {"/vp", "virtual platforms"},
};
/* clang-format on */
#define ENTRIES (sizeof table / sizeof *table)

const struct unsupported *unsupported_at(unsigned index)
{
    return index < ENTRIES ? &table[index] : NULL;
}

static const struct unsupported *entry_of(const char *path)
{
    for (unsigned i = 0; i < ENTRIES; i++) {
        size_t length = strlen(table[i].path);
        if (strncmp(path, table[i].path, length) == 0 && (path[length] == '\0' || path[length] == '/'))
            return &table[i];
    }
    return NULL;
}

static void tell(const struct call *call)
{
    const struct unsupported *entry = entry_of(call->request->path);
    answer_fail(call->answer, CODE_UNSUPPORTED, "(%s)", entry != NULL ? entry->what : "");
}

const struct route *unsupported_route(const char *path)
{
    static const struct route route = {.permission = ROUTE_ANYONE, .handle = tell, .doc = "Not supported."};
    return entry_of(path) != NULL ? &route : NULL;
}

void unsupported_page(FILE *out)
{
    fputs("# Calls that are not supported\n"
          "<!-- Made from the table by `test_unsupported --print`; a test compares. -->\n"
          "Calls of the contract about features that drnode does not have. With a valid token they are answered with "
          "HTTP 200 and one\n",
          out);
    fprintf(
        out,
        "code, %ld, and the reason. Each stands for all calls below it.\n\n| call | what it is about |\n|---|---|\n",
        code_number(CODE_UNSUPPORTED));
    for (unsigned i = 0; i < ENTRIES; i++)
        fprintf(out, "| `%s` | %s |\n", table[i].path, table[i].what);
}
