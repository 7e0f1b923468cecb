/* SPDX-License-Identifier: Apache-2.0 */
#include "console/auth/permission.h"

#include <stddef.h>
#include <string.h>

/* clang-format off */
static const struct role roles[] = {
    {1, "tenant_admin", "Tenant administrator", "租户管理员", "*"},
    {2, "sysadmin", "System administrator", "系统管理员", "user role opLog settings"},
    {3, "admin", "Administrator", "管理员", "*"},
    {4, "auditor", "Auditor", "审计员", "opLog"},
    {5, "operator", "Operator", "操作员", "node ha rep lic log"},
};
/* clang-format on */
#define ROLES (sizeof roles / sizeof *roles)

const struct role *role_at(unsigned index)
{
    return index < ROLES ? &roles[index] : NULL;
}

const struct role *role_by_id(int id)
{
    for (unsigned i = 0; i < ROLES; i++)
        if (roles[i].id == id)
            return &roles[i];
    return NULL;
}

const struct role *role_by_name(const char *name)
{
    for (unsigned i = 0; i < ROLES; i++)
        if (strcmp(roles[i].name, name) == 0)
            return &roles[i];
    return NULL;
}

static bool has_word(const char *words, const char *word)
{
    size_t length = strlen(word);
    for (const char *at = words; (at = strstr(at, word)) != NULL; at += length)
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == '\0'))
            return true;
    return false;
}

bool role_covers(const char *role, const char *other)
{
    const struct role *has = role_by_name(role), *wants = role_by_name(other);
    char word[64];
    if (has == NULL || wants == NULL)
        return false;
    if (strcmp(has->may, "*") == 0)
        return true;
    for (const char *at = wants->may; *at != '\0'; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        if (length >= sizeof word)
            return false;
        memcpy(word, at, length);
        word[length] = '\0';
        if (!has_word(has->may, word))
            return false;
        at += length;
    }
    return true;
}

bool role_may(const char *role, const char *permission)
{
    const struct role *it = role_by_name(role);
    if (permission[0] == '\0')
        return true;
    return it != NULL && (strcmp(it->may, "*") == 0 || has_word(it->may, permission));
}
