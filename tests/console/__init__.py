"""The console in Chromium on the real system."""
