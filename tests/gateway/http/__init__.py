"""What browsers and machines ask beside the API: files, health, figures, traces."""
