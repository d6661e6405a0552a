"""What Prometheus is told of applications and clusters."""
