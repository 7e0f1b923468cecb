/* SPDX-License-Identifier: Apache-2.0
 * Who may do what: modes, owners, suid on write, umask, sticky and setgid folders. */
#include "tests/posix/posix.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

enum { USER = 4242, GROUP = 4343 };

static void try_everything(void)
{
    said("read 0600 of root", open("secret", O_RDONLY | O_CLOEXEC));
    said("write 0644 of root", open("shown", O_WRONLY | O_CLOEXEC));
    said("read 0644 of root", open("shown", O_RDONLY | O_CLOEXEC));
    said("access W", access("shown", W_OK));
    said("access R", access("shown", R_OK));
    said("list 0700", open("closed", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    said("through 0700", access("closed/in", F_OK));
    said("through 0711", access("passage/in", F_OK));
    said("list 0711", open("passage", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    said("create in 0755", open("passage/new", O_CREAT | O_WRONLY | O_CLOEXEC, 0644));
    said("chmod of another's", chmod("shown", 0666));
    said("chown", chown("mine", 0, 0));
    said("chmod of mine", chmod("mine", 0640));
    said("truncate another's", truncate("shown", 0));
    said("unlink in a folder of others", unlink("passage/in"));
}

static void permissions(void)
{
    make_file("secret", 5, 0600);
    make_file("shown", 5, 0644);
    make_file("mine", 5, 0644);
    must("chown", chown("mine", USER, GROUP));
    must("mkdir", mkdir("closed", 0700));
    must("mkdir", mkdir("passage", 0711));
    make_file("closed/in", 1, 0644);
    make_file("passage/in", 1, 0644);
    as_user(USER, GROUP, try_everything);
    say_stat("mine");
}

static void write_suid(void)
{
    int fd = must("open", open("suid", O_WRONLY | O_CLOEXEC));
    said("write", write(fd, "x", 1));
    close(fd);
    say_stat("suid");
    said("truncate", truncate("suid2", 3));
    say_stat("suid2");
    fd = must("open", open("suid3", O_WRONLY | O_TRUNC | O_CLOEXEC));
    close(fd);
    say_stat("suid3");
    fd = must("open", open("suid4", O_WRONLY | O_CLOEXEC));
    said("fallocate", fallocate(fd, 0, 0, 8192));
    close(fd);
    say_stat("suid4");
}

static void suid_on_write(void)
{
    static const char *const names[] = {"suid", "suid2", "suid3", "suid4"};
    for (int i = 0; i < 4; i++) {
        make_file(names[i], 10, 0666);
        must("chown", chown(names[i], 0, GROUP));
        must("chmod", chmod(names[i], 06777));
    }
    as_user(USER, GROUP, write_suid);
    make_file("root", 10, 0666);
    must("chmod", chmod("root", 06777));
    int fd = must("open", open("root", O_WRONLY | O_CLOEXEC));
    said("root writes", write(fd, "x", 1));
    close(fd);
    say_stat("root");
    said("chown clears", chown("root", USER, GROUP));
    say_stat("root");
}

static void create_as_user(void)
{
    umask(027);
    make_file("made", 1, 0644);
    said("mkdir", mkdir("folder", 0777));
    said("create", open("plain", O_CREAT | O_WRONLY | O_CLOEXEC, 0666));
    said("mkfifo", mkfifo("pipe", 0666));
    said("in the setgid folder", open("group/file", O_CREAT | O_WRONLY | O_CLOEXEC, 02666));
    said("folder in it", mkdir("group/folder", 0777));
}

static void owners(void)
{
    must("mkdir", mkdir("group", 0777));
    must("chown", chown("group", 0, 777));
    must("chmod", chmod("group", 02777));
    as_user(USER, GROUP, create_as_user);
    static const char *const names[] = {"made", "folder", "plain", "pipe", "group/file", "group/folder"};
    for (int i = 0; i < 6; i++)
        say_stat(names[i]);
}

static void in_sticky(void)
{
    said("unlink another's", unlink("sticky/roots"));
    said("rename another's", rename("sticky/roots", "sticky/x"));
    said("unlink mine", unlink("sticky/mine"));
}

static void sticky(void)
{
    must("mkdir", mkdir("sticky", 0777));
    must("chmod", chmod("sticky", 01777));
    make_file("sticky/roots", 1, 0666);
    make_file("sticky/mine", 1, 0666);
    must("chown", chown("sticky/mine", USER, GROUP));
    as_user(USER, GROUP, in_sticky);
}

static void modes(void)
{
    make_file("f", 1, 0644);
    for (mode_t mode = 0; mode <= 07777; mode += 0111) {
        must("chmod", chmod("f", mode));
        struct stat st;
        must("stat", stat("f", &st));
        if ((st.st_mode & 07777) != mode)
            say("chmod %o gives %o", mode, st.st_mode);
    }
    say_stat("f");
    said("owner only", chown("f", 5, (gid_t)-1));
    said("group only", chown("f", (uid_t)-1, 6));
    said("neither", chown("f", (uid_t)-1, (gid_t)-1));
    say_stat("f");
}

const struct posix_case cases_permissions[] = {{"permissions", permissions},
                                               {"suid_on_write", suid_on_write},
                                               {"owners", owners},
                                               {"sticky", sticky},
                                               {"modes", modes},
                                               {NULL, NULL}};
