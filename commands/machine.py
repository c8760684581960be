"""What decides whether the course can be installed on a machine: its system, this Python's processor, long paths."""

import os
import platform
import sys
import sysconfig
from dataclasses import dataclass

LONGEST = 60  # characters of the course's folder: torch's licences lie 192 below it, and Windows stops at 259


@dataclass(frozen=True)
class Machine:
    """What torch's wheels are made for, and what they need."""

    system: str  # platform.system(): "Linux", "Darwin", "Windows"
    processor: str  # of this Python's build: "x86_64", "arm64", "amd64", "win32" (an old Python on whatever Windows)
    macos: str = ""  # "14.5"
    libc: str = ""  # "glibc 2.36"; something else on Alpine
    long_paths: bool = True  # whether paths may be longer than Windows allows unless told otherwise

    @classmethod
    def this(cls):
        """The machine we are on."""
        windows = os.name == "nt"
        processor = sysconfig.get_platform().removeprefix("win-") if windows else platform.machine()
        return cls(
            platform.system(), processor, platform.mac_ver()[0], " ".join(platform.libc_ver()),
            not windows or _windows_allows_long_paths(),
        )  # fmt: skip

    def __str__(self):
        system = {"Darwin": "macOS"}.get(self.system, self.system)
        return "Python {}.{} on {} ({})".format(*sys.version_info[:2], system, self.processor.lower())


def obstacle(machine):
    """Why torch 2.13 cannot be installed on a machine, in a sentence; None where it can."""
    processor = machine.processor.lower()
    if machine.system == "Darwin":
        if processor != "arm64":
            return "torch 2.13 has no build for Macs with an Intel processor"
        if machine.macos and int(machine.macos.split(".")[0]) < 14:
            return f"torch 2.13 needs macOS 14 or newer, and this is {machine.macos}"
        return None
    if machine.system == "Windows":
        if processor == "win32":
            return "torch 2.13 has no build for a 32-bit Python; the 64-bit one is at python.org"
        return None if processor in ("amd64", "x86_64") else "torch 2.13 has no build for Windows on this processor"
    if machine.system == "Linux":
        if processor not in ("x86_64", "amd64", "aarch64", "arm64"):
            return f"torch 2.13 has no build for Linux on {machine.processor}"
        name, _, version = machine.libc.partition(" ")
        if name != "glibc":
            return "torch 2.13 needs a Linux with glibc, and this one (Alpine?) has another C library"
        if tuple(int(part) for part in version.split(".")[:2]) < (2, 28):
            return f"torch 2.13 needs glibc 2.28 or newer, and this is {version}"
        return None
    return f"torch 2.13 has no build for {machine.system or 'this system'}"


def cramped(machine, root):
    """What to do where Windows would not let the deepest files of torch be written below a folder; "" elsewhere."""
    if machine.long_paths or len(str(root)) <= LONGEST:
        return ""
    return f"move the course to a shorter path than these {len(str(root))} characters, such as C:\\course"


def _windows_allows_long_paths():
    try:
        import winreg

        with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, r"SYSTEM\CurrentControlSet\Control\FileSystem") as key:
            return winreg.QueryValueEx(key, "LongPathsEnabled")[0] == 1
    except OSError:
        return False
