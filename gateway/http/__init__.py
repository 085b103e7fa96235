"""What every answer needs: headers, traces, health, console files; imports settings, roles."""
