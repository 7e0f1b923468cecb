/* SPDX-License-Identifier: Apache-2.0
 * A child that mounts lives as long as the authority, and no longer. Multiple-mount protection of ext4 makes it wait 11
 * s: the other view of the disk is mounted, as another host would have it. */
#include "agent/guarded_volume.h"
#include "platform/clock.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/mount.h>
#include <unistd.h>

/* Its own in each run: loop devices are the machine's. */
static char uuid[37];

static struct scratch scratch;
static struct authority authority;
static struct dr_error err;

/* `seen` is what the child finds; the other view is mounted and hidden from it. */
static bool set_up(void)
{
    char line[1024], image[128];
    snprintf(uuid, sizeof uuid, "5f0e1c2a-9b8d-4e7f-8a6b-%012d", (int)getpid());
    scratch = scratch_make();
    scratch_folder(&scratch, "mount");
    scratch_folder(&scratch, "other");
    snprintf(image, sizeof image, "%s", scratch_path(&scratch, "image"));
    snprintf(line, sizeof line,
             "set -e; truncate -s 32M %s; mkfs.ext4 -q -U %s -O mmp -E mmp_update_interval=1 %s;"
             "other=$(losetup -f --show %s); echo $other >%s.other; mount $other %s; mount --bind /dev/null $other;"
             "losetup -f --show %s >%s.seen",
             image, uuid, image, image, image, scratch_path(&scratch, "other"), image, image);
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 && system(line) == 0 &&
           authority_create(&authority, &err) == DR_OK;
}

static void tear_down(void)
{
    char line[512];
    snprintf(line, sizeof line,
             "cd %s && umount other && umount $(cat image.other) && losetup -d $(cat image.other image.seen)",
             scratch.root);
    if (system(line) != 0)
        fprintf(stderr, "test_guarded_volume: a loop device stays behind\n");
    authority_destroy(&authority);
    scratch_remove(&scratch);
}

static enum dr_code take(void)
{
    struct guarded_volume command = {
        .program = DR_BIN "/drnode",
        .notes = scratch_path(&scratch, "notes"),
        .volume = {.uuid = uuid, .mount = scratch_path(&scratch, "mount"), .options = "", .fsck = VOLUME_FSCK_OFF},
        .authority = &authority,
        .stop = -1};
    return guarded_volume_take(&command, &err);
}

static void test_dies_with_the_authority(void)
{
    msec began = clock_now();
    atomic_store(authority.end, began + 1500);
    CU_ASSERT_EQUAL(take(), DR_TIMEOUT);
    unit_says(err.text, "killed by its guard");
    CU_ASSERT_TRUE(clock_now() - began >= 1500);
    CU_ASSERT_TRUE(clock_now() - began < 9000); /* not the 11 s of the disk's own protection */
    atomic_store(authority.end, 0);
    CU_ASSERT_EQUAL(take(), DR_TIMEOUT);
    unit_says(err.text, "safe is past");
    CU_ASSERT_FALSE(volume_held(scratch_path(&scratch, "mount")));
}

static atomic_bool over;

static void *prolong(void *unused)
{
    (void)unused;
    while (!atomic_load(&over)) {
        atomic_store(authority.end, clock_now() + 5000);
        clock_sleep(100);
    }
    return NULL;
}

/* It outlives the end that it began with, and comes to what the disk says. */
static void test_lives_with_the_authority(void)
{
    pthread_t thread;
    atomic_store(authority.end, clock_now() + 5000);
    CU_ASSERT_EQUAL_FATAL(pthread_create(&thread, NULL, prolong, NULL), 0);
    msec began = clock_now();
    CU_ASSERT_EQUAL(take(), DR_REFUSED);
    unit_says(err.text, "multiple-mount protection");
    CU_ASSERT_TRUE(clock_now() - began > 5000);
    atomic_store(&over, true);
    pthread_join(thread, NULL);
    CU_ASSERT_FALSE(volume_held(scratch_path(&scratch, "mount")));
}

/* What hangs in the kernel outlives its SIGKILL, and whatever it had open with it. */
static void test_nothing_is_started_beside_one_that_hangs(void)
{
    int hangs = open(scratch_path(&scratch, "notes"), O_WRONLY | O_CREAT, 0600);
    CU_ASSERT_EQUAL_FATAL(flock(hangs, LOCK_EX), 0);
    atomic_store(authority.end, clock_now() + 20000);
    CU_ASSERT_EQUAL(take(), DR_BUSY);
    unit_says(err.text, "still hangs");
    close(hangs);
}

int main(void)
{
    if (!set_up()) {
        fprintf(stderr, "test_guarded_volume: cannot make a disk: run as root\n");
        return 1;
    }
    CU_TestInfo cases[] = {{"it dies with the authority", test_dies_with_the_authority},
                           {"one that hangs is left alone", test_nothing_is_started_beside_one_that_hangs},
                           {"it lives as long as that is prolonged", test_lives_with_the_authority},
                           CU_TEST_INFO_NULL};
    int status = unit_run("guarded_volume", cases);
    tear_down();
    return status;
}
