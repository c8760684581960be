"""The course's front door: `python course.py lab` opens it, `python course.py test` proves that it works.

Needs nothing but Python. Written so that every Python can read it: the ones we refuse are told so in a sentence.
"""

import errno
import sys

OLDEST, NEWEST = (3, 11), (3, 13)

VERBS = {  # verb -> the module with its main(arguments), and its line in the list
    "lab": ("commands.lab", "open the course in JupyterLab, on your own copies of the notebooks"),
    "fresh": ("commands.fresh", "fresh 05: lay a fresh copy of a notebook, keeping yours beside it"),
    "doctor": ("commands.doctor", "what is here, what is missing, and where to run the course"),
    "hub": ("commands.hub", "rehearse a class: a real JupyterHub on this machine, new passwords each time"),
    "bundle": ("commands.bundle", "bundle FOLDER: the course and all it installs, on a USB stick"),
    "test": ("commands.suite", "run all tests; test 05: one lesson; or any file, folder or pytest option"),
    "notebooks": ("commands.notebooks", "notebooks [05]: build and run the notebooks from their sources (authors)"),
    "site": ("commands.site", "build the web edition, pages that need no Python, in the folder _site"),
    "bench": ("commands.bench", "bench NAME: measure; without a name, the list of what can be measured"),
    "lock": ("commands.lock", "compile the lock files from pyproject.toml (maintainers)"),
}


def refusal(version):
    """The sentence for a Python that cannot run the course; None when `version` (major, minor) can."""
    if OLDEST <= tuple(version[:2]) <= NEWEST:
        return None
    return (
        "This course needs Python 3.11, 3.12 or 3.13; this is Python "
        + ".".join(str(part) for part in version[:2])
        + ". Install one from https://www.python.org/downloads/ and start again with it, for example:\n"
        + "    "
        + ("py -3.12" if sys.platform == "win32" else "python3.12")
        + " course.py lab\n"
        + "If you may not install one, use your class's server (the hub) or the web edition: both need only a browser."
    )


def overview():
    """The list of verbs."""
    lines = ["usage: python course.py VERB [...]", ""]
    lines += ["  " + verb.ljust(11) + VERBS[verb][1] for verb in VERBS]
    lines += ["", "python course.py VERB --help tells more about one of them."]
    return "\n".join(lines)


def refused_by_the_disk(error):
    """The sentence for a file that could not be written or read."""
    name = error.filename or "a file"
    if error.errno == errno.ENOSPC:
        return "The disk is full, and " + str(name) + " could not be written. Make room on it and start again."
    if error.errno in (errno.EROFS, errno.EACCES, errno.EPERM):
        return (
            str(name) + " cannot be written: this folder is read-only, or belongs to somebody else. "
            "Copy the whole course to a folder of your own and start it there."
        )
    return str(error)


def main(arguments):
    """Run one verb; returns the exit code."""
    if refusal(sys.version_info):
        sys.stderr.write(refusal(sys.version_info) + "\n")
        return 1
    verb = arguments[0] if arguments else ""
    if verb in ("-h", "--help", "help"):
        print(overview())
        return 0
    if verb not in VERBS:
        sys.stderr.write(("There is no verb '" + verb + "'.\n\n" if verb else "") + overview() + "\n")
        return 2
    from importlib import import_module

    from commands.environment import SetUpError

    try:
        return import_module(VERBS[verb][0]).main(arguments[1:])
    except SetUpError as error:
        sys.stderr.write("\n" + str(error) + "\n")
        return 1
    except OSError as error:
        sys.stderr.write("\n" + refused_by_the_disk(error) + "\n")
        return 1
    except KeyboardInterrupt:
        sys.stderr.write("\nStopped.\n")
        return 130


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
