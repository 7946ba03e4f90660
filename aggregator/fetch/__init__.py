"""The only way to the network: conditional requests, within limits, past a guard."""

import sys

# httpx loads its own command line, and rich with it, where it can: a tenth of a second of every
# poll. It does without when the module is not there.
sys.modules.setdefault("httpx._main", None)  # type: ignore[arg-type]
