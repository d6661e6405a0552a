"""Operations: planned, carried out step by step, brought to an end.

An *operation* is what the Application asks for. It has an *attempt*, and another one for each retry, which is
*evaluated* again and again (`operate`, `evaluate`). An evaluation finds the *target*, what is to be deployed,
makes a *plan* of it, and carries a *step* out, in one of three ways: `at_once`, `stepwise` or `trial`.

- `Context` is what the look had found out before; `Attempt` adds the operation's state, `Run` the plan and
  who carries it out: all three are of one evaluation;
- `Execution` is what an evaluation leaves to the next one in this process; losing it costs time only;
- `operationState` of the Application is what was begun and done: a restart goes on from it.
"""
