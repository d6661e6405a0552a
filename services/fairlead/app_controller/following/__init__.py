"""What the control plane declares, followed: applications, projects, settings, credentials."""
