/* SPDX-License-Identifier: Apache-2.0 */
#include "core/model/node.h"

static const char *const level_words[] = {"debug", "info", "warning", "error", NULL};

/* Compact on purpose: a table is read down its columns. */
/* clang-format off */
#define AT(member) MODEL_AT(struct node_settings, member)
static const struct model_field node_fields[] = {
    {.name = "listen", .kind = MODEL_ADDRESS, AT(listen), .standard = "0.0.0.0", .required = true,
     .doc = "Address that the ports below are opened on; 0.0.0.0: every IPv4 address, ::: IPv6 too.",
     .doc_zh = "监听地址；0.0.0.0 为所有 IPv4 地址，:: 同时包含 IPv6。"},
    {.name = "heartbeat_port", .kind = MODEL_NUMBER, AT(heartbeat_port), .standard = "26305", .min = 1, .max = 65535,
     .doc = "Heartbeats of other members; the port of the rules' lines.",
     .doc_zh = "心跳端口；与规则心跳线的端口一致。"},
    {.name = "arbitration_port", .kind = MODEL_NUMBER, AT(arbitration_port), .standard = "26306", .min = 1, .max = 65535,
     .doc = "Requests to this node as an arbiter.",
     .doc_zh = "作为仲裁节点时的端口。"},
    {.name = "mirror_port", .kind = MODEL_NUMBER, AT(mirror_port), .standard = "26356", .min = 1, .max = 65535,
     .doc = "Mirror from other members.",
     .doc_zh = "镜像端口。"},
    {.name = "replication_port", .kind = MODEL_NUMBER, AT(replication_port), .standard = "26357", .min = 1, .max = 65535,
     .doc = "Replication from other members.",
     .doc_zh = "复制端口。"},
    {.name = "log_level", .kind = MODEL_WORD, AT(log_level), .standard = "info", .words = level_words,
     .doc = "Least important lines that are logged.",
     .doc_zh = "记录日志的最低级别。"},
    {.name = "log_size", .kind = MODEL_NUMBER, AT(log_size), .standard = "16", .min = 1, .max = 1024, .unit = "MiB",
     .doc = "A log file that grew beyond it is rotated.",
     .doc_zh = "日志文件超过此大小后轮转。"},
    {.name = "log_files", .kind = MODEL_NUMBER, AT(log_files), .standard = "5", .min = 1, .max = 99,
     .doc = "Rotated log files that are kept.",
     .doc_zh = "保留的历史日志文件数。"},
    {.name = "script_user", .kind = MODEL_PLAIN, AT(script_user),
     .doc = "User that the scripts of etc/scripts run as; without it the one that drnode runs as. Read when drnode starts.",
     .doc_zh = "运行 etc/scripts 中脚本的用户；未配置时与 drnode 相同。drnode 启动时读取。"},
    {.name = "flight_size", .kind = MODEL_NUMBER, AT(flight_size), .standard = "8", .min = 0, .max = 1024, .unit = "MiB",
     .doc = "Disk space of each rule's flight recorder: what was decided, and why, for `drctl replay`; 0: none.",
     .doc_zh = "每条规则飞行记录器占用的磁盘空间：记录决策及其原因，供 drctl replay 使用；0 为关闭。"},
};
const struct model_object node_model = {
    .name = "node", MODEL_FIELDS(node_fields), .size = sizeof(struct node_settings),
    .doc = "Settings of one node (etc/node.xml); without the file the defaults hold.",
    .doc_zh = "单个节点的设置（etc/node.xml）；无此文件时使用默认值。"};
