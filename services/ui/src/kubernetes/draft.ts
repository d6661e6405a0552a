/**
 * A YAML document that a form and an editor change in turn.
 *
 * The text is the truth. A form sets one path at a time in it, so that comments, order and whatever the
 * form does not know stay where they are. While the text cannot be read, `problem` says why and where, and
 * the values are those of the last text that could.
 */
import { type Document, isCollection, isMap, isScalar, isSeq, parseDocument, stringify, type YAMLError } from 'yaml';

export type Step = string | number;
export type Path = readonly Step[];

export interface DraftProblem {
  message: string;
  /** Counted from 1; 0 where no place is known. */
  line: number;
  column: number;
}

/** Characters of a text that is read; a larger one is told, not read. */
export const MAX_TEXT = 2_000_000;

const WRITTEN = { lineWidth: 0 } as const;

/** As the text has its `{…}`: with a space inside, or without. */
function written(document: Document, text: string): string {
  return document.toString({ ...WRITTEN, flowCollectionPadding: !/[{[][^\s}\]]/.test(text) });
}

/** What was typed into a part of a form and is not in the document, since it cannot be read: words by place. */
export type Unread = ReadonlyMap<string, { readonly path: Path; readonly words: string }>;

const ALL_READ: Unread = new Map();

export class Draft {
  private constructor(
    readonly text: string,
    private readonly document: Document,
    readonly problem: DraftProblem | null,
    readonly unread: Unread = ALL_READ,
  ) {}

  static of(value: unknown): Draft {
    return Draft.parse(stringify(value ?? {}, WRITTEN));
  }

  static parse(text: string): Draft {
    return read(text, (document, problem) => new Draft(text, document, problem), empty());
  }

  /** The same draft with another text; what cannot be read leaves the values as they were. */
  typed(text: string): Draft {
    if (text === this.text) return this;
    return read(text, (document, problem) => new Draft(text, document, problem), this.document);
  }

  /** The plain value at a path; `undefined` where nothing is. */
  get(path: Path = []): unknown {
    if (path.length === 0) return plain(this.document.contents, this.document);
    return plain(this.document.getIn([...path], true), this.document);
  }

  string(path: Path): string {
    const found = this.get(path);
    return typeof found === 'string' ? found : typeof found === 'number' ? String(found) : '';
  }

  flag(path: Path): boolean {
    return this.get(path) === true;
  }

  list(path: Path): unknown[] {
    const found = this.get(path);
    return Array.isArray(found) ? found : [];
  }

  strings(path: Path): string[] {
    return this.list(path).map(String);
  }

  map(path: Path): Record<string, unknown> {
    const found = this.get(path);
    return isRecord(found) ? found : {};
  }

  object(): Record<string, unknown> {
    return this.map([]);
  }

  /**
   * The draft with a value at a path. `undefined`, `''`, `false` and what is empty take the field away, and
   * the parents that hold nothing more, down to `keep` steps. A draft that cannot be read stays as it is.
   */
  with(path: Path, value: unknown, keep = 1): Draft {
    if (this.problem || path.length === 0) return this;
    const document = this.document.clone();
    if (isNothing(value)) remove(document, path, keep);
    else put(document, path, value);
    return this.rewritten(document);
  }

  /** The same as `with`, but `false` and `''` are written. */
  exactly(path: Path, value: unknown): Draft {
    if (this.problem || path.length === 0) return this;
    const document = this.document.clone();
    put(document, path, value);
    return this.rewritten(document);
  }

  /** The same draft, knowing why what a form has at a path is not in it; `''` says that it is again. */
  unreadAt(path: Path, words: string): Draft {
    const key = path.join('/');
    if ((this.unread.get(key)?.words ?? '') === words) return this;
    const unread = new Map(this.unread);
    if (words) unread.set(key, { path, words });
    else unread.delete(key);
    return new Draft(this.text, this.document, this.problem, unread);
  }

  /** The same draft without what cannot be read of its form, which is gone. */
  forgetful(): Draft {
    return this.unread.size > 0 ? new Draft(this.text, this.document, this.problem) : this;
  }

  private rewritten(document: Document): Draft {
    const made = Draft.parse(written(document, this.text));
    return this.unread.size > 0 ? new Draft(made.text, made.document, made.problem, this.unread) : made;
  }
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function empty(): Document {
  return parseDocument('{}');
}

function read(
  text: string,
  make: (document: Document, problem: DraftProblem | null) => Draft,
  before: Document,
): Draft {
  if (text.length > MAX_TEXT) {
    return make(before, { message: `the text is longer than ${MAX_TEXT} characters`, line: 0, column: 0 });
  }
  const document = parseDocument(text);
  const first = document.errors[0];
  if (first) return make(before, problemOf(first));
  try {
    const value: unknown = document.toJS();
    if (value !== null && value !== undefined && !isRecord(value)) {
      return make(before, { message: 'a YAML mapping is expected here', line: 1, column: 1 });
    }
  } catch (error) {
    return make(before, { message: error instanceof Error ? error.message : String(error), line: 0, column: 0 });
  }
  return make(document, null);
}

function problemOf(error: YAMLError): DraftProblem {
  const place = error.linePos?.[0];
  const message =
    error.code === 'MULTIPLE_DOCS'
      ? 'there are several documents in the text; one is expected'
      : (error.message.split(/ at line \d+/)[0] ?? error.message);
  return { message, line: place?.line ?? 0, column: place?.col ?? 0 };
}

function plain(node: unknown, document: Document): unknown {
  if (node === null || node === undefined) return undefined;
  if (typeof node === 'object' && 'toJS' in node && typeof node.toJS === 'function') {
    const value: unknown = node.toJS(document);
    return value === null ? undefined : value;
  }
  return node;
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === '' || value === false) return true;
  if (Array.isArray(value)) return value.length === 0;
  return isRecord(value) && Object.keys(value).length === 0;
}

function put(document: Document, path: Path, value: unknown): void {
  if (!isCollection(document.contents)) document.contents = document.createNode({});
  unflow(document.contents);
  for (let length = 1; length < path.length; length += 1) {
    const place = path.slice(0, length);
    if (!isCollection(document.getIn(place, true))) {
      document.setIn(place, document.createNode(typeof path[length] === 'number' ? [] : {}));
    }
    unflow(document.getIn(place, true));
  }
  unquote(document.getIn([...path], true));
  const isPlain = typeof value !== 'object' || value === null;
  document.setIn([...path], isPlain ? value : document.createNode(value));
}

/** What was written as `{}` gets lines of its own once something is put into it. */
function unflow(node: unknown): void {
  if ((isMap(node) || isSeq(node)) && node.flow && node.items.length === 0) node.flow = false;
}

/** What is written over `""` needs its quotes no more. */
function unquote(node: unknown): void {
  if (isScalar(node) && node.value === '') node.type = 'PLAIN';
}

function remove(document: Document, path: Path, keep: number): void {
  if (!document.hasIn([...path])) return;
  document.deleteIn([...path]);
  for (let length = path.length - 1; length > keep; length -= 1) {
    const place = path.slice(0, length);
    const parent = document.getIn(place, true);
    if (!isMap(parent) || parent.items.length > 0) return;
    if (typeof place[length - 1] === 'number') return;
    document.deleteIn(place);
  }
}
