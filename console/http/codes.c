/* SPDX-License-Identifier: Apache-2.0 */
#include "console/http/codes.h"

#define NEWER_PREFIX 1000000000L /* 10001002 is sent as 1010001002 */

/* Compact on purpose: a table is read down its columns. */
/* clang-format off */
static const struct {
    long number;
    const char *en, *zh;
} codes[CODE_COUNT] = {
    [CODE_OK] = {0, "success", "成功"},
    [CODE_PARAMETER] = {10001002, "Invalid Parameter", "参数无效"},
    [CODE_NAME_TAKEN] = {10001009, "this name already exists", "名称已存在"},
    [CODE_NO_ENTRY] = {10001011, "entry does not exist: refresh the page", "条目不存在，请刷新页面"},
    [CODE_FAILED] = {10001012, "operation failed", "操作失败"},
    [CODE_CHANGED_MEANWHILE] = {10001013, "entry has been changed meanwhile: refresh the page", "条目已被修改，请刷新页面"},
    [CODE_STORE] = {10001017, "the database did not take it", "数据库操作失败"},
    [CODE_ACCESS_TOKEN] = {10001108, "access token invalid", "访问令牌无效"},
    [CODE_REFRESH_TOKEN] = {10001109, "refresh token invalid", "刷新令牌无效"},
    [CODE_NO_USER] = {10001110, "user does not exist", "用户不存在"},
    [CODE_CREDENTIALS] = {10001125, "user name or password is wrong", "用户名或密码错误"},
    [CODE_LOCKED] = {10001126, "too many failures: this account is locked for a while", "失败次数过多，账号暂时锁定"},
    [CODE_PERMISSION] = {10001142, "permission denied", "没有权限"},
    [CODE_KEYS_FULL] = {10001160, "a user has at most two access keys: delete one first", "每个用户最多两个访问密钥，请先删除一个"},
    [CODE_NO_KEY] = {10001162, "access key does not exist", "访问密钥不存在"},
    [CODE_VERIFICATION] = {10001301, "verification id invalid: get a new one", "验证编号无效，请重新获取"},
    [CODE_EMPTY_LIST] = {10001020, "empty list given", "列表为空"},
    [CODE_LICENCE_FILE] = {10110008, "this licence cannot be taken", "许可文件无法解析"},
    [CODE_LICENCE_CONSOLE] = {10110010, "the licence is for another console", "许可属于其他控制机"},
    [CODE_LICENCE_NONE] = {10110011, "no license associated with this feature", "没有该功能的许可"},
    [CODE_LICENCE_FULL] = {10110033, "the licence's hosts are used up", "许可的主机数已用完"},
    [CODE_UNSUPPORTED] = {10001021, "this console does not have this feature", "此控制台不提供该功能"},
    [CODE_NODE_CALL] = {10001015, "the node refused", "节点调用返回错误"},
    [CODE_NO_NODE] = {10011001, "node does not exist", "节点不存在"},
    [CODE_NO_CAPACITY] = {10011201, "memory and disk size of the node are not available", "无法获取节点的内存和磁盘大小"},
    [CODE_NODE_OFFLINE] = {10011202, "node is offline", "节点离线"},
    [CODE_NODE_ACCOUNT] = {10011203, "the node does not take this account", "节点认证失败"},
    [CODE_NODE_UNREACHED] = {11110001, "the node cannot be reached", "无法连接节点"},
    [CODE_NO_DISKS] = {10090015, "disk information of the node is not available", "无法获取节点的磁盘信息"},
    [CODE_NO_RECORD] = {10370000, "there is none yet", "没有记录"},
};
/* clang-format on */

long code_number(enum code code)
{
    long number = codes[code].number;
    return number != 0 ? NEWER_PREFIX + number : 0;
}

const char *code_text(enum code code, bool zh)
{
    return zh ? codes[code].zh : codes[code].en;
}
