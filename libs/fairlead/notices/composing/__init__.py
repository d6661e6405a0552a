"""Messages of templates: what is a template in a service's block is filled in, everything else is data."""
