# SPDX-License-Identifier: Apache-2.0
"""What the demo shows: a timeline of what happens, and under it a line that says how things are now."""
import os
import select
import sys
import termios
import threading
import time
import tty


class View:
    """say() from any thread. On a terminal the last line is the state, drawn again every half second."""

    def __init__(self, state):
        self.state = state  # called for the line; returns its text
        self.begin = time.monotonic()
        self.lock = threading.Lock()
        self.terminal = sys.stdout.isatty()
        self.over = threading.Event()
        self.painter = threading.Thread(target=self._paint, daemon=True)

    def start(self):
        self.painter.start()
        return self

    def stop(self):
        self.over.set()
        if self.painter.is_alive():
            self.painter.join()
            if self.terminal:
                print(flush=True)  # what comes next does not stand on the state's line

    def _clear(self):
        return "\r\033[K" if self.terminal else ""

    def say(self, text, when=None):
        seconds = (when or time.monotonic()) - self.begin
        with self.lock:
            print(f"{self._clear()}{seconds:8.2f} s  {text}", flush=True)

    def block(self, text):
        with self.lock:
            print(f"{self._clear()}\n{text}\n", flush=True)

    def _paint(self):
        # A log gets the line every five seconds, a person sees it move.
        while not self.over.wait(0.5 if self.terminal else 5.0):
            line = self.state()
            with self.lock:
                if self.terminal:
                    width = os.get_terminal_size().columns
                    print(f"\r\033[K\033[7m{line[:width - 1]}\033[0m", end="", flush=True)
                else:
                    print(f"            | {line}", flush=True)


class Keys:
    """Single keys from the terminal, without waiting for Enter."""

    def __enter__(self):
        self.before = termios.tcgetattr(sys.stdin)
        tty.setcbreak(sys.stdin)
        return self

    def __exit__(self, *_):
        termios.tcsetattr(sys.stdin, termios.TCSADRAIN, self.before)

    def next(self, timeout):
        ready, _, _ = select.select([sys.stdin], [], [], timeout)
        return sys.stdin.read(1) if ready else None


def table(rows, headings):
    """Columns as wide as their widest cell; numbers to the right."""
    cells = [headings] + [["" if cell is None else f"{cell:,.0f}" if isinstance(cell, (int, float)) else cell
                           for cell in row] for row in rows]
    widths = [max(len(row[column]) for row in cells) for column in range(len(headings))]
    lines = ["  ".join(cell.ljust(width) if column == 0 else cell.rjust(width)
                       for column, (cell, width) in enumerate(zip(row, widths))) for row in cells]
    return "\n".join([lines[0], "-" * len(lines[0])] + lines[1:])
