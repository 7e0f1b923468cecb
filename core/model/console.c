/* SPDX-License-Identifier: Apache-2.0 */
#include "core/model/console.h"

static const char *const level_words[] = {"debug", "info", "warning", "error", NULL};
static const char *const store_words[] = {"sqlite3", "pgsql", NULL};

/* Compact on purpose: a table is read down its columns. */
/* clang-format off */
#define AT(member) MODEL_AT(struct console_settings, member)
static const struct model_field console_fields[] = {
    {.name = "listen", .kind = MODEL_ADDRESS, AT(listen), .standard = "0.0.0.0", .required = true,
     .doc = "Address that the ports below are opened on; 0.0.0.0: every IPv4 address, ::: IPv6 too.",
     .doc_zh = "监听地址；0.0.0.0 为所有 IPv4 地址，:: 同时包含 IPv6。"},
    {.name = "https_port", .kind = MODEL_NUMBER, AT(https_port), .standard = "58086", .min = 1, .max = 65535,
     .doc = "REST and web pages.",
     .doc_zh = "REST 接口与网页端口。"},
    {.name = "http_port", .kind = MODEL_NUMBER, AT(http_port), .standard = "0", .min = 0, .max = 65535,
     .doc = "The same without TLS, for clients that need it (58080 as they know it); 0: off.",
     .doc_zh = "不加密的同一接口，供需要的客户端使用（通常 58080）；0 为关闭。"},
    {.name = "tls12", .kind = MODEL_SWITCH, AT(tls12), .standard = "off",
     .doc = "TLS 1.2 beside 1.3, for old clients.",
     .doc_zh = "除 TLS 1.3 外允许 TLS 1.2，供旧客户端使用。"},
    {.name = "check_signatures", .kind = MODEL_SWITCH, AT(check_signatures), .standard = "on",
     .doc = "Calls must carry a signature that fits; a GET without the parameter `_` passes on its token alone.",
     .doc_zh = "校验请求签名；不带参数 `_` 的 GET 只校验令牌。"},
    {.name = "store", .kind = MODEL_WORD, AT(store), .standard = "sqlite3", .words = store_words,
     .doc = "Data base: a file of this console, or PostgreSQL that several share.",
     .doc_zh = "数据库：本控制机的文件，或多台控制机共用的 PostgreSQL。"},
    {.name = "store_where", .kind = MODEL_TEXT, AT(store_where),
     .doc = "The file (var/console.db if empty), or PostgreSQL's connection string.",
     .doc_zh = "数据库文件（空为 var/console.db），或 PostgreSQL 连接串。"},
    {.name = "older_key", .kind = MODEL_TEXT, AT(older_key),
     .doc = "PEM file with the private key that older clients encrypt passwords for; empty: such passwords are not read.",
     .doc_zh = "旧客户端加密密码所用密钥对的私钥文件（PEM）；空则不解密此类密码。"},
    {.name = "issuer", .kind = MODEL_TEXT, AT(issuer),
     .doc = "PEM file with the public key of who issues licences; empty: etc/issuer.pem. Without it only the trial counts.",
     .doc_zh = "许可签发者公钥文件（PEM）；空为 etc/issuer.pem。没有该文件时只有试用许可有效。"},
    {.name = "workers", .kind = MODEL_NUMBER, AT(workers), .standard = "4", .min = 1, .max = 16,
     .doc = "Calls that are answered at the same time.",
     .doc_zh = "同时处理的请求数。"},
    {.name = "log_level", .kind = MODEL_WORD, AT(log_level), .standard = "info", .words = level_words,
     .doc = "Least important lines that log/drconsole.log gets; debug: every call, without its parameters.",
     .doc_zh = "log/drconsole.log 的最低级别；debug 记录每次调用（不含参数）。"},
    {.name = "log_size", .kind = MODEL_NUMBER, AT(log_size), .standard = "16", .min = 1, .max = 1024, .unit = "MiB",
     .doc = "A log file that grew beyond it is rotated.",
     .doc_zh = "日志文件超过此大小后轮转。"},
    {.name = "log_files", .kind = MODEL_NUMBER, AT(log_files), .standard = "5", .min = 1, .max = 99,
     .doc = "Rotated log files that are kept.",
     .doc_zh = "保留的轮转日志文件数。"},
    {.name = "keep_days", .kind = MODEL_NUMBER, AT(keep_days), .standard = "365", .min = 1, .max = 36500,
     .doc = "How many days the operation log (who changed what) is kept.",
     .doc_zh = "操作日志的保留天数。"},
};
const struct model_object console_model = {
    .name = "console", MODEL_FIELDS(console_fields), .size = sizeof(struct console_settings),
    .doc = "Settings of one control machine (etc/console.xml); without the file the defaults hold.",
    .doc_zh = "控制机的设置（etc/console.xml）；无此文件时使用默认值。"};
