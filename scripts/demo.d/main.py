# SPDX-License-Identifier: Apache-2.0
"""scripts/demo: sets the stage, then plays the story (--once) or obeys keys."""
import os
import sys

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [HERE, os.path.join(os.path.dirname(os.path.dirname(HERE)), "tests", "lab")]

from lab import LabError
from stage import Stage
from story import play_once
from view import Keys

HELP = "keys: k kill the master   c cut it off   s switch   b bring back   q quit"


def obey(stage, key):
    """Does what a key asks for; False at the end."""
    if key == "q":
        return False
    master = stage.master()
    try:
        if key == "b":
            stage.bring_back()
        elif key in ("k", "c", "s") and master is None:
            stage.say("nobody is master now: wait, or bring back what is down")
        elif key == "k":
            stage.kill(master)
        elif key == "c":
            stage.cut(master)
        elif key == "s":
            stage.switch(master)
        else:
            stage.say(HELP)
    except LabError as error:
        stage.say(str(error))
    return True


def tell_losses(stage, moved):
    """Once the client is served at the address's new place: what that cost. Returns the move that has been told."""
    when, holders = stage.vip.changes[-1]
    if when == moved or len(holders) != 1 or stage.ledger.last() <= when:
        return moved
    try:
        missing, _ = stage.account()
    except LabError:
        return moved  # it went again meanwhile
    stage.say(f"the client was not served for {stage.ledger.longest_gap(when, when):.0f} ms; "
              f"{len(missing)} acknowledged transactions are missing")
    return when


def interactive(stage):
    stage.cluster.start()
    stage.cluster.wait("alpha", 60, role="master")
    stage.start_client()
    stage.say(HELP)
    moved = stage.vip.changes[-1][0]
    with Keys() as keys:
        while True:
            key = keys.next(0.5)
            if key and not obey(stage, key):
                return True
            moved = tell_losses(stage, moved)


def main(arguments):
    try:
        stage = Stage()
    except LabError as error:
        sys.exit(f"demo: {error}")
    try:
        stage.set_up()
        return play_once(stage) if "--once" in arguments else interactive(stage)
    except LabError as error:
        stage.view.stop()
        stage.tell_logs()
        print(f"demo: {error}", file=sys.stderr)
        return False
    except KeyboardInterrupt:
        return False
    finally:
        stage.close()


if __name__ == "__main__":
    sys.exit(0 if main(sys.argv[1:]) else 1)
