/* SPDX-License-Identifier: Apache-2.0
 * tests/posix/posix.h - semantics as an application sees them. Each case works in its own empty folder and says what it
 * observes; the runner compares what was said on the bare folder with what was said on the protected one. */
#ifndef DR_TESTS_POSIX_H
#define DR_TESTS_POSIX_H

#include <sys/stat.h>
#include <sys/types.h>

struct posix_case {
    const char *name;
    void (*run)(void); /* current folder: empty, its own, mode 0777 */
};

/* One observation, printed as a line. */
void say(const char *format, ...) __attribute__((format(printf, 1, 2)));
/* "what: ok" or "what: ENOENT". `result` < 0 means that errno counts. Returns result. */
int said(const char *what, long result);
/* Type, mode, links, owner and (regular files) size of a name. */
void say_stat(const char *name);
/* Contents as length and a checksum. */
void say_contents(const char *name);

/* A file with `size` bytes of a pattern; ends the program if it cannot be made (that is no observation). */
void make_file(const char *name, size_t size, mode_t mode);
int must(const char *what, long result);

/* Runs `body` in a child as uid and gid without capabilities, and waits for it. */
void as_user(uid_t uid, gid_t gid, void (*body)(void));
/* The same as the present user. */
void in_child(void (*body)(void));

extern const struct posix_case cases_names[], cases_permissions[], cases_data[], cases_times[], cases_folders[],
    cases_locks[], cases_attributes[];

#endif
