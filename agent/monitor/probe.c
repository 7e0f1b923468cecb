/* SPDX-License-Identifier: Apache-2.0 */
#include "agent/monitor/probe.h"
#include "platform/load.h"
#include "platform/process.h"
#include "platform/service.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static const char *const result_words[] = {
    [MONITOR_UNCLEAR] = "unclear", [MONITOR_GOOD] = "good", [MONITOR_BAD] = "bad"};
#define RESULT_WORDS (sizeof result_words / sizeof *result_words)

static void say(enum monitor_result result, const char *text)
{
    printf("%s %s\n", result_words[result], text);
}

static int say_unclear(unsigned count, const char *text)
{
    for (unsigned i = 0; i < count; i++)
        say(MONITOR_UNCLEAR, text);
    return EXIT_SUCCESS;
}

/* ---- processes ---- */

struct wanted {
    char **name;
    unsigned count;
    unsigned *found;
};

static void look(void *baton, const char *cmdline, size_t size)
{
    struct wanted *w = baton;
    for (unsigned i = 0; i < w->count; i++)
        w->found[i] += monitor_means_process(w->name[i], cmdline, size);
}

static int probe_names(char **name, unsigned count)
{
    struct dr_error err;
    struct wanted w = {.name = name, .count = count, .found = calloc(count, sizeof(unsigned))};
    if (w.found == NULL || process_each(look, &w, &err) != DR_OK) {
        free(w.found);
        return say_unclear(count, "the processes of this host cannot be listed");
    }
    for (unsigned i = 0; i < count; i++) {
        char text[64];
        snprintf(text, sizeof text, "%u %s", w.found[i], w.found[i] == 1 ? "process" : "processes");
        say(w.found[i] ? MONITOR_GOOD : MONITOR_BAD, w.found[i] ? text : "no such process");
    }
    free(w.found);
    return EXIT_SUCCESS;
}

static void say_pid(int64_t pid)
{
    char text[64];
    bool lives = process_lives(pid);
    snprintf(text, sizeof text, "%s %lld", lives ? "process" : "no process", (long long)pid);
    say(lives ? MONITOR_GOOD : MONITOR_BAD, text);
}

/* Its first bytes; nothing that is no file is waited for. */
static ssize_t read_begin(const char *file, char *bytes, size_t size)
{
    struct stat facts;
    int fd = open(file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    if (fd < 0)
        return -1;
    ssize_t got = fstat(fd, &facts) == 0 && S_ISREG(facts.st_mode) ? read(fd, bytes, size) : 0;
    close(fd);
    return got;
}

/* Who ends in order takes its file away; one that has no number in it is just being written, or somebody else's. */
static void say_pid_file(const char *file)
{
    char bytes[64], text[PROBE_TEXT];
    ssize_t got = read_begin(file, bytes, sizeof bytes);
    int failure = got < 0 ? errno : 0;
    int64_t pid = got > 0 ? monitor_pid_of(bytes, (size_t)got) : 0;
    if (pid > 0) {
        say_pid(pid);
        return;
    }
    if (failure)
        snprintf(text, sizeof text, "cannot read %.100s: %s", file, strerror(failure));
    else
        snprintf(text, sizeof text, "the first line of %.100s is no process id", file);
    say(failure == ENOENT || failure == ENOTDIR ? MONITOR_BAD : MONITOR_UNCLEAR, text);
}

static int probe_processes(char **name, unsigned count, const char *by)
{
    if (strcmp(by, monitor_by_words[MONITOR_BY_NAME]) == 0)
        return probe_names(name, count);
    bool file = strcmp(by, monitor_by_words[MONITOR_BY_PID_FILE]) == 0;
    for (unsigned i = 0; i < count; i++)
        if (file)
            say_pid_file(name[i]);
        else
            say_pid(monitor_pid_of(name[i], strlen(name[i])));
    return EXIT_SUCCESS;
}

/* ---- services ---- */

static int probe_services(char **name, unsigned count, const char *scratch)
{
    struct dr_error err;
    struct service_state *state = calloc(count, sizeof *state);
    if (state == NULL)
        return say_unclear(count, "no memory");
    enum dr_code code = service_states(state, (const char *const *)name, count, scratch, PROBE_LIMIT * 4 / 5, &err);
    for (unsigned i = 0; code == DR_OK && i < count; i++)
        say(state[i].running ? MONITOR_GOOD : state[i].between ? MONITOR_UNCLEAR : MONITOR_BAD, state[i].text);
    free(state);
    return code == DR_OK ? EXIT_SUCCESS : say_unclear(count, err.text);
}

/* ---- file systems ---- */

static int probe_disk(const char *folder, const char *limit)
{
    struct dr_error err;
    unsigned percent;
    char text[64];
    if (load_disk(&percent, folder, &err) != DR_OK)
        return say_unclear(1, err.text);
    snprintf(text, sizeof text, "%u %% in use", percent);
    say(percent < strtoul(limit, NULL, 10) ? MONITOR_GOOD : MONITOR_BAD, text);
    return EXIT_SUCCESS;
}

int probe_main(int argc, char **argv)
{
    char **name = argv + PROBE_OWN_WORDS;
    unsigned count = argc > PROBE_OWN_WORDS ? (unsigned)(argc - PROBE_OWN_WORDS) : 0;
    if (count > 0 && strcmp(argv[2], "process") == 0)
        return probe_processes(name, count, argv[3]);
    if (count > 0 && strcmp(argv[2], "service") == 0)
        return probe_services(name, count, argv[3]);
    if (count == 1 && strcmp(argv[2], "disk") == 0)
        return probe_disk(name[0], argv[3]);
    fprintf(stderr, "%s is for drnode's own use\n", PROBE_WORD);
    return EXIT_FAILURE;
}

/* ---- the parent's side ---- */

static bool read_line(struct probe_answer *answer, char *line)
{
    line[strcspn(line, "\n")] = '\0';
    char *blank = strchr(line, ' ');
    if (blank == NULL)
        return false;
    *blank = '\0';
    for (unsigned i = 0; i < RESULT_WORDS; i++)
        if (strcmp(line, result_words[i]) == 0) {
            answer->result = (enum monitor_result)i;
            snprintf(answer->text, sizeof answer->text, "%s", blank + 1);
            return true;
        }
    return false;
}

void probe_read(struct probe_answer *answer, unsigned count, const char *file)
{
    char line[512];
    unsigned done = 0;
    FILE *in = fopen(file, "re");
    while (in != NULL && done < count && fgets(line, sizeof line, in) != NULL && read_line(&answer[done], line))
        done++;
    if (in != NULL)
        fclose(in);
    for (; done < count; done++)
        answer[done] = (struct probe_answer){.result = MONITOR_UNCLEAR, .text = "the check gave no answer"};
}
