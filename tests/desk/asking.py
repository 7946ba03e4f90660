"""What tests of the desk have in common."""

from __future__ import annotations

import re
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


def secret_of(client: FlaskClient) -> str:
    """Return what proves that a form came from a page of the desk."""
    found = re.search(r'data-csrf="([^"]+)"', client.get("/desk/account").text)
    assert found
    return found[1]


def send(client: FlaskClient, path: str, **form: Any) -> TestResponse:
    """Send a form as a page of the desk does."""
    return client.post(path, data={"csrf": secret_of(client), **form})
