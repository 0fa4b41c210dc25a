"""Local servers that behave as public services are documented to; all they say is invented."""
