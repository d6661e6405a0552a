"""What is done with the cluster's own credentials, not with an account of ours."""
