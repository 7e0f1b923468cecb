/* SPDX-License-Identifier: Apache-2.0
 * tests/unit/net/test_ca.c - the certificate authority: what it writes, and what it never overwrites. */
#include "net/ca.h"
#include "tests/unit/net/pair.h"
#include "tests/unit/unit.h"
#include "ui/cli/cmd_ca.h"

#include <openssl/pem.h>
#include <openssl/x509v3.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static struct pki pki;
static const struct ca_span day = {-CA_CLOCK_SLACK_S, CA_DAY_S};

static X509 *certificate(const char *name, const char *file)
{
    char path[PKI_PATH * 2];
    pki_path(path, &pki, name, file);
    FILE *in = fopen(path, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(in);
    X509 *read = PEM_read_X509(in, NULL, NULL, NULL);
    fclose(in);
    CU_ASSERT_PTR_NOT_NULL_FATAL(read);
    return read;
}

static unsigned mode_of(const char *name, const char *file)
{
    char path[PKI_PATH * 2];
    struct stat facts = {0};
    pki_path(path, &pki, name, file);
    CU_ASSERT_EQUAL(stat(path, &facts), 0);
    return facts.st_mode & 07777;
}

static int days_left(const X509 *it)
{
    int days = 0, seconds = 0;
    CU_ASSERT_EQUAL(ASN1_TIME_diff(&days, &seconds, NULL, X509_get0_notAfter(it)), 1);
    return seconds > CA_DAY_S / 2 ? days + 1 : days;
}

static void a_ca_signs_and_nothing_else(void)
{
    X509 *ca = certificate("ca", "ca.pem");
    CU_ASSERT_EQUAL(X509_check_ca(ca), 1);
    CU_ASSERT_EQUAL(days_left(ca), CA_DAYS);
    CU_ASSERT_EQUAL(X509_get_key_usage(ca), KU_KEY_CERT_SIGN | KU_CRL_SIGN);
    CU_ASSERT_EQUAL(EVP_PKEY_get_bits(X509_get0_pubkey(ca)), 256);
    CU_ASSERT_EQUAL(mode_of("ca", "ca.key"), 0600);
    CU_ASSERT_EQUAL(mode_of("ca", ""), 0700);
    X509_free(ca);
}

static void a_node_dials_and_listens(void)
{
    struct dr_error err;
    char ca[PKI_PATH * 2], out[PKI_PATH * 2], name[64];
    pki_path(ca, &pki, "ca", "");
    pki_path(out, &pki, "node", "");
    const struct ca_span span = {-CA_CLOCK_SLACK_S, (int64_t)CA_NODE_DAYS * CA_DAY_S};
    CU_ASSERT_EQUAL_FATAL(ca_issue(ca, &pki_alpha, &span, out, &err), DR_OK);
    X509 *node = certificate("node", "node.pem"), *its_ca = certificate("node", "ca.pem");
    CU_ASSERT_EQUAL(X509_check_ca(node), 0);
    CU_ASSERT_EQUAL(X509_verify(node, X509_get0_pubkey(its_ca)), 1);
    CU_ASSERT_EQUAL(days_left(node), CA_NODE_DAYS);
    CU_ASSERT_EQUAL(X509_get_extended_key_usage(node), XKU_SSL_SERVER | XKU_SSL_CLIENT);
    X509_NAME_get_text_by_NID(X509_get_subject_name(node), NID_commonName, name, sizeof name);
    CU_ASSERT_STRING_EQUAL(name, pki_alpha.hex);
    CU_ASSERT_EQUAL(mode_of("node", "node.key"), 0600);
    X509_free(node);
    X509_free(its_ca);
}

static void nothing_is_overwritten(void)
{
    struct dr_error err;
    char ca[PKI_PATH * 2], out[PKI_PATH * 2];
    pki_path(ca, &pki, "ca", "");
    pki_path(out, &pki, "twice", "");
    X509 *before = certificate("ca", "ca.pem");
    CU_ASSERT_EQUAL(ca_init(ca, &err), DR_REFUSED);
    unit_says(err.text, "is not overwritten");
    X509 *after = certificate("ca", "ca.pem");
    CU_ASSERT_EQUAL(X509_cmp(before, after), 0);
    X509_free(before);
    X509_free(after);
    CU_ASSERT_EQUAL(ca_issue(ca, &pki_alpha, &day, out, &err), DR_OK);
    before = certificate("twice", "node.pem");
    CU_ASSERT_EQUAL(ca_issue(ca, &pki_beta, &day, out, &err), DR_REFUSED);
    unit_says(err.text, "twice");
    after = certificate("twice", "node.pem");
    CU_ASSERT_EQUAL(X509_cmp(before, after), 0);
    X509_free(before);
    X509_free(after);
}

/* A lone key is somebody's CA too. */
static void a_lone_key_is_not_overwritten(void)
{
    struct dr_error err;
    char folder[PKI_PATH * 2], file[PKI_PATH * 2];
    pki_path(folder, &pki, "lone", "");
    pki_path(file, &pki, "lone", "ca.pem");
    CU_ASSERT_EQUAL(ca_init(folder, &err), DR_OK);
    CU_ASSERT_EQUAL(unlink(file), 0);
    CU_ASSERT_EQUAL(ca_init(folder, &err), DR_REFUSED);
    unit_says(err.text, "ca.key exists");
    CU_ASSERT_EQUAL(ca_issue(folder, &pki_alpha, &day, folder, &err), DR_NOT_FOUND);
    unit_says(err.text, "drctl ca init");
}

static void another_cas_folder_is_refused(void)
{
    struct dr_error err;
    char second[PKI_PATH * 2], first[PKI_PATH * 2], out[PKI_PATH * 2], file[PKI_PATH * 2];
    pki_path(first, &pki, "ca", "");
    pki_path(second, &pki, "second", "");
    pki_path(out, &pki, "of-first", "");
    CU_ASSERT_EQUAL(ca_init(second, &err), DR_OK);
    CU_ASSERT_EQUAL(ca_issue(first, &pki_alpha, &day, out, &err), DR_OK);
    pki_path(file, &pki, "of-first", "node.pem");
    CU_ASSERT_EQUAL(unlink(file), 0);
    pki_path(file, &pki, "of-first", "node.key");
    CU_ASSERT_EQUAL(unlink(file), 0);
    CU_ASSERT_EQUAL(ca_issue(second, &pki_alpha, &day, out, &err), DR_REFUSED);
    unit_says(err.text, "is of another CA");
    CU_ASSERT_EQUAL(ca_issue(first, &pki_alpha, &day, out, &err), DR_OK);
}

static void a_damaged_ca_is_named(void)
{
    struct dr_error err;
    char folder[PKI_PATH * 2], file[PKI_PATH * 2];
    pki_path(folder, &pki, "damaged", "");
    pki_path(file, &pki, "damaged", "ca.key");
    CU_ASSERT_EQUAL(ca_init(folder, &err), DR_OK);
    CU_ASSERT_EQUAL(truncate(file, 50), 0);
    CU_ASSERT_EQUAL(ca_issue(folder, &pki_alpha, &day, folder, &err), DR_CORRUPT);
    unit_says(err.text, "damaged");
}

static void no_node_outlives_its_ca(void)
{
    struct dr_error err;
    char ca[PKI_PATH * 2], out[PKI_PATH * 2];
    pki_path(ca, &pki, "ca", "");
    pki_path(out, &pki, "eternal", "");
    const struct ca_span span = {0, (int64_t)(CA_DAYS + 1) * CA_DAY_S};
    CU_ASSERT_EQUAL(ca_issue(ca, &pki_alpha, &span, out, &err), DR_INVALID);
    unit_says(err.text, "fewer days");
    CU_ASSERT_NOT_EQUAL(access(out, F_OK), 0);
}

static int run(const char *action, const char *one, const char *two, const char *option, const char *value)
{
    char *argv[] = {(char *)"ca",
                    (char *)(uintptr_t)action,
                    (char *)(uintptr_t)one,
                    (char *)(uintptr_t)two,
                    (char *)(uintptr_t)option,
                    (char *)(uintptr_t)value,
                    NULL};
    int argc = 1;
    while (argv[argc])
        argc++;
    return cmd_ca(argc, argv);
}

static void the_command_does_the_same(void)
{
    char folder[PKI_PATH * 2], out[PKI_PATH * 2];
    pki_path(folder, &pki, "cli", "");
    pki_path(out, &pki, "cli-node", "");
    CU_ASSERT_EQUAL(run("init", folder, NULL, NULL, NULL), 0);
    CU_ASSERT_EQUAL(run("init", folder, NULL, NULL, NULL), 1);
    CU_ASSERT_EQUAL(run("issue", folder, pki_beta.hex, "--out", out), 0);
    CU_ASSERT_EQUAL(run("issue", folder, pki_beta.hex, "--days", "7"), 0);
    X509 *week = certificate("cli", "BBBBBBBBBBBBBBBBBBBBBBBBBBBBBBBB/node.pem");
    CU_ASSERT_EQUAL(days_left(week), 7);
    X509_free(week);
    CU_ASSERT_EQUAL(run("issue", folder, "beta", NULL, NULL), 2);
    CU_ASSERT_EQUAL(run("issue", folder, pki_beta.hex, "--days", "0"), 2);
    CU_ASSERT_EQUAL(run("issue", folder, pki_beta.hex, "--days", "7x"), 2);
    CU_ASSERT_EQUAL(run("issue", folder, pki_beta.hex, "--days", NULL), 2);
    CU_ASSERT_EQUAL(run("issue", folder, pki_beta.hex, "--force", "yes"), 2);
    CU_ASSERT_EQUAL(run("revoke", folder, pki_beta.hex, NULL, NULL), 2);
    CU_ASSERT_EQUAL(run(NULL, NULL, NULL, NULL, NULL), 2);
}

int main(void)
{
    CU_TestInfo cases[] = {{"a CA signs and nothing else", a_ca_signs_and_nothing_else},
                           {"a node dials and listens", a_node_dials_and_listens},
                           {"nothing is overwritten", nothing_is_overwritten},
                           {"a lone key is not overwritten", a_lone_key_is_not_overwritten},
                           {"another CA's folder is refused", another_cas_folder_is_refused},
                           {"a damaged CA is named", a_damaged_ca_is_named},
                           {"no node outlives its CA", no_node_outlives_its_ca},
                           {"the command does the same", the_command_does_the_same},
                           CU_TEST_INFO_NULL};
    pki_make(&pki);
    int failed = unit_run("ca", cases);
    pki_remove(&pki);
    return failed;
}
