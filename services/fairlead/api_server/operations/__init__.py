"""What can be asked of the API, apart from how it is asked: plain functions of a request and a caller.

One module per service of contract 14. Each function takes the `Backend`, the `Caller` and a typed request,
and returns a struct or JSON bytes; every refusal is a `RefusalError` with a code of gRPC. REST and gRPC are
two spellings of these functions, so a rule enforced here holds for both.
"""
