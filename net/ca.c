/* SPDX-License-Identifier: Apache-2.0 */
#include "net/ca.h"

#include "net/ca_sign.h"
#include "net/pem_file.h"
#include "net/tls_session.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static enum dr_code path_of(char path[PATH_MAX], const char *folder, const char *file, struct dr_error *err)
{
    if (snprintf(path, PATH_MAX, "%s/%s", folder, file) < PATH_MAX)
        return DR_OK;
    return dr_fail(err, DR_INVALID, "the name of folder %s is too long", folder);
}

static enum dr_code make_folder(const char *folder, struct dr_error *err)
{
    if (mkdir(folder, 0700) == 0 || errno == EEXIST)
        return DR_OK;
    return dr_fail(err, DR_IO, "cannot make the folder %s: %s", folder, strerror(errno));
}

static enum dr_code must_be_new(const char *path, struct dr_error *err)
{
    if (access(path, F_OK) != 0)
        return DR_OK;
    return dr_fail(err, DR_REFUSED, "%s exists and is not overwritten: move it away, or name another folder", path);
}

enum dr_code ca_init(const char *folder, struct dr_error *err)
{
    char cert_file[PATH_MAX], key_file[PATH_MAX];
    const struct ca_span span = {-CA_CLOCK_SLACK_S, (int64_t)CA_DAYS * CA_DAY_S};
    struct ca_pair ca;
    if (path_of(cert_file, folder, "ca.pem", err) != DR_OK || path_of(key_file, folder, "ca.key", err) != DR_OK ||
        make_folder(folder, err) != DR_OK || must_be_new(cert_file, err) != DR_OK ||
        must_be_new(key_file, err) != DR_OK || ca_pair_make(&ca, NULL, NULL, &span, err) != DR_OK)
        return err->code;
    enum dr_code code = pem_file_write(key_file, NULL, ca.key, err);
    if (code == DR_OK && (code = pem_file_write(cert_file, ca.certificate, NULL, err)) != DR_OK)
        unlink(key_file);
    ca_pair_free(&ca);
    return code;
}

static enum dr_code open_ca_file(FILE **file, const char *path, struct dr_error *err)
{
    *file = fopen(path, "re");
    if (*file)
        return DR_OK;
    return dr_fail(err, errno == ENOENT ? DR_NOT_FOUND : DR_IO, "cannot read %s: %s: make a CA with 'drctl ca init'",
                   path, strerror(errno));
}

static enum dr_code load(struct ca_pair *ca, const char *folder, struct dr_error *err)
{
    char cert_file[PATH_MAX], key_file[PATH_MAX];
    FILE *file;
    *ca = (struct ca_pair){NULL, NULL};
    ERR_clear_error();
    if (path_of(cert_file, folder, "ca.pem", err) != DR_OK || path_of(key_file, folder, "ca.key", err) != DR_OK ||
        open_ca_file(&file, cert_file, err) != DR_OK)
        return err->code;
    ca->certificate = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    if (open_ca_file(&file, key_file, err) == DR_OK) {
        ca->key = PEM_read_PrivateKey(file, NULL, NULL, NULL);
        fclose(file);
        if (ca->certificate && ca->key && X509_check_private_key(ca->certificate, ca->key) == 1)
            return DR_OK;
        dr_fail(err, DR_CORRUPT, "%s and %s are not a CA's certificate and key (%s): take them from a backup",
                cert_file, key_file, tls_words());
    }
    ca_pair_free(ca);
    return err->code;
}

static enum dr_code outlived(const struct ca_pair *ca, const struct ca_span *span, const char *folder,
                             struct dr_error *err)
{
    time_t until = time(NULL) + span->until_s;
    if (X509_cmp_time(X509_get0_notAfter(ca->certificate), &until) > 0)
        return DR_OK;
    return dr_fail(err, DR_INVALID, "the CA of %s ends before the certificate would: ask for fewer days", folder);
}

/* ca.pem may be there already if it is this CA's. */
static enum dr_code write_ca(const char *path, const struct ca_pair *ca, struct dr_error *err)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return pem_file_write(path, ca->certificate, NULL, err);
    X509 *there = PEM_read_X509(file, NULL, NULL, NULL);
    fclose(file);
    bool same = there && X509_cmp(there, ca->certificate) == 0;
    X509_free(there);
    return same ? DR_OK : dr_fail(err, DR_REFUSED, "%s is of another CA: name another folder", path);
}

static enum dr_code write_node(const struct ca_pair *ca, const struct ca_pair *node, const char *out,
                               struct dr_error *err)
{
    char ca_file[PATH_MAX], cert_file[PATH_MAX], key_file[PATH_MAX];
    if (path_of(ca_file, out, "ca.pem", err) != DR_OK || path_of(cert_file, out, "node.pem", err) != DR_OK ||
        path_of(key_file, out, "node.key", err) != DR_OK || make_folder(out, err) != DR_OK ||
        must_be_new(cert_file, err) != DR_OK || must_be_new(key_file, err) != DR_OK ||
        write_ca(ca_file, ca, err) != DR_OK || pem_file_write(key_file, NULL, node->key, err) != DR_OK)
        return err->code;
    if (pem_file_write(cert_file, node->certificate, NULL, err) == DR_OK)
        return DR_OK;
    unlink(key_file);
    return err->code;
}

enum dr_code ca_issue(const char *folder, const struct dr_id *node, const struct ca_span *span, const char *out,
                      struct dr_error *err)
{
    struct ca_pair ca, made;
    if (load(&ca, folder, err) != DR_OK)
        return err->code;
    enum dr_code code = outlived(&ca, span, folder, err);
    if (code == DR_OK)
        code = ca_pair_make(&made, &ca, node, span, err);
    if (code == DR_OK) {
        code = write_node(&ca, &made, out, err);
        ca_pair_free(&made);
    }
    ca_pair_free(&ca);
    return code;
}
