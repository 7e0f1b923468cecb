/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/drcfg.h"

#include "agent/config.h"
#include "core/model_text.h"

#include <errno.h>
#include <netdb.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>

struct dialogue {
    FILE *in, *out;
    struct dr_id id;
    char cc_addr[RULE_HOST_SIZE];
};

static enum dr_code new_id(struct dr_id *id, struct dr_error *err)
{
    uint8_t random[DR_ID_DIGITS / 2];
    if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
        return dr_fail(err, DR_IO, "the system gave no random bytes: %s", strerror(errno));
    for (size_t i = 0; i < sizeof random; i++)
        snprintf(id->hex + 2 * i, 3, "%02X", random[i]);
    return DR_OK;
}

/* One line without its end; DR_CLOSED: there is none. */
static enum dr_code read_line(const struct dialogue *d, char *line, size_t size, struct dr_error *err)
{
    fflush(d->out);
    if (!fgets(line, (int)size, d->in))
        return dr_fail(err, DR_CLOSED, "the answers ended early: nothing was saved");
    line[strcspn(line, "\r\n")] = '\0';
    return DR_OK;
}

/* Asks until the answer is y or n. */
static enum dr_code ask(const struct dialogue *d, const char *question, bool *yes, struct dr_error *err)
{
    char line[64];
    for (;;) {
        fprintf(d->out, "%s [y/n] ", question);
        if (read_line(d, line, sizeof line, err) != DR_OK)
            return err->code;
        *yes = strcmp(line, "y") == 0 || strcmp(line, "Y") == 0;
        if (*yes || strcmp(line, "n") == 0 || strcmp(line, "N") == 0)
            return DR_OK;
    }
}

static enum dr_code choose_id(struct dialogue *d, struct dr_error *err)
{
    bool yes = false;
    if (d->id.hex[0] == '\0') {
        enum dr_code code = new_id(&d->id, err);
        fprintf(d->out, "This node had no id. Its login id is now: %s\n", d->id.hex);
        return code;
    }
    fprintf(d->out, "Current login id: %s\n", d->id.hex);
    if (ask(d, "Make a new one? Rules and certificates that name the old one will not fit any more.", &yes, err) !=
        DR_OK)
        return err->code;
    if (yes && new_id(&d->id, err) != DR_OK)
        return err->code;
    if (yes)
        fprintf(d->out, "New login id: %s\n", d->id.hex);
    return DR_OK;
}

/* An address needs no look-up; a name should be known to this host, but may become known later. */
static void try_address(const struct dialogue *d)
{
    struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *found = NULL;
    int failure = getaddrinfo(d->cc_addr, NULL, &hints, &found);
    if (failure)
        fprintf(d->out, "Warning: %s: %s. Correct the name, or add it to /etc/hosts.\n", d->cc_addr,
                gai_strerror(failure));
    else
        fprintf(d->out, "%s is known to this host.\n", d->cc_addr);
    if (found)
        freeaddrinfo(found);
}

static enum dr_code choose_address(struct dialogue *d, struct dr_error *err)
{
    bool yes = false;
    char line[RULE_HOST_SIZE];
    fprintf(d->out, "Current console address: %s\n", d->cc_addr[0] ? d->cc_addr : "(none)");
    if (ask(d, "Change it?", &yes, err) != DR_OK)
        return err->code;
    if (!yes)
        return DR_OK;
    do {
        fputs("New console address (IP or name): ", d->out);
        if (read_line(d, line, sizeof line, err) != DR_OK)
            return err->code;
    } while (!model_text_is_host(line));
    snprintf(d->cc_addr, sizeof d->cc_addr, "%s", line);
    try_address(d);
    return DR_OK;
}

enum dr_code drcfg_dialogue(FILE *in, FILE *out, const char *root, struct dr_error *err)
{
    struct dialogue d = {.in = in, .out = out};
    char line[64];
    enum dr_code code = config_read_identity(root, &d.id, d.cc_addr, sizeof d.cc_addr, err);
    if (code != DR_OK && code != DR_NOT_FOUND)
        return code;
    fputs("==== drnode: configuration of this node ====\n", out);
    if (choose_id(&d, err) != DR_OK || choose_address(&d, err) != DR_OK ||
        config_write_identity(root, &d.id, d.cc_addr, err) != DR_OK)
        return err->code;
    fprintf(out,
            "Saved in %s/etc/drid.conf.\nThe id is what this node logs in with; drcfg -c may be run again at any "
            "time.\nPress Enter to end.\n",
            root);
    fflush(out);
    return fgets(line, sizeof line, in) || feof(in) ? DR_OK : dr_fail(err, DR_IO, "cannot read: %s", strerror(errno));
}
