"""What asking alone costs: conditional requests by httpx in threads, and nothing else.

    python -m benchmarks.bare STORE URLS [THREADS]

One client for each thread, since threads that share one wait for its pool. Validators are kept
in a JSON file between runs; nothing is parsed, nothing stored, nobody is left in peace.
"""

from __future__ import annotations

import json
import sys
import threading
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx

THREADS = 32  # as many as the aggregator has connections
HEADERS = {"User-Agent": "bare/1 (+https://blog.example/)", "Accept-Encoding": "gzip"}


def main() -> None:
    store, urls = Path(sys.argv[1]), Path(sys.argv[2]).read_text().split()
    threads = int(sys.argv[3]) if len(sys.argv) > 3 else THREADS
    known: dict[str, str] = json.loads(store.read_text()) if store.exists() else {}
    mine = threading.local()
    clients: list[httpx.Client] = []

    def client() -> httpx.Client:
        if not hasattr(mine, "client"):
            mine.client = httpx.Client(headers=HEADERS, timeout=30, trust_env=False)
            clients.append(mine.client)
        return mine.client

    def ask(url: str) -> int:
        etag = known.get(url)
        answer = client().get(url, headers={"If-None-Match": etag} if etag else {})
        if "ETag" in answer.headers:
            known[url] = answer.headers["ETag"]
        return answer.status_code

    with ThreadPoolExecutor(threads) as pool:
        statuses = Counter(pool.map(ask, urls))
    for one in clients:
        one.close()
    store.write_text(json.dumps(known))
    print(json.dumps(statuses))


if __name__ == "__main__":
    main()
