/** What became of one application of a run. */
export type Outcome = { state: 'waiting' | 'running' | 'untouched' } | { state: 'done' | 'failed'; words: string };

/** Requests at a time: a browser opens six connections to a server, and the stream has one. */
export const AT_ONCE = 4;

/** Milliseconds between two looks that are told, so that ten thousand results are not ten thousand renders. */
const TOLD = 100;

/**
 * Does something to one after the other, a few at a time. What was begun is ended also when it is stopped; what was
 * not is untouched.
 */
export class Run<T extends { key: string }> {
  readonly outcomes = new Map<string, Outcome>();
  private version = 0;
  private isStopped = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();
  private readonly queue: T[];

  constructor(
    readonly items: readonly T[],
    private readonly act: (item: T) => Promise<string>,
    private readonly wordsOf: (error: unknown) => string,
  ) {
    this.queue = [...items];
    for (const { key } of items) this.outcomes.set(key, { state: 'waiting' });
  }

  async start(): Promise<void> {
    await Promise.all(Array.from({ length: Math.min(AT_ONCE, this.items.length) }, () => this.work()));
    this.tell();
  }

  /** Begins nothing more. */
  stop(): void {
    this.isStopped = true;
    for (const { key } of this.queue.splice(0)) this.outcomes.set(key, { state: 'untouched' });
    this.tell();
  }

  get isOver(): boolean {
    return this.count('waiting') + this.count('running') === 0;
  }

  get wasStopped(): boolean {
    return this.isStopped;
  }

  count(state: Outcome['state']): number {
    let found = 0;
    for (const outcome of this.outcomes.values()) if (outcome.state === state) found += 1;
    return found;
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  readonly snapshot = (): number => this.version;

  private async work(): Promise<void> {
    for (let item = this.queue.shift(); item !== undefined; item = this.queue.shift()) {
      this.put(item.key, { state: 'running' });
      try {
        this.put(item.key, { state: 'done', words: await this.act(item) });
      } catch (error) {
        this.put(item.key, { state: 'failed', words: this.wordsOf(error) });
      }
    }
  }

  private put(key: string, outcome: Outcome): void {
    this.outcomes.set(key, outcome);
    this.timer ??= setTimeout(() => this.tell(), TOLD);
  }

  private tell(): void {
    clearTimeout(this.timer);
    this.timer = undefined;
    this.version += 1;
    for (const listener of this.listeners) listener();
  }
}
