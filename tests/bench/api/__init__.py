"""The API server alone: its own process on real servers, its clients in processes of their own."""
