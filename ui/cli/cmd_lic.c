/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/cli/cmd_lic.h"

#include "net/licence_sign.h"
#include "ui/cli/cli.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#define DAYS_STANDARD 366
#define DAYS_MAX      36600

static int usage(const char *why)
{
    fprintf(
        stderr,
        "drctl lic: %s\n"
        "usage: drctl lic keygen PRIVATE PUBLIC       makes an issuer's key; consoles get PUBLIC as etc/issuer.pem\n"
        "       drctl lic issue PRIVATE SN [FIELD=VALUE]... [days=N]\n"
        "                                             prints a licence, of %d days from now unless from= and\n"
        "                                             until= say otherwise\n"
        "fields:",
        why, DAYS_STANDARD);
    for (unsigned i = 0; i < licence_model.fields; i++)
        fprintf(stderr, " %s", licence_model.field[i].name);
    fputc('\n', stderr);
    return CLI_USAGE;
}

static int keygen(int argc, char **argv)
{
    struct dr_error err;
    if (argc != 2)
        return usage("keygen takes two files");
    if (licence_keygen(argv[0], argv[1], &err) != DR_OK)
        return cli_fail(&err);
    printf("made %s: keep it secret, and a copy in a safe place; consoles get %s\n", argv[0], argv[1]);
    return CLI_DONE;
}

/* FIELD=VALUE of the licence's table, or days=N. */
static enum dr_code take(struct licence *licence, char *word, struct dr_error *err)
{
    char *value = strchr(word, '=');
    if (value == NULL)
        return dr_fail(err, DR_INVALID, "%.64s is no FIELD=VALUE", word);
    *value++ = '\0';
    if (strcmp(word, "days") == 0) {
        char *end;
        unsigned long days = strtoul(value, &end, 10);
        if (*end != '\0' || days < 1 || days > DAYS_MAX)
            return dr_fail(err, DR_INVALID, "days takes 1..%d", DAYS_MAX);
        licence->until_s = licence->from_s + days * LICENCE_DAY_S;
        return DR_OK;
    }
    const struct model_field *field = model_find(&licence_model, word);
    if (field == NULL)
        return dr_fail(err, DR_INVALID, "a licence has no field %.64s", word);
    return model_set(field, licence, value, err);
}

static int issue(int argc, char **argv)
{
    struct licence licence;
    struct dr_error err;
    char text[LICENCE_TEXT_SIZE];
    size_t size;
    if (argc < 2)
        return usage("issue takes a key and a serial number");
    model_defaults(&licence_model, &licence);
    licence.from_s = (uint64_t)time(NULL);
    licence.until_s = licence.from_s + (uint64_t)DAYS_STANDARD * LICENCE_DAY_S;
    enum dr_code code = model_set(model_find(&licence_model, "sn"), &licence, argv[1], &err);
    for (int i = 2; i < argc && code == DR_OK; i++)
        code = take(&licence, argv[i], &err);
    if (code != DR_OK)
        return usage(err.text);
    if (licence.until_s < licence.from_s)
        return usage("it would end before it begins");
    if (licence_sign(text, &size, &licence, argv[0], &err) != DR_OK)
        return cli_fail(&err);
    return fwrite(text, 1, size, stdout) == size && fflush(stdout) == 0 ? CLI_DONE : CLI_FAILED;
}

bool cmd_lic_knows(const char *word)
{
    return strcmp(word, "keygen") == 0 || strcmp(word, "issue") == 0;
}

int cmd_lic(int argc, char **argv)
{
    if (argc < 2 || !cmd_lic_knows(argv[1]))
        return usage("keygen or issue?");
    return strcmp(argv[1], "keygen") == 0 ? keygen(argc - 2, argv + 2) : issue(argc - 2, argv + 2);
}
