# SPDX-License-Identifier: MIT
"""steps.py PAGE - follows a page step by step: a step is a heading of the second level.

Writes the named blocks of each step into the current folder, compiles what is there with the C
compiler and pkg-config, starts the program on a free port, and compares what the requests of the
`shell-session` blocks print. `curl -s -N` follows a stream: the command behind it is repeated until
the stream has shown what the page says. Ends with "N passed, M failed".
"""
import os
import re
import select
import shlex
import subprocess
import sys
import time

from console import FENCE, fits, write_file

ADDRESS = "127.0.0.1:8000"
DEADLINE = 60
# As in console.py, but the word of a block may have a hyphen.
BLOCK = re.compile(FENCE.pattern.replace(r"(\w+)", r"([\w-]+)"), FENCE.flags)
FLAGS = "-std=c11 -Wall -Wextra -Werror"


def build():
    flags = subprocess.run(["pkg-config", "--cflags", "--libs", "chirp"], capture_output=True,
                           text=True, check=True).stdout
    command = "cc %s -o book *.c %s" % (FLAGS, flags)
    done = subprocess.run(["sh", "-c", command], capture_output=True, text=True)
    return done.returncode == 0, done.stdout + done.stderr


class Server:
    def __init__(self):
        env = dict(os.environ, CHIRP_PORT="0", CHIRP_DEBUG="1")
        self.log = open("server.log", "w+", encoding="utf-8")
        self.child = subprocess.Popen(["./book"], stdout=self.log, stderr=self.log, env=env)
        self.address = None
        end = time.monotonic() + DEADLINE
        while not self.address and self.child.poll() is None and time.monotonic() < end:
            found = re.search(r"listening on http://([^\s\"/]+)", self.text())
            self.address = found and found.group(1)
            time.sleep(0.02)

    def text(self):
        with open("server.log", encoding="utf-8") as log:
            return log.read()

    def stop(self):
        self.child.terminate()
        status = self.child.wait(timeout=DEADLINE)
        self.log.close()
        return status


def run(command):
    done = subprocess.run(["bash", "-c", command], capture_output=True, text=True, timeout=DEADLINE)
    return done.stdout + done.stderr


def follow(command, wanted, repeat):
    """Reads a stream until it has shown wanted, while repeat makes something happen."""
    child = subprocess.Popen(shlex.split(command), stdout=subprocess.PIPE)
    got = ""
    end = time.monotonic() + DEADLINE
    try:
        while wanted not in got and time.monotonic() < end:
            run(repeat)
            if select.select([child.stdout], [], [], 0.2)[0]:
                got += os.read(child.stdout.fileno(), 65536).decode()
    finally:
        child.kill()
        child.wait()
    return wanted if wanted in got else got


def ask(text, server):
    """Runs the requests of one block; gives back what differs."""
    examples = [part.partition("\n")[::2] for part in re.split(r"^\$ ", text, flags=re.M)[1:]]
    problems, asked = [], 0
    for number, (command, wanted) in enumerate(examples):
        there = command.replace(ADDRESS, server.address)
        if " -N " in command:
            got = follow(there, wanted, examples[number + 1][0].replace(ADDRESS, server.address))
        else:
            got = run(there).replace(server.address, ADDRESS)
        asked += 1
        if not fits(got, wanted):
            problems.append("$ %s\nwanted: %s\ngot: %s" % (command, wanted, got))
    return asked, problems


def step(blocks):
    """One step; gives back how many requests it made, and what went wrong."""
    for word, name, body in blocks:
        if name and "." in name and word not in ("sh", "text", "console"):
            write_file(name, body)
    sessions = [body for word, _, body in blocks if word == "shell-session"]
    if not sessions:
        return 0, []
    built, messages = build()
    if not built:
        return 1, ["does not compile:\n" + messages]
    server = Server()
    if not server.address:
        server.stop()
        return 1, ["does not start:\n" + server.text()]
    asked, problems = 0, []
    try:
        for text in sessions:
            more = ask(text, server)
            asked, problems = asked + more[0], problems + more[1]
    finally:
        status = server.stop()
    if status != 0:
        problems.append("ended with %d" % status)
    if problems:
        problems.append(server.text())
    return asked, problems


def main():
    with open(sys.argv[1], encoding="utf-8") as file:
        text = file.read()
    passed = failed = 0
    # A line that begins with # inside of a block is no heading, but none begins with two.
    for part in re.split(r"^## ", text, flags=re.M)[1:]:
        title = part.partition("\n")[0]
        asked, problems = step(BLOCK.findall(part))
        if problems:
            failed += 1
            print("FAIL %s" % title)
            print("\n".join(problems))
        elif asked:
            passed += 1
            print("ok   %s (%d requests)" % (title, asked))
    print("%d passed, %d failed" % (passed, failed))
    return failed > 0


if __name__ == "__main__":
    sys.exit(main())
