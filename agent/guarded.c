/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/guarded.h"
#include "platform/clock.h"
#include "platform/process.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char *const act_words[] = {"add", "renew"};
#define STATUS_NOT_FOUND 4
#define STATUS_FAILED    1
#define SLACK            100 /* the kernel's timer kills; ours only has to notice */

static enum dr_code verdict(const struct process_result *result, const char *what, struct dr_error *err)
{
    if (result->status == 0)
        return DR_OK;
    if (result->stopped)
        return dr_fail(err, DR_CLOSED, "%s: ended, because a release came first", what);
    if (result->tail[0] == '\0')
        return dr_fail(err, DR_TIMEOUT, "%s: killed by its guard: this host is too slow for it to be safe", what);
    return dr_fail(err, result->status == STATUS_NOT_FOUND ? DR_NOT_FOUND : DR_IO, "%s", result->tail);
}

enum dr_code guarded_run(const struct guarded_command *command, struct dr_error *err)
{
    const struct vip *vip = command->vip;
    char until[24], lifetime[16], bare[INET6_ADDRSTRLEN], address[INET6_ADDRSTRLEN + 8], what[128];
    inet_ntop(vip->v6 ? AF_INET6 : AF_INET, vip->bytes, bare, sizeof bare);
    snprintf(address, sizeof address, "%s/%u", bare, vip->prefix);
    snprintf(until, sizeof until, "%" PRId64, command->until);
    snprintf(lifetime, sizeof lifetime, "%u", command->lifetime_s);
    snprintf(what, sizeof what, "virtual IP %s: %s", address, act_words[command->act]);
    msec limit = command->until - clock_now();
    if (limit <= 0)
        return dr_fail(err, DR_TIMEOUT, "%s: not begun: this host was too slow for it to be safe", what);
    const char *argv[] = {command->program,
                          GUARDED_WORD,
                          until,
                          act_words[command->act],
                          address,
                          vip->card,
                          lifetime,
                          command->announce ? "announce" : "quiet",
                          NULL};
    struct process_spec spec = {
        .argv = argv, .output = command->notes, .limit = limit + SLACK, .mercy = 0, .stop = command->stop};
    struct process_result result;
    enum dr_code code = process_run(&spec, &result, err);
    return code == DR_OK ? verdict(&result, what, err) : code;
}

static enum dr_code carry_out(char **word, struct dr_error *err)
{
    struct vip vip;
    unsigned lifetime_s = (unsigned)strtoul(word[4], NULL, 10);
    enum dr_code code = process_die_at(strtoll(word[0], NULL, 10), err);
    if (code == DR_OK)
        code = vip_parse(&vip, word[2], word[3], err);
    if (code != DR_OK)
        return code;
    code = strcmp(word[1], act_words[GUARDED_ADD]) == 0 ? vip_add(&vip, lifetime_s, err)
                                                        : vip_renew(&vip, lifetime_s, err);
    if (code == DR_OK && strcmp(word[5], "announce") == 0)
        code = vip_announce(&vip, err);
    return code;
}

int guarded_main(int argc, char **argv)
{
    struct dr_error err;
    if (argc != 8) {
        fprintf(stderr, "%s is for drnode's own use\n", GUARDED_WORD);
        return STATUS_FAILED;
    }
    enum dr_code code = carry_out(argv + 2, &err);
    if (code == DR_OK)
        return 0;
    fprintf(stderr, "%s\n", err.text);
    return code == DR_NOT_FOUND ? STATUS_NOT_FOUND : STATUS_FAILED;
}
