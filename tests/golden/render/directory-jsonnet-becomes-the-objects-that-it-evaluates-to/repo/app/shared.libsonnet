{ labels: { found: 'beside the file' } }
