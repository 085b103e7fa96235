"""The API's description: what Litestar reads off the handlers, plus problems and examples."""

from __future__ import annotations

from litestar.openapi.config import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin

CONFIG = OpenAPIConfig(
    title="Switchboard",
    version="1",
    path="/schema",
    render_plugins=[JsonRenderPlugin(path="/openapi.json")],
)
