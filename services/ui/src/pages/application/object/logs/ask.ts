/** Which lines of which logs are asked for, and what comes of an answer. */
import type { Query } from '@/api/client';
import type { ObjectKey } from '@/kubernetes/key';
import type { Entry } from './lines';

/** All containers of each pod, in one stream; the pods' names then come as `pod/container`. */
export const ALL = '*';

export interface LogSource {
  readonly application: { readonly name: string; readonly namespace: string; readonly project: string };
  readonly object: ObjectKey;
  /** One pod of the object; '' for all of them. */
  readonly pod: string;
  /** The namespace that the pods are in. */
  readonly namespace: string;
  readonly container: string;
}

export interface LogChoice {
  readonly tail: number;
  /** Seconds; 0 for all that there is. */
  readonly since: number;
  readonly previous: boolean;
  readonly follow: boolean;
  /** What the server looks for; '' has all lines told. */
  readonly filter: string;
  readonly matchCase: boolean;
}

export const FIRST: LogChoice = { tail: 1000, since: 0, previous: false, follow: true, filter: '', matchCase: false };

export const TAILS: readonly number[] = [100, 1000, 10_000, 0];
export const SINCES: readonly (readonly [number, string])[] = [
  [0, 'Any time'],
  [60, 'Last minute'],
  [300, 'Last 5 minutes'],
  [900, 'Last 15 minutes'],
  [3600, 'Last hour'],
  [6 * 3600, 'Last 6 hours'],
  [24 * 3600, 'Last day'],
];

export function pathOf({ application }: LogSource): string {
  return `/api/v1/applications/${encodeURIComponent(application.name)}/logs`;
}

/** The query of a first request; `resume` is the time of the last line that came, to go on after it. */
export function queryOf(source: LogSource, choice: LogChoice, resume = ''): Query {
  const { application, object, pod, namespace, container } = source;
  const isPod = object.group === '' && object.kind === 'Pod';
  return {
    appNamespace: application.namespace,
    project: application.project,
    namespace,
    podName: isPod ? object.name : pod || undefined,
    group: isPod ? undefined : object.group || undefined,
    kind: isPod ? undefined : object.kind,
    resourceName: isPod ? undefined : object.name,
    container,
    sinceTime: resume || undefined,
    sinceSeconds: resume || !choice.since ? undefined : choice.since,
    tailLines: resume || !choice.tail ? undefined : choice.tail,
    follow: choice.follow && !choice.previous ? true : undefined,
    previous: choice.previous ? true : undefined,
    filter: choice.filter || undefined,
    matchCase: choice.filter && choice.matchCase ? true : undefined,
  };
}

/** One message of the stream. */
export interface LogEntry {
  readonly content?: string;
  readonly timeStampStr?: string;
  readonly podName?: string;
  readonly last?: boolean;
}

const NEVER = '0001-01-01T00:00:00Z';

/** A line; null for the word that no more will come. */
export function entryOf(told: LogEntry, container: string): Entry | null {
  if (told.last) return null;
  const [pod = '', inside] = (told.podName ?? '').split('/');
  const at = told.timeStampStr && told.timeStampStr !== NEVER ? told.timeStampStr : '';
  const of = inside ?? (container === ALL ? '' : container);
  return { at, pod, container: pod ? of : '', text: told.content ?? '' };
}

/** Milliseconds before the last line from which a stream is gone on with: lines of several pods come in no order. */
export const OVERLAP = 10_000;

/** The last moment of which a pod's container told lines, and how many. */
interface Told {
  readonly key: string;
  readonly lines: number;
}

/** Which lines are new after a stream was gone on with, which tells some of them again. */
export class Newer {
  private last = new Map<string, Told>();
  private again = new Map<string, Told>();
  private newest = '';

  /** The time to go on from; '' before there was a line. */
  get resume(): string {
    const moment = Date.parse(this.newest);
    return Number.isNaN(moment) ? '' : new Date(moment - OVERLAP).toISOString();
  }

  isNew(entry: Entry): boolean {
    if (entry.at === '') return true;
    const from = `${entry.pod}/${entry.container}`;
    const key = comparable(entry.at);
    if (this.cameBefore(from, key)) return false;
    const last = this.last.get(from);
    if (key === last?.key) this.last.set(from, { key, lines: last.lines + 1 });
    else if (key > (last?.key ?? '')) this.last.set(from, { key, lines: 1 });
    if (key > this.newest) this.newest = key;
    return true;
  }

  /** What came already comes again from now on. */
  resumed(): void {
    this.again = new Map(this.last);
  }

  private cameBefore(from: string, key: string): boolean {
    const again = this.again.get(from);
    if (again === undefined || key > again.key) return false;
    if (key < again.key) return true;
    if (again.lines === 0) return false;
    this.again.set(from, { key, lines: again.lines - 1 });
    return true;
  }
}

/** RFC 3339 in UTC with nine digits of a second, so that texts are ordered as their times are. */
function comparable(at: string): string {
  const match = /^(\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d)(?:\.(\d+))?Z$/.exec(at);
  if (match) return `${match[1]}.${(match[2] ?? '').slice(0, 9).padEnd(9, '0')}Z`;
  const moment = new Date(at);
  return Number.isNaN(moment.getTime()) ? '' : moment.toISOString().replace(/(\.\d+)Z$/, '$1000000Z');
}
