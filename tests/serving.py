"""Small servers on loopback that answer in JSON: what tests put in the place of somebody else's."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class JsonHandler(BaseHTTPRequestHandler):
    """Says nothing on the terminal; a subclass has get, post, delete: those it needs."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        """Answer it."""
        self.get()

    def do_POST(self):
        """Answer it."""
        self.post()

    def do_DELETE(self):
        """Answer it."""
        self.delete()

    def body(self):
        """What was sent along."""
        return self.rfile.read(int(self.headers["Content-Length"]))

    def answer(self, status, content, location=None):
        """Send a status, JSON, and where to go instead."""
        body = json.dumps(content).encode()
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *args):
        """Keep quiet."""


class JsonServer:
    """Serves on a port of its own until close()."""

    def __init__(self, handler):
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        """End it."""
        self._server.shutdown()
        self._server.server_close()

    def __enter__(self):
        """Return the running server."""
        return self

    def __exit__(self, *error):
        """End it."""
        self.close()
