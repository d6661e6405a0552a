"""The verbs on applications, one module each."""
