/* SPDX-License-Identifier: Apache-2.0 */
#include "core/model/rule_monitor.h"
#include "core/monitor.h"
#include "tests/unit/unit.h"

#include <stdio.h>
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

/* Q-16 */
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
    CU_ASSERT_TRUE(means("/usr/bin/java^@-jar^@/srv/app one.jar^@", BYTES(java)));
    CU_ASSERT_TRUE(means("/usr/bin/java^@-jar^@/srv/app one.jar", BYTES(java)));
    CU_ASSERT_FALSE(means("/usr/bin/java^@-jar^@/srv/app^@one.jar", BYTES(java)));
    CU_ASSERT_FALSE(means("/usr/bin/java^-jar^@/srv/app one.jar", BYTES(java)));
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

/* V6-02 */
static void ids_of_processes(void)
{
    CU_ASSERT_EQUAL(monitor_pid_of(BYTES("4711")), 4711);
    CU_ASSERT_EQUAL(monitor_pid_of(BYTES(" 4711 \r\n")), 4711);
    CU_ASSERT_EQUAL(monitor_pid_of(BYTES("4711\n/srv/data\n5432\n")), 4711);
    CU_ASSERT_EQUAL(monitor_pid_of(BYTES("2147483647")), MONITOR_PID_MAX);
    static const char *const none[] = {
        "", "0", "-1", "4711x", "47 11", "x4711", "\n4711", "2147483648", "99999999999999999999"};
    for (unsigned i = 0; i < sizeof none / sizeof *none; i++)
        CU_ASSERT_EQUAL(monitor_pid_of(none[i], strlen(none[i])), 0);
    CU_ASSERT_EQUAL(monitor_pid_of(BYTES("4711\0")), 0);
}

/* What `by` says of the object, before anything is started. */
static void how_a_process_is_named(void)
{
    static const struct {
        enum monitor_kind kind;
        enum monitor_by by;
        const char *object, *complaint;
    } cases[] = {{MONITOR_PROCESS, MONITOR_BY_NAME, "java -jar", NULL},
                 {MONITOR_PROCESS, MONITOR_BY_PID, "4711", NULL},
                 {MONITOR_PROCESS, MONITOR_BY_PID, "java", "must be a process id"},
                 {MONITOR_PROCESS, MONITOR_BY_PID, "", "must be given"},
                 {MONITOR_PROCESS, MONITOR_BY_PID_FILE, "/run/app.pid", NULL},
                 {MONITOR_PROCESS, MONITOR_BY_PID_FILE, "run/app.pid", "must be an absolute path"},
                 {MONITOR_SERVICE, MONITOR_BY_PID, "web.service", "only kind process has one"}};
    for (unsigned i = 0; i < sizeof cases / sizeof *cases; i++) {
        struct rule_monitor m = {.kind = cases[i].kind, .by = cases[i].by};
        struct dr_error err = {.code = DR_OK};
        snprintf(m.object, sizeof m.object, "%s", cases[i].object);
        CU_ASSERT_EQUAL(rule_monitor_check(&m, &err), cases[i].complaint ? DR_INVALID : DR_OK);
        CU_ASSERT_TRUE(!cases[i].complaint || strstr(err.text, cases[i].complaint) != NULL);
    }
}

int main(void)
{
    CU_TestInfo cases[] = {{"B5.1.2-49 Q-09 failures count in a row", failures_count_in_a_row},
                           {"Q-16 what tells nothing counts nothing", what_tells_nothing_counts_nothing},
                           {"B5.1.2-54 Q-17 a hang fails at once", a_hang_fails_at_once},
                           {"tells since when", tells_since_when},
                           {"B5.1.2-55 B5.1.4-03 result files", result_files},
                           {"B5.1.2-58 Q-15 names of processes", names_of_processes},
                           {"V6-02 ids of processes", ids_of_processes},
                           {"V6-02 how a process is named", how_a_process_is_named},
                           CU_TEST_INFO_NULL};
    return unit_run("core/monitor", cases);
}
