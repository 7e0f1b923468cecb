/* SPDX-License-Identifier: Apache-2.0 */
#include "core/monitor.h"
#include "tests/unit/unit.h"

#include <string.h>

#define MAX 5

/* One letter a check: g good, b bad, h hung, u unclear; a second apart. */
static struct monitor after(const char *checks)
{
    static const enum monitor_result results[] = {
        ['g'] = MONITOR_GOOD, ['b'] = MONITOR_BAD, ['h'] = MONITOR_HUNG, ['u'] = MONITOR_UNCLEAR};
    struct monitor m = {.state = MONITOR_UNKNOWN};
    for (msec i = 0; checks[i]; i++)
        (void)monitor_note(&m, MAX, results[(unsigned char)checks[i]], 1000 * (i + 1));
    return m;
}

/* B5.1.2-49, Q-09 */
static void failures_count_in_a_row(void)
{
    CU_ASSERT_EQUAL(after("").state, MONITOR_UNKNOWN);
    CU_ASSERT_EQUAL(after("bbbb").state, MONITOR_FAILING);
    CU_ASSERT_EQUAL(after("bbbbb").state, MONITOR_FAILED);
    CU_ASSERT_EQUAL(after("bbbbbbbb").bad, 8);
    CU_ASSERT_EQUAL(after("bbbbgbbbb").state, MONITOR_FAILING);
    CU_ASSERT_EQUAL(after("bbbbbg").state, MONITOR_HEALTHY);
    CU_ASSERT_EQUAL(after("bbbbbg").bad, 0);
}

/* */
static void what_tells_nothing_counts_nothing(void)
{
    CU_ASSERT_EQUAL(after("uuuuuuu").state, MONITOR_UNKNOWN);
    CU_ASSERT_EQUAL(after("bbuuubb").state, MONITOR_FAILING);
    CU_ASSERT_EQUAL(after("bbuuubbb").state, MONITOR_FAILED);
    CU_ASSERT_EQUAL(after("bbbbbu").state, MONITOR_FAILED);
    CU_ASSERT_EQUAL(after("gu").state, MONITOR_HEALTHY);
}

/* B5.1.2-54, Q-17: it hung for as long as max_failures checks take */
static void a_hang_fails_at_once(void)
{
    CU_ASSERT_EQUAL(after("gh").state, MONITOR_FAILED);
    CU_ASSERT_EQUAL(after("ghg").state, MONITOR_HEALTHY);
}

static void tells_since_when(void)
{
    CU_ASSERT_EQUAL(after("ggbbb").since, 3000);
    CU_ASSERT_EQUAL(after("ggbbbbbb").since, 3000);
    CU_ASSERT_EQUAL(after("bbggg").since, 3000);
    struct monitor m = after("bbbb");
    CU_ASSERT_EQUAL(monitor_note(&m, MAX, MONITOR_BAD, 9000), MONITOR_FAILING);
    CU_ASSERT_EQUAL(monitor_note(&m, MAX, MONITOR_BAD, 9000), MONITOR_FAILED);
}

/* B5.1.2-55, B5.1.4-03 */
static void result_files(void)
{
    CU_ASSERT_EQUAL(monitor_of_file("false", 5), MONITOR_BAD);
    CU_ASSERT_EQUAL(monitor_of_file("false\n", 6), MONITOR_BAD);
    CU_ASSERT_EQUAL(monitor_of_file("falsehood", 9), MONITOR_BAD);
    CU_ASSERT_EQUAL(monitor_of_file("fals", 4), MONITOR_GOOD);
    CU_ASSERT_EQUAL(monitor_of_file("true\n", 5), MONITOR_GOOD);
    CU_ASSERT_EQUAL(monitor_of_file(" false", 6), MONITOR_GOOD);
    CU_ASSERT_EQUAL(monitor_of_file("", 0), MONITOR_UNCLEAR);
}

static bool means(const char *name, const char *cmdline, size_t size)
{
    return monitor_means_process(name, cmdline, size);
}

#define BYTES(literal) (literal), sizeof(literal) - 1

/* B5.1.2-58, Q-15 */
static void names_of_processes(void)
{
    static const char java[] = "/usr/bin/java\0-jar\0/srv/app one.jar\0";
    CU_ASSERT_TRUE(means("/usr/bin/java -jar /srv/app one.jar", BYTES(java)));
    CU_ASSERT_TRUE(means("/usr/bin/java-jar/srv/app one.jar", BYTES(java)));
    CU_ASSERT_TRUE(means("/usr/bin/java -jar /srv/app one.jar ", BYTES(java)));
    CU_ASSERT_TRUE(means("java", BYTES(java)));
    CU_ASSERT_FALSE(means("/usr/bin/java", BYTES(java)));
    CU_ASSERT_FALSE(means("jav", BYTES(java)));
    CU_ASSERT_FALSE(means("java -jar", BYTES(java)));
    CU_ASSERT_FALSE(means("/usr/bin/java -jar /srv/app one.jar more", BYTES(java)));
    CU_ASSERT_FALSE(means("app one.jar", BYTES(java)));
    CU_ASSERT_TRUE(means("/usr/bin/java", BYTES("/usr/bin/java\0")));
    CU_ASSERT_TRUE(means("postgres: checkpointer", BYTES("postgres: checkpointer \0\0\0")));
    CU_ASSERT_FALSE(means("kthreadd", BYTES("")));
    CU_ASSERT_FALSE(means("", BYTES("\0\0")));
    CU_ASSERT_FALSE(means("", BYTES(java)));
    CU_ASSERT_FALSE(means("java", BYTES("java/")));
}

int main(void)
{
    CU_TestInfo cases[] = {{"B5.1.2-49 Q-09 failures count in a row", failures_count_in_a_row},
                           {"Q-16 what tells nothing counts nothing", what_tells_nothing_counts_nothing},
                           {"B5.1.2-54 Q-17 a hang fails at once", a_hang_fails_at_once},
                           {"tells since when", tells_since_when},
                           {"B5.1.2-55 B5.1.4-03 result files", result_files},
                           {"B5.1.2-58 Q-15 names of processes", names_of_processes},
                           CU_TEST_INFO_NULL};
    return unit_run("core/monitor", cases);
}
