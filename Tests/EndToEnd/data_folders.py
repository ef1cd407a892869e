"""Data folders that services begin with: made once for a run of the tests, by a real first start and a real `quipu demo`, then copied.

A first start costs seconds (initdb, every migration), the demo tens of them. What the first start prints once is kept beside its folder.
"""
import contextlib
import fcntl
import os
import shutil
import subprocess
import tempfile

PLACE = "END_TO_END_TEMPLATES"


def begin():
    """A place for the templates of this run, for this process and those that it starts; nothing if a parent has made one."""
    if PLACE in os.environ:
        return None
    os.environ[PLACE] = tempfile.mkdtemp(prefix="quipu-e2e-templates-")
    os.chmod(os.environ[PLACE], 0o755)
    return os.environ[PLACE]


def end(place):
    if place:
        shutil.rmtree(place, ignore_errors=True)
        os.environ.pop(PLACE, None)


def copy(name, folder, make):
    """Puts the data of the template `name` into `folder`, made by `make(name)` if this run has none yet; gives what its start printed.

    `make` gives a stopped service with its folder."""
    place = os.environ[PLACE]
    kept = os.path.join(place, name)
    with locked(kept + ".lock"):
        if not os.path.exists(kept):
            service = make(name)
            try:
                unfinished = tempfile.mkdtemp(dir=place)
                os.chmod(unfinished, 0o755)
                duplicate(service.folder + "/data", unfinished)
                with open(unfinished + "/printed", "w") as f:
                    f.write(service.printed)
                os.rename(unfinished, kept)
            finally:
                service.close()
    duplicate(kept + "/data", folder)
    with open(kept + "/printed") as f:
        return f.read()


def duplicate(data, folder):
    """With owners and modes: the data belongs to the user that PostgreSQL runs as."""
    subprocess.run(["cp", "-a", "--reflink=auto", data, folder], check=True, timeout=600)


@contextlib.contextmanager
def locked(path):
    """One process of the run makes a template, the others wait for it."""
    with open(path, "w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield
