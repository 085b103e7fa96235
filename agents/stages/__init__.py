"""Whatever has a call at a moment; imports call, company and providers, and no persona."""
