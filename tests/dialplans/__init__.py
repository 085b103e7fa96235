"""The language, the engine and the commands of dialplans."""
