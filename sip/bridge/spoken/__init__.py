"""What the embedded leg speaks: each method, header, extension, body and code, in one place."""
