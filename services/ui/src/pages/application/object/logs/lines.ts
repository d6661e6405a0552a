/**
 * The lines of logs that the page holds.
 *
 * The invariant: never more than so many lines and characters, the oldest go first and are counted; a line is
 * never changed, so what shows it may keep what it made of it.
 */
export interface Line {
  /** Counts all lines that ever came; a line keeps its number when older ones go. */
  readonly number: number;
  /** RFC 3339; '' for what is told in a pod's stead. */
  readonly at: string;
  readonly pod: string;
  readonly container: string;
  readonly text: string;
}

export type Entry = Omit<Line, 'number'>;

export const MAX_LINES = 100_000;
/** Characters of all lines. */
export const MAX_CHARACTERS = 64 << 20;
/** Beyond the oldest that must go, so that they need not be looked at with every line. */
const SLACK = 0.1;

export interface Bounds {
  readonly lines: number;
  readonly characters: number;
}

export class Lines {
  private kept: Line[] = [];
  private characters = 0;
  private next = 0;
  private start = 0;
  private listeners = new Set<() => void>();
  /** Another number whenever there are other lines. */
  version = 0;

  constructor(private readonly bounds: Bounds = { lines: MAX_LINES, characters: MAX_CHARACTERS }) {}

  get all(): readonly Line[] {
    return this.kept;
  }

  /** Lines that are not held any more, of those that came since it was cleared. */
  get gone(): number {
    return this.next - this.start - this.kept.length;
  }

  add(entries: readonly Entry[]): void {
    if (entries.length === 0) return;
    for (const entry of entries) {
      this.kept.push({ number: this.next++, ...entry });
      this.characters += entry.text.length;
    }
    this.drop();
    this.tell();
  }

  clear(): void {
    this.kept = [];
    this.characters = 0;
    this.start = this.next;
    this.tell();
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  private drop(): void {
    const { lines, characters } = this.bounds;
    if (this.kept.length <= lines * (1 + SLACK) && this.characters <= characters * (1 + SLACK)) return;
    let first = Math.max(0, this.kept.length - lines);
    for (let at = 0; at < first; at++) this.characters -= this.kept[at]?.text.length ?? 0;
    while (this.characters > characters && first < this.kept.length - 1) {
      this.characters -= this.kept[first]?.text.length ?? 0;
      first++;
    }
    this.kept = this.kept.slice(first);
  }

  private tell(): void {
    this.version++;
    for (const listener of this.listeners) listener();
  }
}

/** Which of the lines are wanted; '' wants all, a `!` in front those without the words. */
export interface Wanted {
  readonly words: string;
  readonly matchCase: boolean;
  /** null: of all. */
  readonly pods: ReadonlySet<string> | null;
  readonly containers: ReadonlySet<string> | null;
}

export const EVERYTHING: Wanted = { words: '', matchCase: false, pods: null, containers: null };

/** Whether a line is wanted. */
export function matcher(wanted: Wanted): (line: Line) => boolean {
  const { pods, containers, matchCase } = wanted;
  const isInverted = wanted.words.startsWith('!') && wanted.words.length > 1;
  const words = isInverted ? wanted.words.slice(1) : wanted.words;
  const sought = matchCase ? words : words.toLowerCase();
  return (line) => {
    if (line.pod !== '' && pods !== null && !pods.has(line.pod)) return false;
    if (line.container !== '' && containers !== null && !containers.has(line.container)) return false;
    if (sought === '') return true;
    const text = matchCase ? line.text : line.text.toLowerCase();
    return text.includes(sought) !== isInverted;
  };
}

/** What is looked for in a line, to be marked in it; '' for nothing. */
export function soughtIn(wanted: Wanted): string {
  return wanted.words.startsWith('!') ? '' : wanted.words;
}

/** The wanted ones of the lines, which looks only at those that came since it looked last. */
export class View {
  private shown: Line[] = [];
  private seen = -1;
  private readonly matches: (line: Line) => boolean;
  private readonly isWhole: boolean;

  constructor(
    private readonly lines: Lines,
    wanted: Wanted,
  ) {
    this.matches = matcher(wanted);
    this.isWhole = wanted.words === '' && wanted.pods === null && wanted.containers === null;
  }

  of(): readonly Line[] {
    const { all } = this.lines;
    if (this.isWhole) return all;
    const first = all[0]?.number ?? Number.POSITIVE_INFINITY;
    const from = Math.max(0, this.seen + 1 - first);
    const found = from < all.length ? all.slice(from).filter(this.matches) : [];
    const isOld = (this.shown[0]?.number ?? first) < first;
    if (found.length > 0 || isOld) {
      const kept = isOld ? this.shown.filter((line) => line.number >= first) : this.shown;
      this.shown = found.length > 0 ? kept.concat(found) : kept;
    }
    this.seen = all.at(-1)?.number ?? this.seen;
    return this.shown;
  }
}

/** Where words are in a text, at most so many times. */
export function marks(text: string, words: string, matchCase: boolean, most = 100): readonly [number, number][] {
  if (words === '') return [];
  const where = matchCase ? text : text.toLowerCase();
  const what = matchCase ? words : words.toLowerCase();
  const found: [number, number][] = [];
  for (let at = where.indexOf(what); at >= 0 && found.length < most; at = where.indexOf(what, at + what.length)) {
    found.push([at, at + what.length]);
  }
  return found;
}
