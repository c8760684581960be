"""What any JupyterHub needs to know of the course; loaded by the rehearsal, and on one server from jupyterhub_config.d.

Kubernetes says the same in the words of its chart: kubernetes/values.yaml.
"""

import os
from pathlib import Path

c = get_config()
course = Path(os.environ.get("COURSE", "/srv/course"))

c.Spawner.cmd = [str(course / ".venv/bin/python"), str(course / "deploy/seat.py")]
c.Spawner.start_timeout = 120  # seconds; thirty seats may start in the same minute
c.Spawner.http_timeout = 120

# The class board: who is stuck, and on which mistake (docs/board.md). Instructors are the group of that name.
board = os.environ.get("COURSE_BOARD", "http://127.0.0.1:10101")  # where it listens; reached through the hub's proxy
hub_may = "custom:board"
c.JupyterHub.custom_scopes = {
    "custom:board:report": {"description": "Tell the class board what a check has said"},
    "custom:board:read": {"description": "See the class board, with names"},
}
c.JupyterHub.services.append(
    {
        "name": "board",
        "url": board,
        "command": [
            sys.executable,
            str(course / "deploy/rehearsal/with_hub.py"),
            sys.executable,
            "-m",
            "board",
            "--file",
            str(Path.cwd() / "board.sqlite"),  # in the hub's own folder, which no learner can read
        ],
        "cwd": str(course),
        "oauth_client_allowed_scopes": ["custom:board:read"],
        "oauth_no_confirm": True,
    }
)
c.JupyterHub.load_groups = {"instructors": {}}
c.JupyterHub.load_roles.append({"name": "user", "scopes": ["self", "custom:board:report"]})
c.JupyterHub.load_roles.append(
    {
        "name": "instructor",
        "scopes": ["custom:board:read", "access:services!service=board"],
        "groups": ["instructors"],
    }
)
# a learner's server may do what it always may, and report
c.Spawner.server_token_scopes = ["users:activity!user", "access:servers!server", "custom:board:report"]
c.Spawner.environment.update({"COURSE_BOARD_URL": f"{board}/services/board/"})
