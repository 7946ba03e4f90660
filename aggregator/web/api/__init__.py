"""The desk for programs: `/api/v1`, JSON, with tokens. Its description is `openapi.json` there."""
