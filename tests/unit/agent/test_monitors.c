/* SPDX-License-Identifier: Apache-2.0
 * The thread of the monitors with real children: what they say reaches the verdict, nothing runs twice, nothing is left
 * behind. Times here are only how long a test waits before it gives up. */
#include "agent/monitor/monitors.h"
#include "platform/clock.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <dirent.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE 60000
#define FIRST    1u

static struct dr_error err;
static struct scratch scratch;
static struct log *test_log;
static struct monitors *monitors;
static struct rule rule;
static struct monitor_set *set;

static void begin(void)
{
    static char script_user[] = "";
    struct log_config quiet = {.folder = NULL};
    scratch = scratch_make();
    scratch_folder(&scratch, "run");
    scratch_folder(&scratch, "etc/scripts");
    struct monitors_config config = {.root = scratch.root, .script_user = script_user, .program = DR_BIN "/drnode"};
    CU_ASSERT_EQUAL_FATAL(log_open(&config.log, &quiet, &err), DR_OK);
    test_log = config.log;
    CU_ASSERT_EQUAL_FATAL(monitors_create(&monitors, &config, &err), DR_OK);
    memset(&rule, 0, sizeof rule);
}

static void end(void)
{
    monitors_remove(set);
    set = NULL;
    monitors_destroy(monitors);
    log_close(test_log);
    scratch_remove(&scratch);
}

static void script(const char *name, const char *body)
{
    char relative[64], text[512];
    snprintf(relative, sizeof relative, "etc/scripts/%s", name);
    snprintf(text, sizeof text, "#!/bin/sh\ncd %s\n%s\n", scratch.root, body);
    scratch_write(&scratch, relative, text);
    chmod(scratch_path(&scratch, relative), 0755);
}

static struct rule_monitor *add(enum monitor_kind kind, const char *object, uint32_t limit)
{
    struct rule_monitor *m = &rule.monitor[rule.monitors++];
    *m = (struct rule_monitor){
        .kind = kind, .limit = limit, .role = MONITOR_OF_BOTH, .interval = 200, .max_failures = 3};
    snprintf(m->name, sizeof m->name, "m%u", rule.monitors);
    snprintf(m->object, sizeof m->object, "%s", object);
    return m;
}

static void follow(enum ha_role role)
{
    if (set == NULL)
        CU_ASSERT_EQUAL_FATAL(monitors_add(&set, monitors, &rule, MEMBER_A, &err), DR_OK);
    monitors_follow(set, role);
}

static bool becomes(uint32_t failed, uint32_t good)
{
    struct ha_monitors v = {.failed = ~failed};
    for (msec until = clock_now() + PATIENCE; clock_now() < until; clock_sleep(10)) {
        v = monitors_verdict(set);
        if (v.failed == failed && v.good == good)
            return true;
    }
    printf("failed %x, good %x, not %x and %x\n", v.failed, v.good, failed, good);
    return false;
}

/* What the last check of monitor 0 said; kept until the next call. */
static const struct rule_status_monitor *status(void)
{
    static struct rule_status s;
    memset(&s, 0, sizeof s);
    monitors_report(set, &s);
    return &s.monitor[0];
}

static pid_t start(const char *name)
{
    char seconds[] = "6543", path[] = "/bin/sleep";
    char *argv[] = {strdup(name), seconds, NULL}, *env[] = {NULL};
    pid_t pid = 0;
    CU_ASSERT_EQUAL_FATAL(posix_spawn(&pid, path, NULL, NULL, argv, env), 0);
    free(argv[0]);
    return pid;
}

static void processes(void)
{
    char name[64], whole[96];
    begin();
    snprintf(name, sizeof name, "watched-%d", (int)getpid());
    snprintf(whole, sizeof whole, "%s 6543", name);
    add(MONITOR_PROCESS, name, 0);
    add(MONITOR_PROCESS, whole, 0);
    add(MONITOR_PROCESS, "6543", 0);
    pid_t pid = start(name);
    follow(HA_ROLE_MASTER);
    CU_ASSERT_TRUE(becomes(4, 3));
    kill(pid, SIGKILL);
    waitpid(pid, NULL, 0);
    CU_ASSERT_TRUE(becomes(7, 0));
    CU_ASSERT_STRING_EQUAL(status()->text, "no such process");
    end();
}

static void pid_file_says(const char *text)
{
    scratch_write(&scratch, "run/app.pid", text);
}

/* V6-02: by its id, and by a file that holds it; a zombie is no process, and a number that is no id tells nothing. */
static void processes_by_id(void)
{
    char id[32];
    begin();
    pid_t pid = start("by-its-id");
    snprintf(id, sizeof id, "%d\n", (int)pid);
    pid_file_says(id);
    id[strcspn(id, "\n")] = '\0';
    add(MONITOR_PROCESS, scratch_path(&scratch, "run/app.pid"), 0)->by = MONITOR_BY_PID_FILE;
    add(MONITOR_PROCESS, id, 0)->by = MONITOR_BY_PID;
    add(MONITOR_PROCESS, "by-its-id", 0);
    follow(HA_ROLE_MASTER);
    CU_ASSERT_TRUE(becomes(0, 7));
    kill(pid, SIGKILL);
    CU_ASSERT_TRUE(becomes(7, 0)); /* a zombie from now on */
    waitpid(pid, NULL, 0);
    snprintf(id, sizeof id, "%d", (int)getpid());
    pid_file_says(id);
    CU_ASSERT_TRUE(becomes(6, 1));
    pid_file_says("starting\n");
    for (msec until = clock_now() + PATIENCE; !strstr(status()->text, "is no process id") && clock_now() < until;)
        clock_sleep(10);
    CU_ASSERT_PTR_NOT_NULL(strstr(status()->text, "is no process id"));
    CU_ASSERT_TRUE(becomes(6, 1)); /* it counts nothing */
    unlink(scratch_path(&scratch, "run/app.pid"));
    CU_ASSERT_TRUE(becomes(7, 0));
    end();
}

static void use_of_the_host(void)
{
    begin();
    add(MONITOR_MEMORY, "", 1);
    add(MONITOR_MEMORY, "", 100);
    add(MONITOR_CPU, "", 100);
    add(MONITOR_DISK, scratch.root, 100);
    add(MONITOR_DISK, scratch_path(&scratch, "no/such"), 100);
    follow(HA_ROLE_MASTER);
    struct ha_monitors v;
    msec until = clock_now() + PATIENCE;
    do {
        v = monitors_verdict(set);
        clock_sleep(10);
    } while (((v.failed & 1) == 0 || (v.good & 10) != 10) &&
             clock_now() < until); /* a busy processor may be at 100 % */
    CU_ASSERT_EQUAL(v.failed & 27, 1);
    CU_ASSERT_EQUAL(v.good & 27, 10);
    end();
}

static void exit_status(void)
{
    begin();
    script("ask", "echo looked for $DRNODE_ROLE; test -e good");
    add(MONITOR_SCRIPT, "ask", 0);
    follow(HA_ROLE_SLAVE);
    CU_ASSERT_TRUE(becomes(FIRST, 0));
    unit_says(status()->text, "looked for slave");
    unit_says(status()->text, "status 1 after");
    scratch_write(&scratch, "good", "");
    CU_ASSERT_TRUE(becomes(0, FIRST));
    end();
}

static void result_file(void)
{
    begin();
    script("ask", "cat answer >etc/scripts/ask.log || rm -f etc/scripts/ask.log");
    scratch_write(&scratch, "answer", "false\n");
    snprintf(add(MONITOR_SCRIPT, "ask", 0)->result, MONITOR_NAME_SIZE, "ask.log");
    follow(HA_ROLE_MASTER);
    CU_ASSERT_TRUE(becomes(FIRST, 0));
    scratch_write(&scratch, "answer", "true\n");
    CU_ASSERT_TRUE(becomes(0, FIRST));
    unlink(scratch_path(&scratch, "answer"));
    msec until = clock_now() + PATIENCE;
    while (strstr(status()->text, "no result file") == NULL && clock_now() < until)
        clock_sleep(10);
    unit_says(status()->text, "no result file");
    CU_ASSERT_EQUAL(monitors_verdict(set).good, FIRST); /* what tells nothing changes nothing */
    end();
}

static void what_cannot_run_counts_nothing(void)
{
    begin();
    add(MONITOR_SCRIPT, "missing", 0);
    follow(HA_ROLE_MASTER);
    msec until = clock_now() + PATIENCE;
    while (status()->text[0] == '\0' && clock_now() < until)
        clock_sleep(10);
    unit_says(status()->text, "put it there on both members");
    clock_sleep(1500); /* more than max_failures intervals */
    CU_ASSERT_EQUAL(status()->state, MONITOR_UNKNOWN);
    end();
}

/* Each run says so in `runs`, and `twice` if it finds another one running. */
static const char hangs[] =
    "mkdir one || echo x >>twice\necho $$ >>runs\n(trap '' TERM; echo $$ >>deep; sleep 7654) &\n"
    "trap 'rmdir one; exit' TERM\nwait";

static unsigned lines(const char *relative)
{
    unsigned count = 0;
    const char *text = scratch_read(&scratch, relative);
    for (; text != NULL && *text; text++)
        count += *text == '\n';
    return count;
}

/* 0: not a process, or one that only waits to be reaped. */
static long group_of(const char *pid)
{
    char path[300], state = 'Z';
    long group = 0;
    snprintf(path, sizeof path, "/proc/%s/stat", pid);
    FILE *in = fopen(path, "r");
    if (in == NULL)
        return 0;
    bool read = fscanf(in, "%*d (%*[^)]) %c %*d %ld", &state, &group) == 2;
    fclose(in);
    return read && state != 'Z' && state != 'X' ? group : 0;
}

static bool group_lives(long group)
{
    bool found = false;
    DIR *all = opendir("/proc");
    CU_ASSERT_PTR_NOT_NULL_FATAL(all);
    for (struct dirent *entry; (entry = readdir(all)) != NULL;)
        found = found || (atol(entry->d_name) > 0 && group_of(entry->d_name) == group);
    closedir(all);
    return found;
}

static bool ends(long group)
{
    for (msec until = clock_now() + PATIENCE; clock_now() < until; clock_sleep(10))
        if (!group_lives(group))
            return true;
    return false;
}

/* Each run was the first of a group. */
static bool groups_end(void)
{
    char runs[4096], *rest = NULL;
    bool all = true;
    snprintf(runs, sizeof runs, "%s", scratch_read(&scratch, "runs"));
    char *line = strtok_r(runs, "\n", &rest);
    CU_ASSERT_PTR_NOT_NULL(line);
    for (; line != NULL; line = strtok_r(NULL, "\n", &rest))
        all = ends(atol(line)) && all;
    return all;
}

static void a_hanging_script(void)
{
    begin();
    script("hangs", hangs);
    add(MONITOR_SCRIPT, "hangs", 0);
    follow(HA_ROLE_MASTER);
    CU_ASSERT_TRUE(becomes(FIRST, 0));
    unit_says(status()->text, "did not return within 600 ms and was ended");
    msec until = clock_now() + PATIENCE;
    while (lines("runs") < 3 && clock_now() < until)
        clock_sleep(10);
    CU_ASSERT_TRUE(lines("runs") >= 3);
    CU_ASSERT_EQUAL(lines("twice"), 0);
    monitors_remove(set);
    set = NULL;
    CU_ASSERT_TRUE(groups_end());
    end();
}

static void one_that_hangs_when_all_ends(void)
{
    begin();
    script("hangs", hangs);
    add(MONITOR_SCRIPT, "hangs", 0)->max_failures = 1000;
    follow(HA_ROLE_MASTER);
    msec until = clock_now() + PATIENCE;
    while (lines("runs") < 1 && clock_now() < until)
        clock_sleep(10);
    monitors_remove(set);
    set = NULL;
    monitors_destroy(monitors);
    CU_ASSERT_TRUE(groups_end());
    log_close(test_log);
    scratch_remove(&scratch);
}

static void roles(void)
{
    begin();
    for (unsigned i = 0; i < 3; i++)
        add(MONITOR_PROCESS, "no such thing", 0)->role = (enum monitor_role)i;
    follow(HA_ROLE_MASTER);
    CU_ASSERT_TRUE(becomes(1u << MONITOR_OF_MASTER | 1u << MONITOR_OF_BOTH, 0));
    monitors_follow(set, HA_ROLE_SWITCHING);
    CU_ASSERT_EQUAL(monitors_verdict(set).failed, 0);
    CU_ASSERT_FALSE(status()->watched);
    monitors_follow(set, HA_ROLE_SLAVE);
    CU_ASSERT_EQUAL(monitors_verdict(set).failed, 0);
    CU_ASSERT_TRUE(becomes(1u << MONITOR_OF_SLAVE | 1u << MONITOR_OF_BOTH, 0));
    end();
}

static unsigned threads(void)
{
    unsigned count = 0;
    DIR *all = opendir("/proc/self/task");
    CU_ASSERT_PTR_NOT_NULL_FATAL(all);
    for (struct dirent *entry; (entry = readdir(all)) != NULL;)
        count += entry->d_name[0] != '.';
    closedir(all);
    return count;
}

#define MANY 1000

static bool all_failed(struct monitor_set *const *sets)
{
    for (unsigned i = 0; i < MANY; i++)
        if (monitors_verdict(sets[i]).failed != FIRST)
            return false;
    return true;
}

static void many_rules(void)
{
    static struct monitor_set *sets[MANY];
    begin();
    unsigned before = threads();
    add(MONITOR_PROCESS, "no such thing", 0)->interval = 2000;
    for (unsigned i = 0; i < MANY; i++) {
        CU_ASSERT_EQUAL_FATAL(monitors_add(&sets[i], monitors, &rule, MEMBER_A, &err), DR_OK);
        monitors_follow(sets[i], HA_ROLE_MASTER);
    }
    msec until = clock_now() + 3 * PATIENCE;
    while (!all_failed(sets) && clock_now() < until)
        clock_sleep(100);
    CU_ASSERT_TRUE(all_failed(sets));
    CU_ASSERT_EQUAL(threads(), before);
    for (unsigned i = 0; i < MANY; i++)
        monitors_remove(sets[i]);
    end();
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"B5.1.2-43 processes", processes},
        {"V6-02 processes by id and by pid file", processes_by_id},
        {"B5.1.2-44 -45 -47 memory, processors, file systems", use_of_the_host},
        {"B5.1.2-46 exit status of a script", exit_status},
        {"B5.1.2-55 Q-16 result file", result_file},
        {"Q-16 V6-06 what cannot run counts nothing", what_cannot_run_counts_nothing},
        {"B5.1.2-54 B5.1.5-02 Q-16 a hanging script runs once, and ends with its group", a_hanging_script},
        {"B5.1.5-02 one that hangs when all ends", one_that_hangs_when_all_ends},
        {"B5.1.2-51 -52 -53 roles, and a pause while switching", roles},
        {"1,000 rules, one thread", many_rules},
        CU_TEST_INFO_NULL};
    return unit_run("agent/monitor", cases);
}
