/* SPDX-License-Identifier: Apache-2.0
 * drcapture: captures every change of a rule's folders. One process a rule; it outlives drnode, which attaches to it.
 */
#include "platform/capture.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char usage[] =
    "usage: drcapture --socket FILE --memory MIB [--rule ID] [--force] [--read-write] FOLDER...\n"
    "Paths are full ones. Covers the folders, read-only until drnode (or --read-write, for "
    "tests: records are dropped) lets changes in.\n"
    "Ends on SIGTERM. --force goes on although something would bypass capture.\n";

struct options {
    bool read_write;
    struct capture_config capture;
};

static bool parse_memory(const char *text, size_t *bytes)
{
    char *end;
    unsigned long mib = strtoul(text, &end, 10);
    *bytes = (size_t)mib << 20;
    return *text && !*end && mib >= (RING_MEMORY_MIN >> 20) && mib <= 16384;
}

/* One option with its value; 0: unknown or bad, else how many arguments it took. */
static int parse_option(struct options *o, char **at)
{
    if (strcmp(*at, "--force") == 0)
        return o->capture.force = true, 1;
    if (strcmp(*at, "--read-write") == 0)
        return o->read_write = true, 1;
    if (!at[1])
        return 0;
    if (strcmp(*at, "--rule") == 0)
        return o->capture.rule = at[1], 2;
    if (strcmp(*at, "--socket") == 0)
        return o->capture.socket = at[1], 2;
    if (strcmp(*at, "--memory") == 0)
        return parse_memory(at[1], &o->capture.memory) ? 2 : 0;
    return 0;
}

static bool parse(struct options *o, char **at)
{
    while (*at && strncmp(*at, "--", 2) == 0) {
        int taken = parse_option(o, at);
        if (taken == 0)
            return false;
        at += taken;
    }
    for (; *at && **at == '/' && o->capture.paths < CAPTURE_PATHS_MAX; at++)
        o->capture.folder[o->capture.paths++] = *at;
    return !*at && o->capture.socket && *o->capture.socket == '/' && o->capture.memory && o->capture.paths > 0;
}

static void say(void *baton, const char *line)
{
    (void)baton;
    fprintf(stderr, "drcapture: %s\n", line);
}

/* ---- --read-write: a reader that keeps nothing ---- */

#define DROP_REST_US 1000 /* so that not every record rings */

static void drop_records(const struct capture_info *info)
{
    struct pollfd bell = {.fd = info->wake, .events = POLLIN};
    uint64_t rung;
    for (;;) {
        usleep(DROP_REST_US);
        uint64_t tail = ring_tail(info->ring);
        ring_release(info->ring, tail);
        if (!ring_sleep(info->ring, tail))
            continue;
        if (poll(&bell, 1, -1) > 0 && read(info->wake, &rung, sizeof rung) < 0 && errno != EAGAIN)
            return;
    }
}

static void *read_write(void *baton)
{
    struct capture_link *link;
    struct dr_error err;
    uint64_t seq;
    if (capture_attach(&link, baton, &err) != DR_OK || capture_flip(link, CAPTURE_READ_WRITE, 1, &seq, &err) != DR_OK) {
        say(NULL, err.text);
        exit(EXIT_FAILURE);
    }
    puts("read-write");
    fflush(stdout);
    drop_records(capture_info(link));
    return NULL;
}

static void ready(void *baton)
{
    const struct options *o = baton;
    pthread_t thread;
    puts("ready");
    fflush(stdout);
    if (o->read_write && pthread_create(&thread, NULL, read_write, (void *)(uintptr_t)o->capture.socket) == 0)
        pthread_detach(thread);
}

int main(int argc, char **argv)
{
    struct options o = {.capture = {.rule = "by hand", .say = say}};
    struct dr_error err;
    if (argc == 2 && strcmp(argv[1], "--help") == 0)
        return fputs(usage, stdout) < 0;
    if (!parse(&o, argv + 1)) {
        fputs(usage, stderr);
        return 2;
    }
    enum dr_code code = capture_serve(&o.capture, ready, &o, &err);
    if (code != DR_OK)
        say(NULL, err.text);
    return code == DR_OK ? EXIT_SUCCESS : EXIT_FAILURE;
}
