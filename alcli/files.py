"""The only writer in the house: files whole or not at all, the project's lock, digests of files.

`replacing` writes beside its target, flushes to the disk and renames. A process that dies at any
instant leaves the old file or the new one, never a part of one, and at most one temporary file,
which the next writer of the same file, or the next `sweep`, removes.
"""

from __future__ import annotations

import errno
import hashlib
import itertools
import os
import re
import shutil
import stat
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO, Any, Literal, overload

from alcli.errors import AlcliError, FileTrouble

# The name says whose it is, so that `sweep` never touches a file of somebody else.
_TEMPORARY = re.compile(r"^\.(?P<name>.+)\.alcli-(?P<pid>\d+)-\d+\.tmp$", re.DOTALL)
_NUMBERS = itertools.count()  # two threads may write the same file
_CHUNK = 1 << 20
_FULL = (errno.ENOSPC, errno.EDQUOT)


@overload
def replacing(path: Path, mode: Literal["wb"] = "wb", *, commits: bool = False) -> Any: ...
@overload
def replacing(path: Path, mode: Literal["w"], *, commits: bool = False) -> Any: ...
@contextmanager
def replacing(path: Path, mode: Literal["wb", "w"] = "wb", *, commits: bool = False) -> Iterator[IO[Any]]:
    """Open a file that takes the place of `path` when the block ends well.

    Text is UTF-8 with ``\\n`` line ends. Symbolic links are followed: what they point to is
    replaced. The new file keeps the mode of the old one, or gets what the umask allows. On any
    exception, Ctrl-C included, the temporary is removed and the old file stays.

    Parameters
    ----------
    commits : this rename is what makes the command have happened; see `committed`.

    Raises
    ------
    FileTrouble
        If the folder cannot be written, the disk is full, or `path` is a folder or a device.
    """
    with reporting_disk_trouble(path):
        # asked of `path`: a pipe behind /dev/stdout has no name that could be resolved
        if path.exists() and not path.is_file():
            raise FileTrouble(f"{path} is not an ordinary file, so it is not replaced", code="not-a-file")
    target = Path(os.path.realpath(path))
    name = target.name
    # 255 bytes is what file systems allow; the longest suffix takes 40
    if len(os.fsencode(name)) > 215:
        name = digest_bytes(os.fsencode(name))
    temporary = target.with_name(f".{name}.alcli-{os.getpid()}-{next(_NUMBERS)}.tmp")
    try:
        with reporting_disk_trouble(path):
            target.parent.mkdir(parents=True, exist_ok=True)
            sweep(target.parent, name)
            with _born(temporary, mode) as file:
                yield file
                file.flush()
                _keep_mode(file.fileno(), target)
                os.fsync(file.fileno())
            _rename(temporary, target, commits)
            sync_folder(target.parent)
    except BaseException:
        with suppress(OSError):
            temporary.unlink()
        raise


def _born(temporary: Path, mode: Literal["wb", "w"]) -> IO[Any]:
    """The temporary, made anew: what stands under its name is a dead process's, or a trap."""
    with suppress(FileNotFoundError):
        temporary.unlink()
    if mode == "wb":
        return temporary.open("xb")
    return temporary.open("x", encoding="utf-8", newline="")


_commit = threading.Event()


def _rename(temporary: Path, target: Path, commits: bool) -> None:
    # set before, as a signal may come between the two
    if commits:
        _commit.set()
    try:
        temporary.replace(target)
    except OSError:
        if commits:
            _commit.clear()
        raise


def committed() -> bool:
    """Whether the command has happened: its decisive rename is done, or is being done.

    From then on it only has to say so. A signal that came now would make it say that nothing was
    changed, which would be wrong, so the command line lets it pass.
    """
    return _commit.is_set()


def begin() -> None:
    """A new command starts in this process; it hasn't happened yet."""
    _commit.clear()


def _keep_mode(descriptor: int, target: Path) -> None:
    # open() has already applied the umask; only an existing file's mode needs to be carried over
    with suppress(OSError):
        old = stat.S_IMODE(target.stat().st_mode)
        if old != stat.S_IMODE(os.fstat(descriptor).st_mode):
            os.fchmod(descriptor, old)


def sync_folder(folder: Path) -> None:
    """Make a rename in `folder` survive a loss of power."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:
        return  # Windows, and folders that may be written but not read
    try:
        os.fsync(descriptor)
    except OSError:
        return  # some network file systems refuse to sync a folder
    finally:
        os.close(descriptor)


@contextmanager
def reporting_disk_trouble(path: Path | str) -> Iterator[None]:
    """Turn an `OSError` into a `FileTrouble` that names the path, the reason and the free space."""
    try:
        yield
    except AlcliError:
        raise
    except BrokenPipeError:
        raise
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        hint = "nothing was changed"
        with suppress(OSError):
            place = Path(path) if Path(path).exists() else Path(path).absolute().parent
            free = shutil.disk_usage(place).free
            if error.errno in _FULL or free < 1e9:
                hint += f"; {free / 1e6:,.0f} MB are free there"
        raise FileTrouble(f"cannot read or write {path}: {reason}", hint=hint, code="disk") from error


def write_bytes(path: Path, data: bytes, *, commits: bool = False) -> None:
    """Put `data` in the place of `path`, whole. `commits` is that of `replacing`."""
    with replacing(path, commits=commits) as file:
        file.write(data)


def take_back(path: Path) -> None:
    """Remove a file that a command wrote and that must not stay, as the command failed afterwards."""
    with suppress(OSError):
        path.unlink()


def sweep(folder: Path, name: str | None = None) -> None:
    """Remove temporaries that dead processes left in `folder`: all, or those of the file `name`.

    A temporary of a process that still runs is somebody's work in progress (a command that writes
    only files named by flags holds no lock) and stays.
    """
    with suppress(OSError):
        for path in list(folder.iterdir()):
            match = _TEMPORARY.match(path.name)
            if match and name in (None, match["name"]) and not _is_alive(int(match["pid"])):
                with suppress(OSError):
                    path.unlink()


def _is_alive(pid: int) -> bool:
    if pid == os.getpid():
        return True
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: int) -> bool:
    # killed, but not yet fetched by its parent: in a container that may take for ever
    try:
        stat_line = Path(f"/proc/{pid}/stat").read_bytes()
    except FileNotFoundError:
        return Path("/proc/self/stat").exists()  # gone just now; without /proc nobody can say
    except OSError:
        return False
    # the name before it stands in brackets and may hold anything
    return stat_line.rpartition(b")")[2].split()[:1] in ([b"Z"], [b"X"])


@contextmanager
def locked(path: Path, wait: float, command: str) -> Iterator[None]:
    """Hold the writer's lock at `path` for the length of the block.

    Parameters
    ----------
    wait : seconds to wait for another holder.
    command : what to tell others who holds it.

    Raises
    ------
    FileTrouble
        If the lock is not free within `wait`; the message says who holds it and since when.
    """
    from filelock import FileLock, Timeout

    with reporting_disk_trouble(path):
        path.parent.mkdir(parents=True, exist_ok=True)
    note = path.with_suffix(".holder")
    lock = FileLock(path, timeout=wait)
    with reporting_disk_trouble(path):
        try:
            lock.acquire(poll_interval=0.02)
        except Timeout as error:  # an OSError, too
            holder = ""
            with suppress(OSError, UnicodeDecodeError):
                holder = note.read_text(encoding="utf-8").strip()
            raise FileTrouble(
                f"another alcli command is writing here{': ' + holder if holder else ''}",
                at=str(path),
                hint=f"waited {wait:g} s; wait longer with `--wait SECONDS`",
                code="locked",
            ) from error
    try:
        with suppress(OSError):
            from alcli.clock import now

            note.write_text(f"alcli {command}, process {os.getpid()}, since {now()}\n", encoding="utf-8")
        yield
    finally:
        lock.release()


def digest_bytes(data: bytes) -> str:
    """128-bit BLAKE2b of `data`, as 32 hexadecimal digits."""
    return hashlib.blake2b(data, digest_size=16).hexdigest()


def digest_file(path: Path) -> str:
    """128-bit BLAKE2b of a whole file, read in pieces."""
    digest = hashlib.blake2b(digest_size=16)
    with reporting_disk_trouble(path), path.open("rb") as file:
        while piece := file.read(_CHUNK):
            digest.update(piece)
    return digest.hexdigest()
