/* SPDX-License-Identifier: Apache-2.0 */
#include "platform/file_handle.h"
#include "tests/unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* Both kinds of file system that a developer's host surely has: the disk's, and tmpfs. */
static const char *const bases[] = {"/var/tmp", "/dev/shm"};
#define BASES (sizeof bases / sizeof *bases)

static int folder_make(unsigned base, char *path, size_t size)
{
    snprintf(path, size, "%s/drhandle-XXXXXX", bases[base]);
    CU_ASSERT_PTR_NOT_NULL_FATAL(mkdtemp(path));
    int dir = open(path, O_RDONLY | O_DIRECTORY);
    CU_ASSERT_FATAL(dir >= 0);
    int fd = openat(dir, "f", O_WRONLY | O_CREAT, 0600);
    CU_ASSERT_EQUAL(write(fd, "text", 4), 4);
    close(fd);
    return dir;
}

static void folder_drop(int dir, const char *path)
{
    unlinkat(dir, "f", 0);
    close(dir);
    CU_ASSERT_EQUAL(rmdir(path), 0);
}

static void handle_survives_rename(void)
{
    for (unsigned b = 0; b < BASES; b++) {
        char path[64], text[4];
        int dir = folder_make(b, path, sizeof path), fd;
        struct dr_file_handle handle;
        struct dr_error err;
        CU_ASSERT_EQUAL_FATAL(file_handle_at(dir, "f", &handle, &err), DR_OK);
        CU_ASSERT_EQUAL(renameat(dir, "f", dir, "g"), 0);
        CU_ASSERT_EQUAL_FATAL(file_handle_open(dir, &handle, O_RDONLY, &fd, &err), DR_OK);
        CU_ASSERT_EQUAL(read(fd, text, 4), 4);
        CU_ASSERT_EQUAL(memcmp(text, "text", 4), 0);
        close(fd);
        CU_ASSERT_EQUAL(unlinkat(dir, "g", 0), 0);
        CU_ASSERT_EQUAL(file_handle_open(dir, &handle, O_RDONLY, &fd, &err), DR_NOT_FOUND);
        folder_drop(dir, path);
    }
}

static void id_is_the_inode_number_and_leads_back(void)
{
    for (unsigned b = 0; b < BASES; b++) {
        char path[64];
        int dir = folder_make(b, path, sizeof path);
        struct dr_file_handle handle, root, back;
        struct dr_error err;
        struct stat st;
        CU_ASSERT_EQUAL_FATAL(file_handle_at(dir, "f", &handle, &err), DR_OK);
        CU_ASSERT_EQUAL_FATAL(file_handle_at(dir, "", &root, &err), DR_OK);
        CU_ASSERT_EQUAL(fstatat(dir, "f", &st, 0), 0);
        struct file_id id = file_handle_id(&handle);
        CU_ASSERT_EQUAL(id.ino, st.st_ino);
        CU_ASSERT_EQUAL(id.birth, BIRTH_LOCAL);
        CU_ASSERT_EQUAL(file_handle_of_id(&id, &root, &back, &err), DR_OK);
        CU_ASSERT_EQUAL(memcmp(&handle, &back, sizeof back), 0);
        folder_drop(dir, path);
    }
}

static void inode_used_again_has_another_id(void)
{
    char path[64];
    int dir = folder_make(0, path, sizeof path);
    struct dr_file_handle first, second;
    struct dr_error err;
    CU_ASSERT_EQUAL_FATAL(file_handle_at(dir, "f", &first, &err), DR_OK);
    unlinkat(dir, "f", 0);
    close(openat(dir, "f", O_WRONLY | O_CREAT, 0600));
    CU_ASSERT_EQUAL_FATAL(file_handle_at(dir, "f", &second, &err), DR_OK);
    struct file_id a = file_handle_id(&first), b = file_handle_id(&second);
    CU_ASSERT_FALSE(file_id_equal(&a, &b));
    folder_drop(dir, path);
}

static void links_are_not_followed_and_absence_is_told(void)
{
    char path[64];
    int dir = folder_make(0, path, sizeof path);
    struct dr_file_handle file, link;
    struct dr_error err;
    CU_ASSERT_EQUAL(symlinkat("f", dir, "l"), 0);
    CU_ASSERT_EQUAL(file_handle_at(dir, "f", &file, &err), DR_OK);
    CU_ASSERT_EQUAL(file_handle_at(dir, "l", &link, &err), DR_OK);
    CU_ASSERT_NOT_EQUAL(memcmp(&file, &link, sizeof link), 0);
    CU_ASSERT_EQUAL(file_handle_at(dir, "nothing", &link, &err), DR_NOT_FOUND);
    unlinkat(dir, "l", 0);
    folder_drop(dir, path);
}

static void unknown_systems_get_a_stable_id_but_no_way_back(void)
{
    struct dr_file_handle odd = {.type = 0xf8, .size = 4, .bytes = {1, 2, 3, 4}}, other = odd, back;
    struct dr_error err;
    other.bytes[3] = 5;
    struct file_id a = file_handle_id(&odd), again = file_handle_id(&odd), b = file_handle_id(&other);
    CU_ASSERT_TRUE(file_id_equal(&a, &again));
    CU_ASSERT_FALSE(file_id_equal(&a, &b));
    CU_ASSERT_EQUAL(file_handle_of_id(&a, &odd, &back, &err), DR_INVALID);
}

struct churn {
    int dir;
    atomic_bool stop;
};

/* Takes the number of the file that was removed last, again and again. */
static void *churn_run(void *baton)
{
    struct churn *churn = baton;
    while (!atomic_load(&churn->stop)) {
        close(openat(churn->dir, "f", O_WRONLY | O_CREAT, 0600));
        unlinkat(churn->dir, "f", 0);
    }
    return NULL;
}

/* A mirror ended with "cannot allocate memory" when its reader looked for a file in the moment that another one got its
 * number. */
static void a_number_that_is_given_away_just_now_is_gone(void)
{
    char path[64];
    struct churn churn = {.dir = folder_make(0, path, sizeof path)};
    struct dr_file_handle handle;
    struct dr_error err;
    pthread_t thread;
    int fd;
    CU_ASSERT_EQUAL_FATAL(file_handle_at(churn.dir, "f", &handle, &err), DR_OK);
    unlinkat(churn.dir, "f", 0);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, churn_run, &churn), 0);
    unsigned other = 0;
    for (unsigned i = 0; i < 300000; i++) /* some hundred of them meet that moment */
        other += file_handle_open(churn.dir, &handle, O_RDONLY, &fd, &err) != DR_NOT_FOUND;
    atomic_store(&churn.stop, true);
    pthread_join(thread, NULL);
    CU_ASSERT_EQUAL(other, 0);
    folder_drop(churn.dir, path);
}

int main(void)
{
    CU_TestInfo cases[] = {
        {"a handle survives a rename and notices an unlink", handle_survives_rename},
        {"an id is the inode number and leads back to the handle", id_is_the_inode_number_and_leads_back},
        {"an inode that is used again has another id", inode_used_again_has_another_id},
        {"a number that is given away just now is gone", a_number_that_is_given_away_just_now_is_gone},
        {"links are not followed, absence is told", links_are_not_followed_and_absence_is_told},
        {"unknown systems get a stable id but no way back", unknown_systems_get_a_stable_id_but_no_way_back},
        CU_TEST_INFO_NULL};
    return unit_run("file_handle", cases);
}
