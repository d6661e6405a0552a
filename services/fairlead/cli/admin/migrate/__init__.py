"""`admin migrate`: from Argo CD to Fairlead and back, looked at before anything is done."""
