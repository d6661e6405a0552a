error 'not evaluated'
