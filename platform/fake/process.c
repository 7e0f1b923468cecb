/* SPDX-License-Identifier: Apache-2.0
 * platform/fake/process.c - programs that take the time that the test says they take. Who waits for one moves the time
 * of the world, or a copy of it that `now` of its host points to meanwhile. */
#include "core/model_text.h"
#include "platform/clock.h"
#include "platform/fake/fake.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

static struct fake_program *find(struct fake_host *h, const char *path)
{
    for (unsigned i = 0; i < FAKE_MANY; i++)
        if (strcmp(h->program[i].path, path) == 0)
            return &h->program[i];
    return NULL;
}

struct fake_program *fake_program(struct fake_host *h, const char *path)
{
    struct fake_program *program = find(h, path);
    if (program == NULL && (program = find(h, "")) != NULL)
        snprintf(program->path, sizeof program->path, "%s", path);
    return program;
}

static bool wished(int stop)
{
    struct pollfd wish = {.fd = stop, .events = POLLIN};
    return stop >= 0 && poll(&wish, 1, 0) == 1;
}

/* SIGTERM, and for who is deaf to it SIGKILL when the mercy is over. */
static void end(const struct fake_program *program, const struct process_spec *spec, struct process_result *result)
{
    if (program->deaf)
        clock_sleep(spec->mercy);
    result->status = 128 + (program->deaf ? SIGKILL : SIGTERM);
}

static void read_tail(char *tail, size_t size, const char *said)
{
    size_t length = strlen(said);
    snprintf(tail, size, "%s", length < size ? said : said + length - size + 1);
}

enum dr_code process_run(const struct process_spec *spec, struct process_result *result, struct dr_error *err)
{
    struct fake_host *h = fake_here();
    const struct fake_program *program = find(h, spec->argv[0]);
    if (program == NULL)
        return dr_fail(err, DR_IO, "cannot start %s: there is no such program", spec->argv[0]);
    msec began = clock_now();
    fake_usec limit = fake_when(h, began + spec->limit);
    *result = (struct process_result){.stopped = wished(spec->stop)};
    result->timed_out = !result->stopped && program->takes > limit - *h->now;
    if (!result->stopped)
        fake_pass(result->timed_out ? limit : *h->now + program->takes);
    if (result->stopped && spec->ending != NULL)
        spec->ending(spec->baton);
    if (result->stopped || result->timed_out)
        end(program, spec, result);
    else
        result->status = program->status;
    result->took = clock_now() - began;
    read_tail(result->tail, sizeof result->tail, program->says ? program->says : "");
    return fake_lives("wait for a program", err);
}

enum dr_code process_die_at(msec at, struct dr_error *err)
{
    struct fake_process *process = fake_current();
    if (at <= 0)
        return dr_fail(err, DR_TIMEOUT, "the instant until which this was safe is past");
    if (process == NULL)
        return dr_fail(err, DR_INVALID, "a daemon does not end itself: enter a process");
    process->dies_at = at == PROCESS_NEVER ? FAKE_FOREVER : fake_when(fake_here(), at);
    return DR_OK;
}

enum dr_code process_script(char *path, size_t size, const char *folder, const char *name, struct dr_error *err)
{
    if (name[0] == '.' || !model_text_is_plain(name))
        return dr_fail(err, DR_INVALID, "script '%s': give a plain file name in %s", name, folder);
    if ((size_t)snprintf(path, size, "%s/%s", folder, name) >= size)
        return dr_fail(err, DR_INVALID, "script '%s': the path is too long", name);
    if (find(fake_here(), path) == NULL)
        return dr_fail(err, DR_NOT_FOUND, "script %s is not there", path);
    return DR_OK;
}
