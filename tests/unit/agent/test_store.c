/* SPDX-License-Identifier: Apache-2.0
 * The system calls that store.c makes are replaced here, so that the 1st, 2nd, 3rd ... of them can fail. */
#include "agent/store.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static struct dr_error err;
static unsigned calls, fail_at; /* fail_at: which call fails, 0 = none */

static bool fails(void)
{
    if (++calls != fail_at)
        return false;
    errno = ENOSPC;
    return true;
}

/* Half of the bytes get through before the disk is full. */
ssize_t write(int fd, const void *bytes, size_t size)
{
    if (fd <= STDERR_FILENO)
        return syscall(SYS_write, fd, bytes, size);
    if (!fails())
        return syscall(SYS_write, fd, bytes, size);
    if (size > 1 && syscall(SYS_write, fd, bytes, size / 2) < 0)
        return -1;
    errno = ENOSPC;
    return -1;
}

int fdatasync(int fd)
{
    return fails() ? -1 : (int)syscall(SYS_fdatasync, fd);
}

int fsync(int fd)
{
    return fails() ? -1 : (int)syscall(SYS_fsync, fd);
}

int rename(const char *from, const char *to)
{
    return fails() ? -1 : (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

static bool reads(const char *file, const char *expected)
{
    char bytes[64];
    size_t size = 0;
    return store_read(file, bytes, sizeof bytes, &size, &err) == DR_OK && size == strlen(expected) &&
           memcmp(bytes, expected, size) == 0;
}

static void what_was_written_is_read(void)
{
    struct scratch s = scratch_make();
    const char *file = scratch_path(&s, "ha");
    char bytes[64];
    size_t size;
    fail_at = 0;
    CU_ASSERT_EQUAL(store_read(file, bytes, sizeof bytes, &size, &err), DR_NOT_FOUND);
    CU_ASSERT_EQUAL(store_write(file, "one", 3, &err), DR_OK);
    CU_ASSERT_TRUE(reads(file, "one"));
    CU_ASSERT_EQUAL(store_write(file, "", 0, &err), DR_OK);
    CU_ASSERT_TRUE(reads(file, ""));
    struct stat st;
    CU_ASSERT_EQUAL(stat(file, &st), 0);
    CU_ASSERT_EQUAL(st.st_mode & 0777, 0600);
    scratch_remove(&s);
}

/* Whichever call fails: the old record or the new one, whole, and never a word of success for what is not there. */
static void a_failing_disk_leaves_old_or_new(void)
{
    struct scratch s = scratch_make();
    const char *file = scratch_path(&s, "ha");
    unsigned faults = 0;
    for (unsigned n = 1;; n++) {
        fail_at = 0;
        CU_ASSERT_EQUAL_FATAL(store_write(file, "old", 3, &err), DR_OK);
        calls = 0;
        fail_at = n;
        enum dr_code code = store_write(file, "newer", 5, &err);
        bool fired = calls >= n;
        fail_at = 0;
        if (!fired) {
            CU_ASSERT_EQUAL(code, DR_OK);
            CU_ASSERT_TRUE(reads(file, "newer"));
            break;
        }
        faults++;
        CU_ASSERT_EQUAL(code, DR_IO);
        CU_ASSERT_PTR_NOT_NULL(strstr(err.text, "No space left on device"));
        CU_ASSERT_TRUE(reads(file, "old") || reads(file, "newer"));
    }
    CU_ASSERT_EQUAL(faults, 5); /* two writes, fdatasync, rename, fsync of the folder */
    scratch_remove(&s);
}

static void every_flipped_bit_is_seen(void)
{
    struct scratch s = scratch_make();
    char file[512], message[700];
    snprintf(file, sizeof file, "%s", scratch_path(&s, "ha"));
    fail_at = 0;
    CU_ASSERT_EQUAL(store_write(file, "promise", 7, &err), DR_OK);
    snprintf(message, sizeof message, "%s: damaged: ", file);
    int fd = open(file, O_RDWR);
    struct stat st;
    CU_ASSERT_EQUAL_FATAL(fstat(fd, &st), 0);
    for (off_t at = 0; at < st.st_size; at++)
        for (unsigned bit = 0; bit < 8; bit++) {
            uint8_t byte, flipped;
            CU_ASSERT_EQUAL(pread(fd, &byte, 1, at), 1);
            flipped = byte ^ (uint8_t)(1u << bit);
            CU_ASSERT_EQUAL(pwrite(fd, &flipped, 1, at), 1);
            char bytes[64];
            size_t size;
            CU_ASSERT_EQUAL(store_read(file, bytes, sizeof bytes, &size, &err), DR_CORRUPT);
            CU_ASSERT_EQUAL(strncmp(err.text, message, strlen(message)), 0);
            CU_ASSERT_EQUAL(pwrite(fd, &byte, 1, at), 1);
        }
    CU_ASSERT_TRUE(reads(file, "promise"));
    close(fd);
    scratch_remove(&s);
}

static void every_other_length_is_seen(void)
{
    struct scratch s = scratch_make();
    char file[512], bytes[64];
    size_t size;
    snprintf(file, sizeof file, "%s", scratch_path(&s, "ha"));
    fail_at = 0;
    for (off_t length = 0; length < 40; length++) {
        CU_ASSERT_EQUAL(store_write(file, "promise", 7, &err), DR_OK);
        CU_ASSERT_EQUAL(truncate(file, length), 0);
        enum dr_code expected = length == 16 + 7 ? DR_OK : DR_CORRUPT;
        CU_ASSERT_EQUAL(store_read(file, bytes, sizeof bytes, &size, &err), expected);
    }
    CU_ASSERT_EQUAL(store_write(file, "promise", 7, &err), DR_OK);
    CU_ASSERT_EQUAL(store_read(file, bytes, 6, &size, &err), DR_CORRUPT);
    scratch_remove(&s);
}

static void a_missing_folder_is_named(void)
{
    struct scratch s = scratch_make();
    char message[600];
    fail_at = 0;
    snprintf(message, sizeof message, "cannot create %s/no/ha.new: No such file or directory", s.root);
    CU_ASSERT_EQUAL(store_write(scratch_path(&s, "no/ha"), "x", 1, &err), DR_IO);
    CU_ASSERT_STRING_EQUAL(err.text, message);
    scratch_remove(&s);
}

int main(void)
{
    CU_TestInfo cases[] = {{"what was written is read", what_was_written_is_read},
                           {"a failing disk leaves old or new", a_failing_disk_leaves_old_or_new},
                           {"every flipped bit is seen", every_flipped_bit_is_seen},
                           {"every other length is seen", every_other_length_is_seen},
                           {"a missing folder is named", a_missing_folder_is_named},
                           CU_TEST_INFO_NULL};
    return unit_run("store", cases);
}
