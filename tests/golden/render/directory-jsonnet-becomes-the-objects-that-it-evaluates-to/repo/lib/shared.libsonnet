{ labels: { found: 'in a library' } }
