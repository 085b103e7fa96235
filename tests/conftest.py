"""Fixtures for every test that needs a real server: `redis_url`, `livekit`, `stack`."""

from tests.stack.fixtures import livekit, redis_url, servers, stack

__all__ = ["livekit", "redis_url", "servers", "stack"]
