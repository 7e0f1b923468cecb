/* SPDX-License-Identifier: Apache-2.0
 * ringdrain SOCKET: stands in for drnode at a drcapture: lets go of every record soon after it came, so that the ring
 * neither fills nor breaks. Prints how many there were once the drcapture has ended. */
#include "platform/capture.h"

#include <stdio.h>
#include <unistd.h>

#define PAUSE_US 2000 /* far less than what a ring of the least size takes to fill */

static int drain(const struct capture_link *link)
{
    struct ring *ring = capture_info(link)->ring;
    char why[160];
    while (capture_lives(link) && !ring_broken(ring, why, sizeof why)) {
        ring_release(ring, ring_tail(ring));
        usleep(PAUSE_US);
    }
    if (ring_broken(ring, why, sizeof why)) {
        fprintf(stderr, "ringdrain: the stream broke: %s\n", why);
        return 1;
    }
    printf("%llu records\n", (unsigned long long)ring_tail(ring));
    return 0;
}

int main(int argc, char **argv)
{
    struct capture_link *link;
    struct dr_error err;
    if (argc != 2) {
        fprintf(stderr, "usage: ringdrain SOCKET\n");
        return 2;
    }
    if (capture_attach(&link, argv[1], &err) != DR_OK) {
        fprintf(stderr, "ringdrain: %s\n", err.text);
        return 1;
    }
    int status = drain(link);
    capture_detach(link);
    return status;
}
