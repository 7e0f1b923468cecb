/* SPDX-License-Identifier: Apache-2.0
 * Shared disks, in a mount namespace of the test's own: one image file, two loop devices, so two hosts' view of one
 * disk. What one "host" must not see is covered with /dev/null. Covers B5.1.2-65, -66, -70, -71. */
#include "platform/clock.h"
#include "platform/linux/volume/ext.h"
#include "platform/volume.h"
#include "tests/unit/scratch.h"
#include "tests/unit/unit.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

/* Their own in each run: loop devices are the machine's. */
static char uuid[37], label[33], pv_uuid[40];
static struct scratch scratch;
static struct dr_error err;
static char said[2048];
static char disk[2][64]; /* the two views of the disk */

static int shell(const char *format, ...) __attribute__((format(printf, 1, 2)));

static int shell(const char *format, ...)
{
    char line[1024];
    va_list args;
    va_start(args, format);
    vsnprintf(line, sizeof line, format, args);
    va_end(args);
    return system(line);
}

/* Another view of the image. */
static void attach(unsigned view)
{
    char line[256];
    snprintf(line, sizeof line, "losetup -f --show %s", scratch_path(&scratch, "image"));
    FILE *out = popen(line, "r");
    CU_ASSERT_PTR_NOT_NULL_FATAL(out);
    CU_ASSERT_PTR_NOT_NULL_FATAL(fgets(disk[view], sizeof disk[view], out));
    CU_ASSERT_EQUAL_FATAL(pclose(out), 0);
    disk[view][strcspn(disk[view], "\n")] = '\0';
}

static void hide(unsigned view, bool hidden)
{
    int done = hidden ? mount("/dev/null", disk[view], NULL, MS_BIND, NULL) : umount(disk[view]);
    CU_ASSERT_EQUAL_FATAL(done, 0);
}

static void detach_all(void)
{
    for (unsigned i = 0; i < 2; i++)
        if (disk[i][0] != '\0') {
            shell("umount -q %s; true", disk[i]);
            shell("losetup -d %s", disk[i]);
            disk[i][0] = '\0';
        }
}

/* A fresh disk, as the first host sees it. */
static void begin(const char *features)
{
    scratch = scratch_make();
    scratch_folder(&scratch, "mount");
    scratch_folder(&scratch, "other");
    said[0] = '\0';
    CU_ASSERT_EQUAL_FATAL(shell("truncate -s 32M %s", scratch_path(&scratch, "image")), 0);
    CU_ASSERT_EQUAL_FATAL(shell("mkfs.ext4 -q -U %s %s %s", uuid, features, scratch_path(&scratch, "image")), 0);
    attach(0);
}

static void finish(void)
{
    shell("umount -q %s %s; true", scratch_path(&scratch, "mount"), scratch_path(&scratch, "other"));
    detach_all();
    scratch_remove(&scratch);
}

static struct volume volume(void)
{
    return (struct volume){
        .uuid = uuid, .mount = scratch_path(&scratch, "mount"), .options = "", .fsck = VOLUME_FSCK_AUTO};
}

static void say(const char *line)
{
    size_t used = strlen(said);
    snprintf(said + used, sizeof said - used, "%s\n", line);
}

static enum dr_code take(void)
{
    struct volume v = volume();
    return volume_take(&v, &err);
}

static enum dr_code release(msec patience)
{
    struct volume v = volume();
    return volume_release(&v, patience, say, &err);
}

static void test_there_and_back(void)
{
    begin("-q");
    CU_ASSERT_FALSE(volume_held(volume().mount));
    CU_ASSERT_EQUAL(release(0), DR_OK); /* not mounted: nothing to do */
    CU_ASSERT_EQUAL(take(), DR_OK);
    CU_ASSERT_TRUE(volume_held(volume().mount));
    CU_ASSERT_EQUAL(take(), DR_OK);
    scratch_write(&scratch, "mount/file", "kept");
    CU_ASSERT_EQUAL(release(0), DR_OK);
    CU_ASSERT_FALSE(volume_held(volume().mount));
    CU_ASSERT_PTR_NULL(scratch_read(&scratch, "mount/file"));
    CU_ASSERT_STRING_EQUAL(said, "");
    CU_ASSERT_EQUAL(take(), DR_OK);
    CU_ASSERT_STRING_EQUAL(scratch_read(&scratch, "mount/file"), "kept");
    CU_ASSERT_EQUAL(release(0), DR_OK);
    finish();
}

static void test_options(void)
{
    begin("-q");
    struct volume v = volume();
    v.options = "defaults,noatime,nosuid,nodev,errors=remount-ro,commit=7";
    CU_ASSERT_EQUAL(volume_take(&v, &err), DR_OK);
    CU_ASSERT_EQUAL(shell("grep -q ' %s .*nosuid,nodev,noatime.*commit=7' /proc/self/mountinfo", v.mount), 0);
    CU_ASSERT_EQUAL(release(0), DR_OK);
    v.options = "ro";
    CU_ASSERT_EQUAL(volume_take(&v, &err), DR_OK);
    CU_ASSERT_NOT_EQUAL(shell("touch %s/new 2>/dev/null", v.mount), 0);
    CU_ASSERT_EQUAL(release(0), DR_OK);
    v.options = "noatime,nosuchthing=1";
    CU_ASSERT_EQUAL(volume_take(&v, &err), DR_INVALID);
    unit_says(err.text, "nosuchthing");
    CU_ASSERT_FALSE(volume_held(v.mount));
    finish();
}

static void test_what_is_in_the_way_is_named(void)
{
    begin("-q");
    struct volume v = volume();
    v.uuid = "00000000-0000-0000-0000-000000000000";
    CU_ASSERT_EQUAL(volume_take(&v, &err), DR_NOT_FOUND);
    unit_says(err.text, "no disk of this host has this UUID");
    CU_ASSERT_EQUAL(volume_release(&v, 0, say, &err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(shell("mount %s %s", disk[0], v.mount), 0);
    CU_ASSERT_EQUAL(volume_release(&v, 0, say, &err), DR_OK);
    CU_ASSERT_TRUE(volume_held(v.mount)); /* another disk, a stranger's: it stays */
    CU_ASSERT_EQUAL_FATAL(umount(v.mount), 0);
    v = volume();
    v.mount = "/nosuchfolder";
    CU_ASSERT_EQUAL(volume_take(&v, &err), DR_NOT_FOUND);
    unit_says(err.text, "create it on both members");
    CU_ASSERT_EQUAL_FATAL(shell("mount -t tmpfs none %s", volume().mount), 0);
    CU_ASSERT_EQUAL(take(), DR_REFUSED);
    unit_says(err.text, "mounted at");
    CU_ASSERT_EQUAL(release(0), DR_OK); /* a stranger's, and no disk: it stays */
    CU_ASSERT_EQUAL(umount(volume().mount), 0);
    attach(1);
    CU_ASSERT_EQUAL(take(), DR_REFUSED);
    unit_says(err.text, "both have this UUID");
    finish();
}

/* Mounted by hand somewhere else, or in a mount namespace that this one does not see. */
static void test_in_use_on_this_host(void)
{
    begin("-q");
    CU_ASSERT_EQUAL_FATAL(shell("mount %s %s", disk[0], scratch_path(&scratch, "other")), 0);
    CU_ASSERT_EQUAL(take(), DR_BUSY);
    unit_says(err.text, "/other");
    CU_ASSERT_EQUAL(release(0), DR_BUSY); /* it is not given up as long as that is there */
    CU_ASSERT_EQUAL(umount(scratch_path(&scratch, "other")), 0);
    CU_ASSERT_EQUAL(take(), DR_OK);
    CU_ASSERT_EQUAL_FATAL(
        shell("unshare -m --propagation private sleep 60 & echo $! >%s; sleep 0.3", scratch_path(&scratch, "pid")), 0);
    CU_ASSERT_EQUAL(release(0), DR_BUSY);
    unit_says(err.text, "mounts of its own");
    CU_ASSERT_FALSE(volume_held(volume().mount));
    CU_ASSERT_EQUAL(shell("kill $(cat %s); sleep 0.3", scratch_path(&scratch, "pid")), 0);
    CU_ASSERT_EQUAL(release(0), DR_OK);
    finish();
}

/* A program with a file open there: one that ends when it is told to, one that does not. */
static pid_t start_user(bool stubborn)
{
    char path[256];
    snprintf(path, sizeof path, "%s/held", volume().mount);
    pid_t user = fork();
    if (user == 0) {
        if (stubborn)
            signal(SIGTERM, SIG_IGN);
        int fd = open(path, O_WRONLY | O_CREAT, 0600);
        for (;;)
            if (fd < 0 || pause() != 0)
                continue;
    }
    for (int i = 0; i < 500 && access(path, F_OK) != 0; i++)
        clock_sleep(10);
    clock_sleep(20);
    return user;
}

static void test_users_are_named_and_ended(void)
{
    char name[64];
    int status;
    for (int stubborn = 0; stubborn < 2; stubborn++) {
        begin("-q");
        CU_ASSERT_EQUAL_FATAL(take(), DR_OK);
        pid_t user = start_user(stubborn);
        CU_ASSERT_EQUAL(release(stubborn ? 300 : 20000), DR_OK);
        CU_ASSERT_FALSE(volume_held(volume().mount));
        snprintf(name, sizeof name, "test_volume (%d)", (int)user);
        CU_ASSERT_PTR_NOT_NULL(strstr(said, name));
        CU_ASSERT_EQUAL(waitpid(user, &status, 0), user);
        CU_ASSERT_EQUAL(WTERMSIG(status), stubborn ? SIGKILL : SIGTERM);
        CU_ASSERT_EQUAL(strstr(said, "killed") != NULL, stubborn);
        finish();
    }
}

/* What lsof cannot name nobody can end: the kernel's own use, here a swap file's place taken by a loop device. */
static void test_lazily_at_last_and_said(void)
{
    char inner[64] = "";
    begin("-q");
    CU_ASSERT_EQUAL_FATAL(take(), DR_OK);
    CU_ASSERT_EQUAL_FATAL(shell("truncate -s 1M %s/inner", volume().mount), 0);
    CU_ASSERT_EQUAL_FATAL(shell("losetup -f --show %s/inner >%s", volume().mount, scratch_path(&scratch, "loop")), 0);
    snprintf(inner, sizeof inner, "%s", scratch_read(&scratch, "loop"));
    CU_ASSERT_EQUAL(release(100), DR_BUSY);
    CU_ASSERT_PTR_NOT_NULL(strstr(said, "lazily"));
    CU_ASSERT_FALSE(volume_held(volume().mount));
    unit_says(err.text, "not given up");
    CU_ASSERT_EQUAL(take(), DR_BUSY);
    inner[strcspn(inner, "\n")] = '\0';
    CU_ASSERT_EQUAL(shell("losetup -d %s; sleep 0.2", inner), 0);
    CU_ASSERT_EQUAL(release(100), DR_OK);
    finish();
}

static void test_errors_are_mended_before(void)
{
    begin("-q");
    CU_ASSERT_EQUAL_FATAL(shell("debugfs -w -R 'ssv state 2' %s 2>/dev/null", disk[0]), 0);
    CU_ASSERT_EQUAL(take(), DR_OK);
    CU_ASSERT_EQUAL(release(0), DR_OK);
    CU_ASSERT_EQUAL(shell("dumpe2fs -h %s 2>/dev/null | grep -q 'state: *clean$'", disk[0]), 0);
    struct volume v = volume();
    v.fsck = VOLUME_FSCK_ALWAYS;
    CU_ASSERT_EQUAL(volume_take(&v, &err), DR_OK);
    CU_ASSERT_EQUAL(release(0), DR_OK);
    /* Beyond what -p mends: the root folder is no folder. */
    CU_ASSERT_EQUAL_FATAL(shell("debugfs -w -R 'sif <2> mode 0100644' %s 2>/dev/null", disk[0]), 0);
    CU_ASSERT_EQUAL(volume_take(&v, &err), DR_REFUSED);
    unit_says(err.text, "check it by hand");
    CU_ASSERT_FALSE(volume_held(v.mount));
    finish();
}

/* The kernel's own protection: the other "host" keeps it mounted. It takes 11 s. */
static void test_mounted_on_another_host(void)
{
    begin("-O mmp -E mmp_update_interval=1");
    attach(1);
    CU_ASSERT_EQUAL_FATAL(shell("mount %s %s", disk[0], scratch_path(&scratch, "other")), 0);
    hide(0, true);
    CU_ASSERT_EQUAL(take(), DR_REFUSED);
    unit_says(err.text, "multiple-mount protection");
    CU_ASSERT_FALSE(volume_held(volume().mount));
    CU_ASSERT_EQUAL(umount(scratch_path(&scratch, "other")), 0);
    CU_ASSERT_EQUAL(take(), DR_OK); /* given up properly: no waiting */
    CU_ASSERT_EQUAL(release(0), DR_OK);
    hide(0, false);
    finish();
}

/* LVM2's label with the checksum that belongs to it (lvm2: lib/format_text/layout.h, lib/misc/crc.c). */
static void write_label(void)
{
    uint8_t sector[512] = "LABELONE";
    uint32_t crc = 0xf597a6cf, offset = 32;
    uint64_t number = 1;
    memcpy(sector + 8, &number, 8);
    memcpy(sector + 20, &offset, 4);
    memcpy(sector + 24, "LVM2 001", 8);
    memcpy(sector + 32, label, 32);
    for (size_t i = 20; i < sizeof sector; i++) {
        crc ^= sector[i];
        for (int bit = 0; bit < 8; bit++)
            crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
    }
    memcpy(sector + 16, &crc, 4);
    int fd = open(disk[0], O_WRONLY);
    CU_ASSERT_EQUAL_FATAL(pwrite(fd, sector, sizeof sector, 512), (ssize_t)sizeof sector);
    close(fd);
}

static void test_lvm_is_refused(void)
{
    begin("-q");
    CU_ASSERT_EQUAL_FATAL(shell("wipefs -q -a %s", disk[0]), 0);
    write_label();
    struct volume v = volume();
    v.uuid = pv_uuid;
    CU_ASSERT_EQUAL(volume_take(&v, &err), DR_REFUSED);
    unit_says(err.text, "LVM, which is not supported");
    finish();
}

static void test_no_lsof(void)
{
    CU_ASSERT_EQUAL(volume_tools(&err), DR_OK);
    CU_ASSERT_EQUAL_FATAL(mount("/dev/null", "/usr/bin/lsof", NULL, MS_BIND, NULL), 0);
    CU_ASSERT_EQUAL(volume_tools(&err), DR_NOT_FOUND);
    unit_says(err.text, "error 2143: lsof is missing");
    CU_ASSERT_EQUAL(umount("/usr/bin/lsof"), 0);
}

static bool set_up(void)
{
    snprintf(uuid, sizeof uuid, "5f0e1c2a-9b8d-4e7f-8a6c-%012d", (int)getpid());
    snprintf(label, sizeof label, "%032d", (int)getpid());
    snprintf(pv_uuid, sizeof pv_uuid, "%.6s-%.4s-%.4s-%.4s-%.4s-%.4s-%.6s", label, label + 6, label + 10, label + 14,
             label + 18, label + 22, label + 26);
    return unshare(CLONE_NEWNS) == 0 && mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0;
}

int main(void)
{
    if (!set_up()) {
        fprintf(stderr, "test_volume: cannot make a mount namespace: run as root\n");
        return 1;
    }
    CU_TestInfo cases[] = {{"mounted and unmounted (B5.1.2-65)", test_there_and_back},
                           {"mount options", test_options},
                           {"what is in the way is named", test_what_is_in_the_way_is_named},
                           {"in use on this host", test_in_use_on_this_host},
                           {"users are named and ended (B5.1.2-70)", test_users_are_named_and_ended},
                           {"lazily at last, and said (B5.1.2-70)", test_lazily_at_last_and_said},
                           {"errors are mended before", test_errors_are_mended_before},
                           {"mounted on another host", test_mounted_on_another_host},
                           {"LVM is refused (B5.1.2-71)", test_lvm_is_refused},
                           {"lsof is missing: 2143 (B5.1.2-66)", test_no_lsof},
                           CU_TEST_INFO_NULL};
    return unit_run("volume", cases);
}
