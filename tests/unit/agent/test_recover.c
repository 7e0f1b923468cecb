/* SPDX-License-Identifier: Apache-2.0
 * drnode --recover FOLDER: what a target received and had not applied when its host died. */
#include "agent/control.h"
#include "agent/recover.h"
#include "tests/unit/agent/stand.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#define NODE_A  "0A000000000000000000000000000001"
#define NODE_B  "0A000000000000000000000000000002"
#define RULE    "00000000000000000000000000000001"
#define RECORDS 200
#define SEED    7

static struct dr_error err;
static struct world world;
static struct world_record record;

static void hear(void *baton, const char *line)
{
    (void)baton;
    fprintf(stderr, "%s\n", line);
    CU_FAIL("a complaint about a good node");
}

/* A node B whose one rule has `folder`. */
static struct config *node(struct scratch *s, const char *folder)
{
    struct config *config;
    char text[1024];
    *s = scratch_make();
    snprintf(text, sizeof text,
             "<rule id=\"" RULE "\" name=\"one\"><member node=\"" NODE_A "\" name=\"alpha\" address=\"h\"/>"
             "<member node=\"" NODE_B "\" name=\"beta\" address=\"h\"/><line a=\"::1\" b=\"::2\"/>"
             "<path a=\"/nowhere\" b=\"%s\"/></rule>",
             folder);
    scratch_write(s, "etc/drid.conf", "id=" NODE_B "\n");
    scratch_write(s, "etc/rules/one.xml", text);
    scratch_folder(s, "run");
    scratch_folder(s, "var/rules/" RULE);
    CU_ASSERT_EQUAL_FATAL(config_load(&config, s->root, hear, NULL, &err), DR_OK);
    return config;
}

/* The life of the world up to RECORDS, fed to a target that ends as soon as it has all of it in its log. */
static void feed_and_die(struct stand *stand)
{
    struct target_progress progress = {.durable = 0};
    world_init(&world, SEED);
    if (stand_open(stand) != DR_OK || stand_mirror(stand, &world) != DR_OK)
        _exit(1);
    for (unsigned i = 0; i < RECORDS; i++) {
        world_step(&world, &record);
        stand_put(stand, &record);
    }
    if (stand_send(stand) != DR_OK)
        _exit(2);
    while (progress.durable < world.seq)
        target_wait(stand->target, &progress, 1000);
    _exit(0);
}

static void what_was_durable_is_applied(void)
{
    struct stand stand;
    struct scratch s;
    struct target_progress progress;
    char folder[128], why[256];
    int status;
    stand_make(&stand, "/var/tmp");
    snprintf(folder, sizeof folder, "%s/folder", stand.base);
    pid_t child = fork();
    if (child == 0)
        feed_and_die(&stand);
    CU_ASSERT_EQUAL_FATAL(waitpid(child, &status, 0), child);
    CU_ASSERT_EQUAL_FATAL(status, 0);
    struct config *config = node(&s, folder);
    CU_ASSERT_EQUAL(symlink(stand.state, scratch_path(&s, "var/rules/" RULE "/target")), 0);
    CU_ASSERT_EQUAL_FATAL(recover_folder(config, folder, &progress, &err), DR_OK);
    world_init(&world, SEED);
    for (unsigned i = 0; i < RECORDS; i++)
        world_step(&world, &record);
    CU_ASSERT_EQUAL(progress.applied, world.seq);
    CU_ASSERT_FALSE(progress.mixed);
    CU_ASSERT_TRUE(world_same(&world, stand.root, why));
    config_free(config);
    scratch_remove(&s);
    stand_remove(&stand);
}

static enum dr_code answer(void *baton, const struct control_request *request, struct json_writer *w,
                           struct dr_error *error)
{
    (void)baton, (void)request, (void)w, (void)error;
    return DR_OK;
}

static void what_cannot_be_recovered_is_named(void)
{
    static const struct control_command commands[] = {{"status", answer}, {NULL, NULL}};
    struct scratch s;
    struct target_progress progress;
    struct control *control;
    char message[300];
    struct config *config = node(&s, "/srv/one");
    CU_ASSERT_EQUAL(recover_folder(config, "/srv/two", &progress, &err), DR_NOT_FOUND);
    CU_ASSERT_STRING_EQUAL(err.text, "no rule has the folder /srv/two on this node: name it as the rule does");
    CU_ASSERT_EQUAL(recover_folder(config, "/srv/one", &progress, &err), DR_NOT_FOUND);
    CU_ASSERT_STRING_EQUAL(err.text, "rule one: this member never received a copy: there is nothing to recover");
    CU_ASSERT_EQUAL_FATAL(control_start(&control, scratch_path(&s, "run/drnode.sock"), commands, NULL, &err), DR_OK);
    CU_ASSERT_EQUAL(recover_folder(config, "/srv/one", &progress, &err), DR_BUSY);
    snprintf(message, sizeof message, "drnode runs with root %s and recovers by itself: stop it first", s.root);
    CU_ASSERT_STRING_EQUAL(err.text, message);
    control_stop(control);
    scratch_folder(&s, "var/rules/" RULE "/target");
    CU_ASSERT_EQUAL(recover_folder(config, "/srv/one", &progress, &err), DR_IO);
    CU_ASSERT_STRING_EQUAL(err.text, "cannot open a folder of rule one: No such file or directory");
    config_free(config);
    scratch_remove(&s);
}

int main(void)
{
    CU_TestInfo cases[] = {{"what was durable is applied", what_was_durable_is_applied},
                           {"what cannot be recovered is named", what_cannot_be_recovered_is_named},
                           CU_TEST_INFO_NULL};
    return unit_run("recover", cases);
}
