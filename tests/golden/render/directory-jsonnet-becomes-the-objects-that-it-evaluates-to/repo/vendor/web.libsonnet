error 'a later library goes before'
