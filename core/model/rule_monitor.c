/* SPDX-License-Identifier: Apache-2.0
 * The table of a monitor, and what must hold between its fields. */
#include "core/model/rule_monitor.h"
#include "core/model_text.h"
#include "core/monitor.h"

#include <string.h>

const char *const monitor_kind_words[] = {"service", "process", "memory", "cpu", "disk", "script", NULL};
const char *const monitor_by_words[] = {"name", "pid", "pid_file", NULL};
const char *const monitor_role_words[] = {"master", "slave", "both", NULL};

/* Compact on purpose: a table is read down its columns. */
/* clang-format off */
#define AT(member) MODEL_AT(struct rule_monitor, member)
static const struct model_field monitor_fields[] = {
    {.name = "name", .kind = MODEL_TEXT, AT(name), .required = true,
     .doc = "Names the monitor in status and log; unique in its rule.",
     .doc_zh = "监控名称，用于状态与日志；规则内唯一。"},
    {.name = "kind", .kind = MODEL_WORD, AT(kind), .standard = "process", .words = monitor_kind_words,
     .doc = "What is watched: a service of the system, a process, the use of memory, processors or a file system, or "
            "what a script finds.",
     .doc_zh = "监控类型：系统服务、进程、内存、CPU、磁盘使用率或自定义脚本。"},
    {.name = "object", .kind = MODEL_TEXT, AT(object),
     .doc = "service: its name (a systemd unit); process: its command line or the base name of its program, its id, or "
            "the file that holds its id, as `by` says; disk: a folder of the file system; script: its file name in "
            "etc/scripts.",
     .doc_zh = "service：服务名（systemd 单元）；process：按 by 为命令行或程序名、进程号、进程号文件；disk：文件系统中的目录；"
               "script：etc/scripts 中的文件名。"},
    {.name = "by", .kind = MODEL_WORD, AT(by), .standard = "name", .words = monitor_by_words,
     .doc = "process: what `object` is: a name, a process id (it is another one after each start), or the absolute path "
            "of a file whose first line is the process id.",
     .doc_zh = "process：object 的含义：名称、进程号（每次启动都会变化），或首行为进程号的文件的绝对路径。"},
    {.name = "limit", .kind = MODEL_NUMBER, AT(limit), .standard = "0", .min = 0, .max = 100, .unit = "%",
     .doc = "memory, cpu, disk: use from which on a check is bad.",
     .doc_zh = "memory、cpu、disk：达到此使用率即为异常。"},
    {.name = "result", .kind = MODEL_PLAIN, AT(result),
     .doc = "script: file in etc/scripts that the script writes; `false` at its begin is bad. Without it the exit status "
            "counts.",
     .doc_zh = "script：脚本写入的 etc/scripts 中的结果文件；以 false 开头为异常。未配置时以退出码为准。"},
    {.name = "role", .kind = MODEL_WORD, AT(role), .standard = "master", .words = monitor_role_words,
     .doc = "Where it is watched: on the master, where a failure warns or switches; on the slave, where it is only "
            "logged; on both, where it switches only while it works on the slave.",
     .doc_zh = "监控角色：master 失效时告警或切换；slave 仅记录日志；both 仅当主节点失效且从节点正常时切换。"},
    {.name = "interval", .kind = MODEL_SPAN, AT(interval), .standard = "2s", .min = 200, .max = 3600000,
     .doc = "Between two checks.",
     .doc_zh = "检查间隔。"},
    {.name = "max_failures", .kind = MODEL_NUMBER, AT(max_failures), .standard = "5", .min = 1, .max = 1000,
     .doc = "Bad checks in a row after which it has failed; a script that runs for interval * max_failures is ended.",
     .doc_zh = "连续异常达到此次数即判定失效；脚本运行超过 interval * max_failures 时将被终止。"},
    {.name = "log_only", .kind = MODEL_SWITCH, AT(log_only), .standard = "off",
     .doc = "A failure is only logged.",
     .doc_zh = "失效后仅记录日志。"},
};
const struct model_object rule_monitor_model = {
    .name = "monitor",
    MODEL_FIELDS(monitor_fields),
    .size = sizeof(struct rule_monitor),
    .doc = "A monitored object: what is checked on a member, and what its failure means.",
    .doc_zh = "监控对象：在成员上检查的内容及其失效的含义。"};
#undef AT
/* clang-format on */

static bool has_limit(enum monitor_kind kind)
{
    return kind == MONITOR_MEMORY || kind == MONITOR_CPU || kind == MONITOR_DISK;
}

static bool has_object(enum monitor_kind kind)
{
    return kind != MONITOR_MEMORY && kind != MONITOR_CPU;
}

static const char *wrong_process(const struct rule_monitor *m)
{
    if (m->by == MONITOR_BY_PID && monitor_pid_of(m->object, strlen(m->object)) == 0)
        return "must be a process id, as by is pid";
    if (m->by == MONITOR_BY_PID_FILE && !model_text_is_folder(m->object))
        return "must be an absolute path, as by is pid_file";
    return NULL;
}

static const char *wrong_object(const struct rule_monitor *m)
{
    bool given = m->object[0] != '\0';
    if (given != has_object(m->kind))
        return given ? "must not be given for this kind" : "must be given for this kind";
    if (m->kind == MONITOR_DISK && !model_text_is_folder(m->object))
        return "must be an absolute folder, as kind is disk";
    if (m->kind == MONITOR_SCRIPT && !model_text_is_plain(m->object))
        return "must be a plain file name in etc/scripts, without a folder";
    if (m->kind == MONITOR_PROCESS)
        return wrong_process(m);
    return m->kind == MONITOR_SERVICE && !model_text_is_plain(m->object) ? "must be the name of a service" : NULL;
}

enum dr_code rule_monitor_check(const struct rule_monitor *m, struct dr_error *err)
{
    const char *kind = monitor_kind_words[m->kind], *wrong = wrong_object(m);
    if (wrong)
        return dr_fail(err, DR_INVALID, "object: \"%.64s\" %s (%s)", m->object, wrong, kind);
    if (m->kind != MONITOR_PROCESS && m->by != MONITOR_BY_NAME)
        return dr_fail(err, DR_INVALID, "by: only kind process has one, and this is %s", kind);
    if (has_limit(m->kind) && m->limit == 0)
        return dr_fail(err, DR_INVALID, "limit: must be 1..100 %% for kind %s", kind);
    if (!has_limit(m->kind) && m->limit != 0)
        return dr_fail(err, DR_INVALID, "limit: must not be given for kind %s", kind);
    if (m->kind != MONITOR_SCRIPT && m->result[0] != '\0')
        return dr_fail(err, DR_INVALID, "result: only kind script has one, and this is %s", kind);
    return DR_OK;
}
