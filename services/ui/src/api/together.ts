/** Questions that come at about the same time, asked in one request. */

/** Milliseconds that the first question of a request waits for others. */
const WAIT = 5;

interface Waiting<Q, A> {
  readonly question: Q;
  readonly answer: (answer: A) => void;
  readonly fail: (error: unknown) => void;
}

/** `ask` answers many questions in their order, at most `most`; what is returned asks one. */
export function together<Q, A>(
  most: number,
  ask: (questions: readonly Q[]) => Promise<readonly A[]>,
): (question: Q) => Promise<A> {
  let waiting: Waiting<Q, A>[] = [];

  async function send(batch: readonly Waiting<Q, A>[]): Promise<void> {
    try {
      const answers = await ask(batch.map(({ question }) => question));
      for (const [at, one] of batch.entries()) {
        const answer = answers[at];
        if (answer === undefined) one.fail(new Error('The server left a question out.'));
        else one.answer(answer);
      }
    } catch (error) {
      for (const one of batch) one.fail(error);
    }
  }

  function flush(): void {
    const all = waiting;
    waiting = [];
    for (let at = 0; at < all.length; at += most) void send(all.slice(at, at + most));
  }

  return (question) =>
    new Promise((answer, fail) => {
      if (waiting.length === 0) setTimeout(flush, WAIT);
      waiting.push({ question, answer, fail });
    });
}
