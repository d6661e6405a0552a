/** Server-sent events out of the bytes of a response. */

export interface ServerEvent {
  /** Null where the event had none. */
  id: string | null;
  data: string;
}

/** Characters of one event, beyond which a stream is given up. */
export const EVENT_LIMIT = 64 * 1024 * 1024;

export class EventTooLongError extends Error {
  override readonly name = 'EventTooLongError';
}

/** Takes the text of a stream as it comes and tells each event that is whole. */
export class EventReader {
  private rest: string[] = [];
  private length = 0;
  private id: string | null = null;
  private data: string[] = [];

  constructor(private readonly tell: (event: ServerEvent) => void) {}

  push(text: string): void {
    let start = 0;
    for (let end = text.indexOf('\n'); end !== -1; end = text.indexOf('\n', start)) {
      this.rest.push(text.slice(start, end));
      const line = this.rest.length === 1 ? (this.rest[0] ?? '') : this.rest.join('');
      this.rest = [];
      this.line(line.endsWith('\r') ? line.slice(0, -1) : line);
      start = end + 1;
    }
    if (start < text.length) {
      this.rest.push(text.slice(start));
      this.grow(text.length - start);
    }
  }

  private line(line: string): void {
    if (line === '') {
      if (this.data.length > 0) this.tell({ id: this.id, data: this.data.join('\n') });
      this.data = [];
      this.id = null;
      this.length = 0;
      return;
    }
    const colon = line.indexOf(':');
    if (colon === 0) return;
    const field = colon === -1 ? line : line.slice(0, colon);
    const value = colon === -1 ? '' : line.slice(line[colon + 1] === ' ' ? colon + 2 : colon + 1);
    if (field === 'data') {
      this.data.push(value);
      this.grow(value.length);
    } else if (field === 'id') this.id = value;
  }

  private grow(by: number): void {
    this.length += by;
    if (this.length > EVENT_LIMIT) throw new EventTooLongError('An event of the stream is longer than 64 MiB.');
  }
}
