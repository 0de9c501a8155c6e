"""Servers that peers need: a fresh one for every measurement, in a folder of its own, reachable
over a socket in that folder only."""
import contextlib
import glob
import os
import pwd
import shutil
import signal
import subprocess
import time


class Missing(Exception):
    """Why a peer cannot take part."""


def wait_for(ready, process, name, seconds=20):
    until = time.monotonic() + seconds
    while not ready():
        if process.poll() is not None or time.monotonic() > until:
            raise Missing(f"{name} did not start")
        time.sleep(0.02)


def stop(process, how=signal.SIGTERM):
    process.send_signal(how)
    try:
        process.wait(30)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()


@contextlib.contextmanager
def redis(folder):
    """Every write is synced before it is answered; no snapshots, no rewriting in the middle."""
    program = shutil.which("redis-server")
    if program is None:
        raise Missing("redis-server is not installed")
    socket = os.path.join(folder, "redis.sock")
    process = subprocess.Popen(
        [program, "--port", "0", "--unixsocket", socket, "--dir", folder, "--save", "",
         "--appendonly", "yes", "--appendfsync", "always", "--auto-aof-rewrite-percentage", "0"],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        wait_for(lambda: os.path.exists(socket), process, "Redis")
        yield {"socket": socket, "data": folder}
    finally:
        stop(process)


def postgres_user(*folders):
    """PostgreSQL refuses to run as root: then as the user its package made, who owns the folders."""
    if os.geteuid() != 0:
        return {}
    try:
        user = pwd.getpwnam("postgres")
    except KeyError as error:
        raise Missing("there is no user postgres to run it as") from error
    for folder in folders:
        for place, _, files in os.walk(folder):
            for path in [place, *(os.path.join(place, name) for name in files)]:
                os.chown(path, user.pw_uid, user.pw_gid)
    return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}


def postgres_program(name):
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"))
    if not found:
        raise Missing("PostgreSQL is not installed")
    return found[-1]


def postgres_template(folder):
    """initdb takes seconds: once, then copied."""
    template = os.path.join(os.path.dirname(folder), "postgres-template")
    if not os.path.exists(template):
        os.mkdir(template)
        command = [postgres_program("initdb"), "-D", template, "-A", "trust", "-U", "bench",
                   "-E", "UTF8", "--locale=C"]
        done = subprocess.run(command, capture_output=True, text=True, check=False, cwd="/",
                              **postgres_user(template))
        if done.returncode != 0:
            shutil.rmtree(template)
            raise Missing("initdb: " + done.stderr.strip().splitlines()[-1])
    return template


@contextlib.contextmanager
def postgres(folder):
    """As it comes, with more shared memory; fsync and synchronous_commit are on, as they come."""
    program = postgres_program("postgres")
    data = os.path.join(folder, "data")
    shutil.copytree(postgres_template(folder), data)
    command = [program, "-D", data, "-k", folder, "-c", "listen_addresses=", "-c",
               "shared_buffers=512MB", "-c", "synchronous_commit=on", "-c", "fsync=on"]
    log = os.path.join(folder, "log")
    with open(log, "wb") as out:
        process = subprocess.Popen(command, stdout=out, stderr=out, cwd="/",
                                   **postgres_user(folder))
    try:
        def ready():
            with open(log, encoding="utf-8", errors="replace") as text:
                return "ready to accept connections" in text.read()
        wait_for(ready, process, "PostgreSQL")
        yield {"socket": folder + " user=bench", "data": data}
    finally:
        stop(process, signal.SIGQUIT)  # at once: its data has been looked at


SERVICES = {"postgres": postgres, "redis": redis}
