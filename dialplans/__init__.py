"""The dialplan language and the one engine that decides where a call goes."""
