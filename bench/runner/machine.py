"""What was measured, and on what."""
import datetime
import os
import platform
import subprocess


def first_value(path, name):
    try:
        with open(path, encoding="utf-8") as file:
            for line in file:
                key, _, value = line.replace("=", ":", 1).partition(":")
                if key.strip() == name:
                    return value.strip().strip('"')
    except OSError:
        pass
    return "unknown"


def machine_line():
    memory = int(first_value("/proc/meminfo", "MemTotal").split()[0]) / 1024 / 1024
    return (f"{os.cpu_count()} cores ({first_value('/proc/cpuinfo', 'model name')}), "
            f"{memory:.0f} GiB, {first_value('/etc/os-release', 'PRETTY_NAME')}, "
            f"Linux {platform.release().split('-')[0]}")


def git(*words):
    done = subprocess.run(["git", "-c", "safe.directory=*", *words], capture_output=True, text=True,
                          check=False)
    return done.stdout.strip() if done.returncode == 0 else ""


def commit_line():
    commit = git("rev-parse", "--short", "HEAD") or "unknown"
    changed = git("status", "--porcelain", "--untracked-files=no", "--", ".", ":!bench/RESULTS.md",
                  ":!bench/plots")
    return commit + (" with changes" if changed else "")


def today():
    return datetime.datetime.now(datetime.timezone.utc).strftime("%-d %B %Y, %H:%M UTC")
