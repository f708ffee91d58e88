"""What is wrong with a zip file, whoever made it: a workbook, or an export of a labelling tool."""

from __future__ import annotations

import zlib
from zipfile import BadZipFile

#: All that zipfile raises for a file that is damaged or not for it. Callers name the file and what to do.
DAMAGED = (
    BadZipFile,  # no zip, or a checksum that does not match
    EOFError,  # cut short inside a member
    zlib.error,  # compressed bytes that are none
    RuntimeError,  # a password; a method of compression, or a version of the format, that it does not know
    ValueError,  # numbers of the directory that cannot be
    OSError,  # a place in the file that is not there, or a disk that fails
)
