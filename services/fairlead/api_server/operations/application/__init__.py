"""Application service: one module per thing people do with applications."""
