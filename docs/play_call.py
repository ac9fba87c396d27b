"""Plays a recorded call through the API at its own pace, and prints what the collector would see.

    python docs/play_call.py http://127.0.0.1:5000 TOKEN D0003 D0003-P1 FILE.jsonl [LINE] [SPEED]
A line of the file is a call: {"turns": [{"seq", "t" (seconds), "speaker", "text"}, ...]}. Standard library only.
"""

import json
import sys
import threading
import time
import urllib.request
from pathlib import Path


def send(url, token, body=None, seen="0"):
    data = None if body is None else json.dumps(body).encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json", "Last-Event-ID": seen}
    return urllib.request.urlopen(urllib.request.Request(url, data, headers))  # noqa: S310


def ask(url, token, body=None):
    with send(url, token, body) as answer:
        return json.load(answer)


def follow(url, token):
    """Server-sent events, taken up again from the last number seen until the call is closed."""
    seen, name, closed = "0", "", False
    while not closed:
        with send(url, token, seen=seen) as stream:
            closed = stream.status == 204
            for field, _, value in (raw.decode().rstrip("\n").partition(": ") for raw in stream):
                if field == "id":
                    seen = value
                elif field == "event":
                    name, closed = value, value == "closed"
                elif field == "data" and name == "state":
                    print(f"   event {seen}: {len(json.loads(value)['turns'])} turns changed")


def main(base, token, debtor, contact_point, file, line="1", speed="1"):
    turns = json.loads(Path(file).read_text(encoding="utf-8").splitlines()[int(line) - 1])["turns"]
    call = ask(f"{base}/api/v1/calls", token, {"debtor": debtor, "contact_point": contact_point, "direction": "in"})
    print(call["id"], call["card"]["goal"]["text"])
    address, begun = f"{base}/api/v1/calls/{call['id']}", time.monotonic()
    threading.Thread(target=follow, args=(f"{address}/events", token)).start()
    for turn in turns:
        time.sleep(max(0.0, begun + turn["t"] / float(speed) - time.monotonic()))
        answer = ask(f"{address}/turns", token, {name: turn[name] for name in ("seq", "speaker", "text")})
        print(turn["seq"], turn["speaker"], turn["text"])
        for alert in answer["alerts"]:
            print("   alert", alert["decision"], alert["why"])
        print(*(f"   say {one['reason']} {one['text']}" for one in answer["suggestions"][:1]))
    draft = ask(f"{address}/wrap-up", token)
    print("   not said:", *draft.pop("missing"))
    ask(f"{address}/close", token, draft | {"confirmed": True})


if __name__ == "__main__":
    main(*sys.argv[1:])
