/* SPDX-License-Identifier: Apache-2.0
 * drctl and drcfg as a person at a terminal has them (B4.2.2.2-14, B5.1.2-36). */
#include "agent/control.h"
#include "agent/rule/status.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"
#include "ui/cli/cli.h"

#include <poll.h>
#include <pty.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define PATIENCE_MS 20000

static struct dr_error err;
static struct scratch scratch;
static atomic_uint forced;

static enum dr_code answer_status(void *baton, const struct control_request *request, struct json_writer *answer,
                                  struct dr_error *error)
{
    static const struct rule_status status = {
        .name = "orders", .node_name = "beta", .peer_name = "alpha", .ha.role = HA_ROLE_SLAVE, .target.durable = 1200};
    (void)baton, (void)request, (void)error;
    json_write_array(answer, "rules");
    json_write_model(answer, NULL, &rule_status_model, &status);
    json_write_array_end(answer);
    return DR_OK;
}

static enum dr_code answer_force(void *baton, const struct control_request *request, struct json_writer *answer,
                                 struct dr_error *error)
{
    (void)baton, (void)request, (void)answer, (void)error;
    atomic_fetch_add(&forced, 1);
    return DR_OK;
}

static const struct control_command commands[] = {
    {"status", answer_status}, {"force-switch", answer_force}, {NULL, NULL}};

struct terminal {
    int fd;
    pid_t child;
    char seen[65536];
    size_t length;
};

/* Runs bin/PROGRAM --root SCRATCH and the words that are not NULL, on a terminal of its own. */
static void open_terminal(struct terminal *t, const char *program, const char *one, const char *two, const char *three)
{
    char path[512];
    t->length = 0;
    t->seen[0] = '\0';
    snprintf(path, sizeof path, DR_BIN "/%s", program);
    t->child = forkpty(&t->fd, NULL, NULL, NULL);
    CU_ASSERT_TRUE_FATAL(t->child >= 0);
    if (t->child > 0)
        return;
    execl(path, program, "--root", scratch.root, one, two, three, (char *)NULL);
    _exit(127);
}

/* Reads on until `text` has been printed `times` times. */
static bool sees(struct terminal *t, const char *text, unsigned times)
{
    struct pollfd wait = {.fd = t->fd, .events = POLLIN};
    for (;;) {
        unsigned count = 0;
        for (const char *at = t->seen; (at = strstr(at, text)) != NULL; at++)
            count++;
        if (count >= times)
            return true;
        if (poll(&wait, 1, PATIENCE_MS) <= 0)
            return false;
        ssize_t n = read(t->fd, t->seen + t->length, sizeof t->seen - 1 - t->length);
        if (n <= 0)
            return false;
        t->length += (size_t)n;
        t->seen[t->length] = '\0';
    }
}

static void types(const struct terminal *t, const char *keys)
{
    CU_ASSERT_EQUAL(write(t->fd, keys, strlen(keys)), (ssize_t)strlen(keys));
}

/* Reads what is still printed, until the child closes its end. */
static int ends_with(struct terminal *t)
{
    int status = 0;
    CU_ASSERT_FALSE(sees(t, "\x01 never printed", 1));
    CU_ASSERT_EQUAL_FATAL(waitpid(t->child, &status, 0), t->child);
    close(t->fd);
    CU_ASSERT_TRUE(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static struct control *daemon_start(void)
{
    struct control *control;
    scratch = scratch_make();
    scratch_folder(&scratch, "run");
    atomic_store(&forced, 0);
    CU_ASSERT_EQUAL_FATAL(control_start(&control, scratch_path(&scratch, "run/drnode.sock"), commands, NULL, &err),
                          DR_OK);
    return control;
}

static void force_asks_and_says_what_may_be_lost(void)
{
    static struct terminal t;
    struct control *control = daemon_start();
    open_terminal(&t, "drctl", "--local", "force-switch", NULL);
    CU_ASSERT_TRUE(sees(&t, "Type yes to go on: ", 1));
    CU_ASSERT_PTR_NOT_NULL(strstr(t.seen, "The copy here ends at record 1200; whatever alpha did after that is lost."));
    CU_ASSERT_PTR_NOT_NULL(strstr(t.seen, "alpha is not heard: how much that is cannot be known"));
    types(&t, "y\n");
    CU_ASSERT_EQUAL(ends_with(&t), CLI_DECLINED);
    CU_ASSERT_EQUAL(atomic_load(&forced), 0);
    open_terminal(&t, "drctl", "--local", "force-switch", NULL);
    CU_ASSERT_TRUE(sees(&t, "Type yes to go on: ", 1));
    types(&t, "yes\n");
    CU_ASSERT_EQUAL(ends_with(&t), CLI_DONE);
    CU_ASSERT_EQUAL(atomic_load(&forced), 1);
    control_stop(control);
    scratch_remove(&scratch);
}

static void watch_redraws_until_q(void)
{
    static struct terminal t;
    struct control *control = daemon_start();
    open_terminal(&t, "drctl", "--local", "status", "--watch");
    CU_ASSERT_TRUE(sees(&t, "orders on beta: slave", 2));
    types(&t, "q");
    CU_ASSERT_EQUAL(ends_with(&t), CLI_DONE);
    open_terminal(&t, "drctl", "--local", "status", "--watch");
    CU_ASSERT_TRUE(sees(&t, "orders on beta: slave", 1));
    control_stop(control);
    CU_ASSERT_TRUE(sees(&t, "no drnode is running", 1)); /* and goes on trying */
    types(&t, "\x03");
    CU_ASSERT_EQUAL(ends_with(&t), CLI_DONE);
    scratch_remove(&scratch);
}

static void drcfg_waits_for_enter(void)
{
    static struct terminal t;
    scratch = scratch_make();
    scratch_folder(&scratch, "etc");
    open_terminal(&t, "drcfg", "-c", NULL, NULL);
    CU_ASSERT_TRUE(sees(&t, "Change it? [y/n] ", 1));
    types(&t, "n\n");
    CU_ASSERT_TRUE(sees(&t, "Press Enter to end.", 1));
    CU_ASSERT_EQUAL(waitpid(t.child, NULL, WNOHANG), 0);
    CU_ASSERT_PTR_NOT_NULL(scratch_read(&scratch, "etc/drid.conf"));
    types(&t, "\n");
    CU_ASSERT_EQUAL(ends_with(&t), 0);
    scratch_remove(&scratch);
}

int main(void)
{
    CU_TestInfo cases[] = {{"force asks and says what may be lost", force_asks_and_says_what_may_be_lost},
                           {"watch redraws until q", watch_redraws_until_q},
                           {"drcfg waits for Enter", drcfg_waits_for_enter},
                           CU_TEST_INFO_NULL};
    return unit_run("terminal", cases);
}
