"""What is the same for every call, whichever way it came: its record, its refusal, its place among streams.

call.py       one record for each call
outcome.py    any failure as a refusal
places.py     how many streams may be open
pump.py       carrying a stream to its client
opened.py     a stream that was let begin
"""
