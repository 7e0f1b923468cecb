/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include "base/log_file.h"
#include "core/id.h"

#include <errno.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define RULE_FILES 64

struct rule_file {
    struct dr_id rule;
    struct log_file file;
};

struct log {
    struct log_config config;
    pthread_mutex_t lock; /* of line, last, done, stop */
    pthread_cond_t more;
    struct log_line line[LOG_KEPT]; /* number n lies at n % LOG_KEPT */
    uint64_t last;                  /* number of the newest */
    uint64_t done;                  /* everything up to it is written, or lost */
    bool stop;
    pthread_t thread;
    /* Of the thread alone: */
    uint64_t lost; /* lines that the files do not have, and do not say so yet */
    struct log_file node;
    struct rule_file *rule[RULE_FILES];
    unsigned rules;
};

const char *log_level_name(enum log_level level)
{
    static const char *const names[] = {"debug", "info", "warning", "error"};
    return (unsigned)level < sizeof names / sizeof *names ? names[level] : "?";
}

static size_t format_line(char *text, size_t size, const struct log_line *line)
{
    char when[32];
    struct tm tm;
    time_t seconds = (time_t)(line->time_ms / 1000);
    gmtime_r(&seconds, &tm);
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%S", &tm);
    int length =
        snprintf(text, size, "%s.%03dZ %s %s %s %s\n", when, (int)(line->time_ms % 1000), log_level_name(line->level),
                 line->rule.hex[0] ? line->rule.hex : "-", line->event, line->text);
    return (size_t)length < size ? (size_t)length : size - 1;
}

/* The rule's own file; NULL if there is no room for one more. */
static struct log_file *rule_file(struct log *log, const struct dr_id *rule)
{
    char name[64];
    for (unsigned i = 0; i < log->rules; i++)
        if (dr_id_equal(&log->rule[i]->rule, rule))
            return &log->rule[i]->file;
    struct rule_file *added = log->rules < RULE_FILES ? malloc(sizeof *added) : NULL;
    if (!added)
        return NULL;
    added->rule = *rule;
    snprintf(name, sizeof name, "rule-%s.log", rule->hex);
    if (!log_file_init(&added->file, log->config.folder, name, log->config.file_bytes, log->config.files)) {
        free(added);
        return NULL;
    }
    log->rule[log->rules++] = added;
    return &added->file;
}

static void write_stderr(const char *text, size_t length)
{
    while (length > 0) {
        ssize_t n = write(STDERR_FILENO, text, length);
        if (n < 0 && errno == EINTR)
            continue;
        if (n <= 0)
            return; /* nobody reads it: the files have the line */
        text += n;
        length -= (size_t)n;
    }
}

static int64_t wall_clock_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_REALTIME, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Says how many lines are missing as soon as one can be written again. */
static void tell_lost(struct log *log)
{
    char text[LOG_TEXT_SIZE + 128];
    struct log_line line = {.time_ms = wall_clock_ms(), .level = LOG_LEVEL_WARNING, .event = "log_lost"};
    snprintf(line.text, sizeof line.text, "%llu lines are missing here: the log folder was full or too slow",
             (unsigned long long)log->lost);
    size_t length = format_line(text, sizeof text, &line);
    if (log->config.foreground)
        write_stderr(text, length);
    if (!log->config.folder || log_file_append(&log->node, text, length))
        log->lost = 0;
}

static void put_line(struct log *log, const struct log_line *line)
{
    char text[LOG_TEXT_SIZE + 128];
    size_t length = format_line(text, sizeof text, line);
    if (log->lost)
        tell_lost(log);
    if (log->config.foreground)
        write_stderr(text, length);
    if (!log->config.folder)
        return;
    bool ok = log_file_append(&log->node, text, length);
    struct log_file *own = line->rule.hex[0] ? rule_file(log, &line->rule) : NULL;
    if (own && !log_file_append(own, text, length))
        ok = false;
    log->lost += !ok;
}

/* The next line to write; false: the log is to be closed and all are written. */
static bool take_line(struct log *log, struct log_line *line)
{
    pthread_mutex_lock(&log->lock);
    while (log->done == log->last && !log->stop)
        pthread_cond_wait(&log->more, &log->lock);
    bool any = log->done < log->last;
    if (any && log->last - log->done > LOG_KEPT) {
        log->lost += log->last - log->done - LOG_KEPT;
        log->done = log->last - LOG_KEPT;
    }
    if (any)
        *line = log->line[++log->done % LOG_KEPT];
    pthread_mutex_unlock(&log->lock);
    return any;
}

static void *write_lines(void *baton)
{
    struct log *log = baton;
    struct log_line line;
    while (take_line(log, &line))
        put_line(log, &line);
    return NULL;
}

enum dr_code log_open(struct log **log, const struct log_config *config, struct dr_error *err)
{
    struct log *l = calloc(1, sizeof *l);
    *log = NULL;
    if (!l)
        return dr_fail(err, DR_FULL, "no memory for the log");
    l->config = *config;
    if (config->folder && !log_file_init(&l->node, config->folder, config->name, config->file_bytes, config->files)) {
        free(l);
        return dr_fail(err, DR_INVALID, "%.128s...: the log folder's path is too long", config->folder);
    }
    pthread_mutex_init(&l->lock, NULL);
    pthread_cond_init(&l->more, NULL);
    int failure = pthread_create(&l->thread, NULL, write_lines, l);
    if (failure) {
        free(l);
        return dr_fail(err, DR_FULL, "cannot start the log's thread: %s", strerror(failure));
    }
    *log = l;
    return DR_OK;
}

void log_close(struct log *log)
{
    pthread_mutex_lock(&log->lock);
    log->stop = true;
    pthread_cond_signal(&log->more);
    pthread_mutex_unlock(&log->lock);
    pthread_join(log->thread, NULL);
    if (log->lost)
        tell_lost(log);
    log_file_close(&log->node);
    for (unsigned i = 0; i < log->rules; i++) {
        log_file_close(&log->rule[i]->file);
        free(log->rule[i]);
    }
    pthread_cond_destroy(&log->more);
    pthread_mutex_destroy(&log->lock);
    free(log);
}

void log_write(struct log *log, enum log_level level, const struct dr_id *rule, const char *event, const char *format,
               ...)
{
    if (level < log->config.least)
        return;
    struct log_line line = {.time_ms = wall_clock_ms(), .level = level};
    if (rule)
        line.rule = *rule;
    snprintf(line.event, sizeof line.event, "%s", event);
    va_list args;
    va_start(args, format);
    vsnprintf(line.text, sizeof line.text, format, args);
    va_end(args);
    for (char *c = line.text; *c; c++)
        if ((unsigned char)*c < 0x20 || *c == 0x7f)
            *c = ' ';
    pthread_mutex_lock(&log->lock);
    line.number = ++log->last;
    log->line[line.number % LOG_KEPT] = line;
    pthread_cond_signal(&log->more);
    pthread_mutex_unlock(&log->lock);
}

unsigned log_recent(struct log *log, const struct dr_id *rule, uint64_t after, struct log_line *line, unsigned room)
{
    unsigned count = 0;
    pthread_mutex_lock(&log->lock);
    uint64_t oldest = log->last > LOG_KEPT ? log->last - LOG_KEPT : 0;
    if (after > log->last) /* a number of the log's former life: drnode was started anew since */
        after = 0;
    for (uint64_t n = after > oldest ? after : oldest; n < log->last && count < room; n++) {
        const struct log_line *kept = &log->line[(n + 1) % LOG_KEPT];
        if (!rule || !kept->rule.hex[0] || dr_id_equal(&kept->rule, rule))
            line[count++] = *kept;
    }
    pthread_mutex_unlock(&log->lock);
    return count;
}
