"""Write one data file, and its sha256 where the loaders (data/SHA256SUMS) and people (data/README.md) look for it."""

import hashlib
import re
from pathlib import Path

DATA = Path(__file__).parent.parent


def freeze(name, content):
    """Write bytes to data/name; replace its line in SHA256SUMS and, if it has a card, the hash on the card."""
    (DATA / name).write_bytes(content)
    digest = hashlib.sha256(content).hexdigest()

    sums = DATA / "SHA256SUMS"
    lines = sums.read_text("ascii").splitlines() if sums.exists() else []
    lines = [line for line in lines if not line.endswith(f"  {name}")] + [f"{digest}  {name}"]
    sums.write_bytes(("\n".join(sorted(lines, key=lambda line: line.split()[1])) + "\n").encode())

    cards = DATA / "README.md"
    text = re.sub(rf"(sha256 of `{re.escape(name)}`: `)[0-9a-f]*", rf"\g<1>{digest}", cards.read_text("utf-8"))
    cards.write_bytes(text.encode())
    print(f"data/{name}: {len(content):,} bytes, sha256 {digest[:8]}...")
