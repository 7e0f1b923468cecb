/* SPDX-License-Identifier: Apache-2.0 */
#include "console/auth/access_key.h"

#include "console/auth/random.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";
#define LETTERS (sizeof letters - 1)

static enum dr_code make_master(char master[ACCESS_KEY_MASTER_SIZE], const char *file, struct dr_error *err)
{
    int fd =
        random_hex(master, ACCESS_KEY_MASTER_SIZE) ? open(file, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600) : -1;
    bool written =
        fd >= 0 && write(fd, master, ACCESS_KEY_MASTER_SIZE - 1) == ACCESS_KEY_MASTER_SIZE - 1 && fsync(fd) == 0;
    int why = errno;
    if (fd >= 0 && close(fd) == 0 && written)
        return DR_OK;
    return dr_fail(err, DR_IO, "cannot make %s: %s: free some space there, or remove what is half there", file,
                   strerror(why));
}

enum dr_code access_key_master(char master[ACCESS_KEY_MASTER_SIZE], const char *file, struct dr_error *err)
{
    int fd = open(file, O_RDONLY | O_CLOEXEC);
    if (fd < 0 && errno == ENOENT)
        return make_master(master, file, err);
    ssize_t size = fd >= 0 ? read(fd, master, ACCESS_KEY_MASTER_SIZE - 1) : -1;
    int why = errno;
    if (fd >= 0)
        close(fd);
    if (size < 0)
        return dr_fail(err, DR_IO, "cannot read %s: %s", file, strerror(why));
    if (size != ACCESS_KEY_MASTER_SIZE - 1)
        return dr_fail(err, DR_CORRUPT, "%s is cut off: put the right one there; a new one would void all access keys",
                       file);
    master[size] = '\0';
    return DR_OK;
}

bool access_key_secret(char secret[ACCESS_KEY_SECRET_SIZE], const char *master, const char *name)
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    unsigned length = 0;
    if (HMAC(EVP_sha512(), master, (int)strlen(master), (const unsigned char *)name, strlen(name), sum, &length) ==
        NULL)
        return false;
    for (unsigned i = 0; i + 1 < ACCESS_KEY_SECRET_SIZE; i++)
        secret[i] = letters[sum[i] % LETTERS];
    secret[ACCESS_KEY_SECRET_SIZE - 1] = '\0';
    return true;
}

enum dr_code access_key_find(struct store *store, struct request_user *user, const char *name, struct dr_error *err)
{
    const char *value[] = {name};
    struct store_rows rows;
    enum dr_code code = store_select(store, &rows,
                                     "SELECT account.id, account.name, account.role FROM access_key, account"
                                     " WHERE account.id = access_key.account AND account.active = 1"
                                     " AND access_key.active = 1 AND access_key.name = %s",
                                     value, 1, err);
    if (code == DR_OK && rows.rows == 0)
        code = dr_fail(err, DR_NOT_FOUND, "no such access key");
    if (code == DR_OK) {
        *user = (struct request_user){.id = store_number(&rows, 0, 0)};
        snprintf(user->name, sizeof user->name, "%s", store_cell(&rows, 0, 1));
        snprintf(user->role, sizeof user->role, "%s", store_cell(&rows, 0, 2));
    }
    store_rows_free(&rows);
    return code;
}
