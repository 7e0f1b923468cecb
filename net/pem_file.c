/* SPDX-License-Identifier: Apache-2.0 */
#include "net/pem_file.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/pem.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum dr_code pem_file_write(const char *path, X509 *certificate, EVP_PKEY *key, struct dr_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, key ? 0600 : 0644);
    FILE *file = fd >= 0 ? fdopen(fd, "w") : NULL;
    if (!file) {
        if (fd >= 0)
            close(fd);
        return dr_fail(err, errno == EEXIST ? DR_REFUSED : DR_IO, "cannot make %s: %s", path, strerror(errno));
    }
    bool written = key ? PEM_write_PKCS8PrivateKey(file, key, NULL, NULL, 0, NULL, NULL) == 1
                       : PEM_write_X509(file, certificate) == 1;
    written = written && fflush(file) == 0 && fsync(fd) == 0;
    int saved_errno = errno;
    if (fclose(file) == 0 && written)
        return DR_OK;
    unlink(path);
    return dr_fail(err, DR_IO, "cannot write %s: %s: free some space there", path, strerror(saved_errno));
}
