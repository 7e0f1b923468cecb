/* SPDX-License-Identifier: Apache-2.0
 * One host of platform/fake, with all that it may do wrong at its worst: a fast clock, a late kernel. */
#include "platform/fake/fake.h"
#include "tests/contract/contract.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define SOCKET "socket"

char on_scripts[] = "/scripts";
static struct fake_host host;
static fake_usec now;

bool on_set_up(void)
{
    fake_host_init(&host, &now, 1050000);
    host.late = FAKE_LATE_MOST;
    host.ticks = FAKE_TICKS;
    fake_card(&host, "10.99.7.1/24", "left");
    fake_card(&host, "fd00:99::1/64", "left");
    fake_enter(&host, NULL);
    return true;
}

void on_tear_down(void)
{
    fake_power_cut(&host);
}

void on_script(const char *name, const struct on_script *script)
{
    char path[64];
    snprintf(path, sizeof path, "%s/%s", on_scripts, name);
    struct fake_program *program = fake_program(&host, path);
    CU_ASSERT_PTR_NOT_NULL_FATAL(program);
    program->takes = script->hangs ? FAKE_FOREVER : FAKE_SECOND / 10;
    program->deaf = script->deaf;
    program->status = script->status;
    program->says = script->says;
}

bool on_child(void (*body)(void *baton), void *baton)
{
    struct dr_error err;
    struct fake_process child = {.dies_at = FAKE_FOREVER};
    fake_enter(&host, &child);
    body(baton);
    bool killed = fake_lives("end", &err) != DR_OK;
    fake_enter(&host, NULL);
    return killed;
}

struct capture_link *on_capture(const char **socket)
{
    struct dr_error err;
    struct capture_link *link;
    *socket = SOCKET;
    fake_power_cut(&host); /* what the last test left */
    fake_capture(&host, SOCKET);
    CU_ASSERT_EQUAL_FATAL(capture_attach(&link, SOCKET, &err), DR_OK);
    return link;
}

void on_capture_end(void)
{
    fake_power_cut(&host);
}

int on_change(void)
{
    return fake_write(&host, fake_capture(&host, SOCKET));
}
