/* SPDX-License-Identifier: Apache-2.0
 * A drcapture that was found running may be older than the rule. */
#include "agent/rule/drcapture.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>

static struct rule rule_of(const char *first, const char *second, unsigned memory_mib)
{
    struct rule rule = {.id = {"5F0E1C2A9B8D4E7F8A6B5C4D3E2F1A0B"}, .paths = 2, .memory_limit = memory_mib};
    snprintf(rule.path[0].folder[MEMBER_B], sizeof rule.path[0].folder[MEMBER_B], "%s", first);
    snprintf(rule.path[1].folder[MEMBER_B], sizeof rule.path[1].folder[MEMBER_B], "%s", second);
    return rule;
}

static bool differs(const char *folders, size_t memory_mib, const struct rule *rule, char text[DR_ERROR_TEXT])
{
    struct capture_info info = {.memory = memory_mib << 20};
    snprintf(info.folders, sizeof info.folders, "%s", folders);
    return drcapture_differs(&info, rule, MEMBER_B, text);
}

static void the_same_says_nothing(void)
{
    char text[DR_ERROR_TEXT];
    struct rule rule = rule_of("/data/a", "/data/b", 512);
    CU_ASSERT_FALSE(differs("/data/a\n/data/b\n", 512, &rule, text));
    CU_ASSERT_FALSE(differs("", 512, &rule, text)); /* it does not tell */
}

static void other_memory_says_how_to_get_it(void)
{
    char text[DR_ERROR_TEXT];
    struct rule rule = rule_of("/data/a", "/data/b", 1024);
    CU_ASSERT_TRUE(differs("/data/a\n/data/b\n", 512, &rule, text));
    unit_says(text, "memory_limit is 1024 MiB now, but drcapture still works with 512 MiB");
    unit_says(text, "5F0E1C2A9B8D4E7F8A6B5C4D3E2F1A0B");
}

static void other_folders_are_noticed(void)
{
    static const char *const before[] = {"/data/a\n", "/data/b\n/data/a\n", "/data/a\n/data/bb\n",
                                         "/data/a\n/data/b\n/data/c\n", "/data\n/data/b\n"};
    struct rule rule = rule_of("/data/a", "/data/b", 512);
    for (size_t i = 0; i < sizeof before / sizeof before[0]; i++) {
        char text[DR_ERROR_TEXT] = "";
        CU_ASSERT_TRUE(differs(before[i], 512, &rule, text));
        unit_says(text, "out of protection");
    }
}

int main(void)
{
    CU_TestInfo cases[] = {{"the same says nothing", the_same_says_nothing},
                           {"other memory says how to get it", other_memory_says_how_to_get_it},
                           {"other folders are noticed", other_folders_are_noticed},
                           CU_TEST_INFO_NULL};
    return unit_run("drcapture", cases);
}
