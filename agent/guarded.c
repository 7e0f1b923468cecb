/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/guarded.h"
#include "platform/clock.h"
#include "platform/process.h"

#include <arpa/inet.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static const char *const act_words[] = {"add", "renew"};
#define STATUS_NOT_FOUND 4
#define STATUS_FAILED    1
#define SLACK            100 /* the kernel's timer kills; ours only has to notice */

/* The child's words; from WORD_ADDRESS on an address and a card for each, and NULL. */
enum { WORD_UNTIL = 2, WORD_PARENT, WORD_ACT, WORD_LIFETIME, WORD_ANNOUNCE, WORD_ADDRESS };
#define WORDS_MOST (WORD_ADDRESS + 2 * GUARDED_MOST + 1)

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

/* Address and prefix length, as the child reads it again. */
static void write_address(char *text, size_t size, const struct vip *vip)
{
    char bare[INET6_ADDRSTRLEN];
    inet_ntop(vip->v6 ? AF_INET6 : AF_INET, vip->bytes, bare, sizeof bare);
    snprintf(text, size, "%s/%u", bare, vip->prefix);
}

enum dr_code guarded_run(const struct guarded_command *command, struct dr_error *err)
{
    char until[24], parent[24], lifetime[16], address[GUARDED_MOST][INET6_ADDRSTRLEN + 8], what[128];
    const char *argv[WORDS_MOST] = {command->program,
                                    GUARDED_WORD,
                                    until,
                                    parent,
                                    act_words[command->act],
                                    lifetime,
                                    command->announce ? "announce" : "quiet"};
    for (unsigned i = 0; i < command->vips; i++) {
        write_address(address[i], sizeof address[i], &command->vip[i]);
        argv[WORD_ADDRESS + 2 * i] = address[i];
        argv[WORD_ADDRESS + 2 * i + 1] = command->vip[i].card;
    }
    snprintf(until, sizeof until, "%" PRId64, command->until);
    snprintf(parent, sizeof parent, "%" PRId64, (int64_t)getpid());
    snprintf(lifetime, sizeof lifetime, "%u", command->lifetime_s);
    snprintf(what, sizeof what, "virtual IP %s%s: %s", address[0], command->vips > 1 ? ", ..." : "",
             act_words[command->act]);
    msec limit = command->until - clock_now();
    if (limit <= 0)
        return dr_fail(err, DR_TIMEOUT, "%s: not begun: this host was too slow for it to be safe", what);
    struct process_spec spec = {
        .argv = argv, .output = command->notes, .limit = limit + SLACK, .mercy = 0, .stop = command->stop};
    struct process_result result;
    enum dr_code code = process_run(&spec, &result, err);
    return code == DR_OK ? verdict(&result, what, err) : code;
}

/* ---- the child ---- */

static enum dr_code set_one(char **word, const char *address, const char *card, struct dr_error *err)
{
    struct vip vip;
    unsigned lifetime_s = (unsigned)strtoul(word[WORD_LIFETIME], NULL, 10);
    enum dr_code code = vip_parse(&vip, address, card, err);
    if (code != DR_OK)
        return code;
    code = strcmp(word[WORD_ACT], act_words[GUARDED_ADD]) == 0 ? vip_add(&vip, lifetime_s, err)
                                                               : vip_renew(&vip, lifetime_s, err);
    if (code == DR_OK && strcmp(word[WORD_ANNOUNCE], "announce") == 0)
        code = vip_announce(&vip, err);
    return code;
}

/* One that fails does not keep the others from being set; the first failure is told. It ends with the drnode that
 * wanted it: the next one begins with a release, and nothing may be taken behind that. */
static enum dr_code carry_out(char **word, struct dr_error *err)
{
    enum dr_code first = process_die_at(strtoll(word[WORD_UNTIL], NULL, 10), err);
    if (first == DR_OK)
        first = process_die_with(strtoll(word[WORD_PARENT], NULL, 10), err);
    if (first != DR_OK)
        return first; /* nothing is set without its guard */
    for (char **at = word + WORD_ADDRESS; at[0] != NULL && at[1] != NULL; at += 2) {
        struct dr_error failure;
        enum dr_code code = set_one(word, at[0], at[1], &failure);
        if (code != DR_OK && first == DR_OK) {
            first = code;
            *err = failure;
        }
    }
    return first;
}

int guarded_main(int argc, char **argv)
{
    struct dr_error err;
    if (argc < WORD_ADDRESS + 2) {
        fprintf(stderr, "%s is for drnode's own use\n", GUARDED_WORD);
        return STATUS_FAILED;
    }
    enum dr_code code = carry_out(argv, &err);
    if (code == DR_OK)
        return 0;
    fprintf(stderr, "%s\n", err.text);
    return code == DR_NOT_FOUND ? STATUS_NOT_FOUND : STATUS_FAILED;
}
