"""Serve the class board, as a service that JupyterHub starts, or delete what it has kept."""

import argparse
import asyncio
import logging
import os
import sys
from urllib.parse import urlsplit

from board.store import delete

FILE = "board.sqlite"


def main(arguments=None):
    """Run it; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m board", description=__doc__)
    parser.add_argument("--file", default=os.environ.get("COURSE_BOARD_FILE", FILE), help="the reports (%(default)s)")
    parser.add_argument("--delete", action="store_true", help="delete the reports; a running board begins anew")
    chosen = parser.parse_args(arguments)
    if chosen.delete:
        print(f"Deleted: {chosen.file}" if delete(chosen.file) else f"There is no {chosen.file}: nothing to delete.")
        return 0
    if "JUPYTERHUB_SERVICE_URL" not in os.environ:
        print("The board is started by a JupyterHub: deploy/README.md says how.", file=sys.stderr)
        return 2
    logging.basicConfig(format="%(asctime)s %(name)s: %(message)s", level=logging.WARNING)
    logging.getLogger("tornado.application").setLevel(logging.ERROR)  # we log a refusal ourselves, in one line
    asyncio.run(serve(chosen.file))
    return 0


async def serve(file):
    """Serve where the hub has said, until the process is ended."""
    from tornado.httpserver import HTTPServer  # here: --delete works with any Python
    from tornado.ioloop import PeriodicCallback

    from board.catalogue import load
    from board.report import LONGEST
    from board.service import Board, application

    board = Board(load(), file)
    prefix, token = os.environ["JUPYTERHUB_SERVICE_PREFIX"], os.environ["JUPYTERHUB_API_TOKEN"]
    url = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"])
    server = HTTPServer(application(board, prefix, token), xheaders=True, max_body_size=LONGEST)
    server.listen(url.port, url.hostname)
    PeriodicCallback(board.begin_anew_if_deleted, 1000).start()
    await asyncio.Event().wait()


if __name__ == "__main__":
    sys.exit(main())
