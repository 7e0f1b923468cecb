/* SPDX-License-Identifier: Apache-2.0 */
#include "console/backup/archive_file.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static EVP_MD_CTX *new_sum(void)
{
    EVP_MD_CTX *sum = EVP_MD_CTX_new();
    if (sum != NULL && EVP_DigestInit_ex(sum, EVP_sha256(), NULL) == 1)
        return sum;
    EVP_MD_CTX_free(sum);
    return NULL;
}

enum dr_code archive_file_create(struct archive_file *file, const char *path, struct dr_error *err)
{
    *file = (struct archive_file){.fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600)};
    if (file->fd < 0)
        return dr_fail(err, errno == EEXIST ? DR_REFUSED : DR_IO, "cannot make %s: %s", path, strerror(errno));
    file->sum = new_sum();
    if (file->sum != NULL)
        return DR_OK;
    archive_file_close(file);
    unlink(path);
    return dr_fail(err, DR_FULL, "no memory for a backup");
}

static bool write_all(int fd, const void *bytes, size_t size)
{
    const char *at = bytes;
    while (size > 0) {
        ssize_t n = write(fd, at, size);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return false;
        at += n;
        size -= (size_t)n;
    }
    return true;
}

bool archive_file_write(struct archive_file *file, const void *bytes, size_t size)
{
    return EVP_DigestUpdate(file->sum, bytes, size) == 1 && write_all(file->fd, bytes, size);
}

bool archive_file_seal(struct archive_file *file)
{
    unsigned char sum[EVP_MAX_MD_SIZE];
    return EVP_DigestFinal_ex(file->sum, sum, NULL) == 1 && write_all(file->fd, sum, ARCHIVE_SUM_SIZE) &&
           fsync(file->fd) == 0;
}

void archive_file_close(struct archive_file *file)
{
    EVP_MD_CTX_free(file->sum);
    close(file->fd);
}

static bool sum_of(unsigned char made[EVP_MAX_MD_SIZE], int fd, uint64_t left)
{
    char bytes[65536];
    EVP_MD_CTX *sum = new_sum();
    bool read_all = sum != NULL;
    while (read_all && left > 0) {
        ssize_t n = read(fd, bytes, left < sizeof bytes ? (size_t)left : sizeof bytes);
        read_all = n > 0 && EVP_DigestUpdate(sum, bytes, (size_t)n) == 1;
        left -= n > 0 ? (uint64_t)n : 0;
    }
    read_all = read_all && EVP_DigestFinal_ex(sum, made, NULL) == 1;
    EVP_MD_CTX_free(sum);
    return read_all;
}

enum dr_code archive_file_open(int *made, uint64_t *size, const char *path, struct dr_error *err)
{
    unsigned char own[EVP_MAX_MD_SIZE], there[ARCHIVE_SUM_SIZE];
    struct stat st;
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return dr_fail(err, DR_IO, "cannot read %s: %s", path, strerror(errno));
    bool fits = fstat(fd, &st) == 0 && st.st_size >= ARCHIVE_SUM_SIZE;
    *size = fits ? (uint64_t)st.st_size - ARCHIVE_SUM_SIZE : 0;
    fits = fits && sum_of(own, fd, *size) && read(fd, there, sizeof there) == (ssize_t)sizeof there &&
           memcmp(own, there, sizeof there) == 0 && lseek(fd, 0, SEEK_SET) == 0;
    if (fits) {
        *made = fd;
        return DR_OK;
    }
    close(fd);
    return dr_fail(err, DR_CORRUPT, "%s is no backup, is cut off, or was changed: take another", path);
}
