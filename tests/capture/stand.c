/* SPDX-License-Identifier: Apache-2.0 */
#include "tests/capture/stand.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#define LIMIT_MS 20000

static void on_ready(void *baton)
{
    (void)baton;
}

static void say(void *baton, const char *line)
{
    (void)baton;
    fprintf(stderr, "server: %s\n", line);
}

static void serve(const struct stand *s, size_t memory)
{
    const struct capture_config config = {.rule = "test",
                                          .socket = s->socket,
                                          .paths = 1,
                                          .folder = {s->folder},
                                          .memory = memory << 20,
                                          .force = true,
                                          .say = say};
    struct dr_error err;
    if (capture_serve(&config, on_ready, NULL, &err) != DR_OK) {
        say(NULL, err.text);
        exit(1);
    }
    exit(0);
}

void stand_serve(struct stand *s, size_t memory)
{
    struct dr_error err = {0};
    enum dr_code code = DR_NOT_FOUND;
    fflush(stdout);
    s->server = fork();
    if (s->server == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL); /* a test that is ended leaves nothing behind */
        serve(s, memory);
    }
    for (int waited = 0; code != DR_OK && waited < LIMIT_MS; waited += 10) {
        usleep(10000);
        code = capture_attach(&s->link, s->socket, &err);
    }
    if (code != DR_OK)
        printf("%s\n", err.text);
    CU_ASSERT_EQUAL_FATAL(code, DR_OK);
}

void stand_open(struct stand *s, size_t memory)
{
    CU_ASSERT_EQUAL_FATAL(unshare(CLONE_NEWNS), 0);
    CU_ASSERT_EQUAL_FATAL(mount("none", "/", NULL, MS_REC | MS_PRIVATE, NULL), 0);
    snprintf(s->work, sizeof s->work, "/var/tmp/drcapture-test-XXXXXX");
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(s->work));
    snprintf(s->folder, sizeof s->folder, "%s/folder", s->work);
    snprintf(s->replica, sizeof s->replica, "%s/replica", s->work);
    snprintf(s->socket, sizeof s->socket, "%s/socket", s->work);
    CU_ASSERT_EQUAL(mkdir(s->folder, 0755), 0);
    CU_ASSERT_EQUAL(mkdir(s->replica, 0755), 0);
    stand_serve(s, memory);
}

void stand_stop(struct stand *s)
{
    struct dr_error err;
    int status = -1;
    CU_ASSERT_EQUAL(capture_stop(s->link, &err), DR_OK);
    capture_detach(s->link);
    CU_ASSERT_EQUAL(waitpid(s->server, &status, 0), s->server);
    CU_ASSERT_EQUAL(status, 0);
}

void stand_close(struct stand *s)
{
    char command[128];
    stand_stop(s);
    snprintf(command, sizeof command, "rm -rf %s", s->work);
    CU_ASSERT_EQUAL(system(command), 0);
}

uint64_t stand_flip(struct stand *s, enum capture_mode mode, term_no term)
{
    struct dr_error err = {0};
    uint64_t seq = 0;
    CU_ASSERT_EQUAL(capture_flip(s->link, mode, term, &seq, &err), DR_OK);
    return seq;
}

struct ring *stand_ring(const struct stand *s)
{
    return capture_info(s->link)->ring;
}
