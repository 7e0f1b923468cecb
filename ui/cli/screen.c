/* SPDX-License-Identifier: Apache-2.0 */
#include "ui/cli/screen.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <termios.h>
#include <unistd.h>

/* A process has one terminal: this is the only state of drctl that outlives a function. */
static volatile sig_atomic_t ended;
static struct termios before;
static bool raw;

static void on_signal(int number)
{
    (void)number;
    ended = 1;
}

void screen_begin(void)
{
    struct sigaction action = {.sa_handler = on_signal};
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
    if (!isatty(STDIN_FILENO) || tcgetattr(STDIN_FILENO, &before) != 0)
        return;
    struct termios keys = before;
    keys.c_lflag &= ~(tcflag_t)(ICANON | ECHO);
    raw = tcsetattr(STDIN_FILENO, TCSANOW, &keys) == 0;
}

void screen_end(void)
{
    if (raw)
        tcsetattr(STDIN_FILENO, TCSANOW, &before);
    raw = false;
}

/* Overwrites in place and clears the rest: no flicker. */
void screen_show(const char *text)
{
    if (!isatty(STDOUT_FILENO)) {
        fputs(text, stdout);
        fflush(stdout);
        return;
    }
    fputs("\033[H", stdout);
    for (; *text; text++) {
        if (*text == '\n')
            fputs("\033[K", stdout);
        putchar(*text);
    }
    fputs("\033[J", stdout);
    fflush(stdout);
}

bool screen_wait(int ms)
{
    struct pollfd keyboard = {.fd = raw ? STDIN_FILENO : -1, .events = POLLIN};
    char key;
    if (!ended && poll(&keyboard, 1, ms) > 0 && read(STDIN_FILENO, &key, 1) == 1 && (key == 'q' || key == 'Q'))
        ended = 1;
    return !ended;
}
