/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/cli/options.h"

#include <stdlib.h>
#include <string.h>

/* Compact on purpose: a table is read down its columns. */
/* clang-format off */
#define AT(member) MODEL_AT(struct cli_options, member)
#define SWITCH .kind = MODEL_SWITCH, .standard = "off"
static const struct model_field option_fields[] = {
    {.name = "root", .kind = MODEL_FOLDER, AT(root), .required = true, .standard = CLI_ROOT,
     .doc = "Folder of the drnode that is meant; DRNODE_ROOT in the environment means the same.",
     .doc_zh = "drnode 的根目录；环境变量 DRNODE_ROOT 作用相同。"},
    {.name = "local", SWITCH, AT(local), .doc = "Talk to the drnode of this host.", .doc_zh = "与本机 drnode 通信。"},
    {.name = "json", SWITCH, AT(json), .doc = "Print JSON, for scripts.", .doc_zh = "输出 JSON，供脚本使用。"},
    {.name = "watch", SWITCH, AT(watch), .doc = "Show it again and again, until q or Ctrl-C.", .doc_zh = "持续刷新，按 q 或 Ctrl-C 结束。"},
    {.name = "yes", SWITCH, AT(yes), .doc = "Do not ask.", .doc_zh = "不再询问。"},
    {.name = "force", SWITCH, AT(force), .doc = "Go on although a script fails or does not end; a risk.", .doc_zh = "脚本失败或不结束时仍继续；有风险。"},
    {.name = "follow", SWITCH, AT(follow), .doc = "Go on with new events, until Ctrl-C.", .doc_zh = "持续输出新事件，按 Ctrl-C 结束。"},
    {.name = "at-turn", SWITCH, AT(at_turn), .doc = "Hold new changes at the moment that a running mirror is complete.", .doc_zh = "在进行中的镜像完成的时刻冻结新变更。"},
    {.name = "ms", .kind = MODEL_NUMBER, AT(ms), .standard = "10000", .min = 1, .max = 10000, .unit = "ms",
     .doc = "Let go by itself after this time.", .doc_zh = "超时后自动解冻。"},
    {.name = "all", SWITCH, AT(all), .doc = "Steps too in which nothing changed.", .doc_zh = "同时显示无变化的步骤。"},
    {.name = "set", .kind = MODEL_TEXT, AT(set), .doc = "Other settings, separated by commas: interval=50ms,max_fail=3.",
     .doc_zh = "其他设置，以逗号分隔：interval=50ms,max_fail=3。"},
    {.name = "ca", .kind = MODEL_TEXT, AT(ca), .doc = "login: PEM file that the console's certificate is checked with (its etc/tls/console.pem).",
     .doc_zh = "login：校验控制机证书的 PEM 文件（控制机的 etc/tls/console.pem）。"},
    {.name = "insecure", SWITCH, AT(insecure), .doc = "login: do not check the console's certificate; who is between can read all.", .doc_zh = "login：不校验控制机证书；有中间人风险。"},
    {.name = "page", .kind = MODEL_NUMBER, AT(page), .max = 1000000, .doc = "Lists of the console: which page.", .doc_zh = "列表页码。"},
    {.name = "limit", .kind = MODEL_NUMBER, AT(limit), .max = 1000, .doc = "Lists of the console: rows of a page; 0: as the console has it.", .doc_zh = "每页行数；0 为控制机默认值。"},
    {.name = "help", SWITCH, AT(help), .doc = "Show how to use it.", .doc_zh = "显示用法。"},
};
const struct model_object cli_options_model = {
    .name = "drctl", MODEL_FIELDS(option_fields), .size = sizeof(struct cli_options),
    .doc = "Options of drctl.", .doc_zh = "drctl 的选项。"};
/* clang-format on */

enum dr_code options_begin(struct cli_options *options, struct dr_error *err)
{
    model_defaults(&cli_options_model, options);
    const char *root = getenv("DRNODE_ROOT");
    if (root && model_set(model_find(&cli_options_model, "root"), options, root, err) != DR_OK)
        return dr_within(err, "DRNODE_ROOT in the environment");
    return DR_OK;
}

static bool is_among(const char *names, const char *name)
{
    size_t length = strlen(name);
    for (const char *at = names; (at = strstr(at, name)) != NULL; at += length)
        if ((at == names || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

enum dr_code options_take(struct cli_options *options, int argc, char **argv, int *at, const char *allowed,
                          struct dr_error *err)
{
    const char *name = argv[*at];
    if (strncmp(name, "--", 2) != 0)
        return name[0] == '-' && name[1] ? dr_fail(err, DR_INVALID, "%.64s: no such option", name) : DR_OK;
    const struct model_field *field = model_find(&cli_options_model, name + 2);
    if (!field || (allowed && !is_among(allowed, name + 2)))
        return dr_fail(err, DR_INVALID, "%.64s: no such option here", name);
    const char *value = "on";
    if (field->kind != MODEL_SWITCH) {
        if (*at + 1 == argc)
            return dr_fail(err, DR_INVALID, "%s: its value is missing", name);
        value = argv[++*at];
    }
    ++*at;
    enum dr_code code = model_set(field, options, value, err);
    return code == DR_OK ? DR_OK : dr_within(err, "option --%s", field->name);
}
