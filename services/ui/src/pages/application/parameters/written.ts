/**
 * Writing an application that was edited: on the newest one, and only while that is what the edit began with.
 *
 * The invariant: nothing that somebody else wrote meanwhile is lost unasked. The controller's own writes, of the
 * status and of marks that come and go, are nobody's edit.
 */
import { ApiError, get, put } from '@/api';
import type { Application } from '@/api/schema';
import { isEqual, type Json, valueAt } from '@/kubernetes/json';
import { type Difference, type MergePath, merge } from '@/kubernetes/merge';
import type { Draft, Path } from '../../../kubernetes/draft';
import { namedOf, pathOf } from '../sync/named';

/** Annotations that are no edit: what the controller is asked once and takes off, and what it keeps in mind. */
const PASSING = new Set([
  'argocd.argoproj.io/refresh',
  'argocd.argoproj.io/refresh-timestamp',
  'argocd.argoproj.io/hydrate',
  'fairlead.dev/attempted',
  'fairlead.dev/sync-clock',
  'fairlead.dev/prunes-let-go',
]);
/** How often it is tried while the controller writes the status. */
const TIMES = 8;
const PAUSE = 150;

export type Editable = Record<string, unknown>;

/** What a person may write of an application; the rest is the server's. */
export function editable(application: Application): Editable {
  const { name, namespace, labels, annotations, finalizers } = application.metadata ?? {};
  const own = split(annotations).own;
  const metadata = { name, namespace, labels, annotations: own, finalizers };
  const filled = Object.fromEntries(
    Object.entries(metadata).filter(([, value]) => value !== undefined && !isEmpty(value)),
  );
  return { apiVersion: 'argoproj.io/v1alpha1', kind: 'Application', metadata: filled, spec: application.spec ?? {} };
}

function isEmpty(value: unknown): boolean {
  return typeof value === 'object' && value !== null && Object.keys(value).length === 0;
}

function split(annotations: Readonly<Record<string, string>> | undefined) {
  const entries = Object.entries(annotations ?? {});
  return {
    own: Object.fromEntries(entries.filter(([name]) => !PASSING.has(name))),
    passing: Object.fromEntries(entries.filter(([name]) => PASSING.has(name))),
  };
}

/** Somebody else wrote the application since the edit began. */
export class OvertakenError extends Error {
  constructor(readonly now: Application) {
    super('The application was changed meanwhile.');
  }
}

export async function written(begun: Editable, draft: Draft, application: Application): Promise<Application> {
  const path = pathOf(application);
  const { name, namespace, project } = namedOf(application);
  for (let time = 1; ; time++) {
    const now = await get<Application>(path, { appNamespace: namespace, project });
    if (!isSame(editable(now), begun)) throw new OvertakenError(now);
    const metadata = { ...draft.map(['metadata']), name, namespace };
    const annotations = { ...draft.map(['metadata', 'annotations']), ...split(now.metadata?.annotations).passing };
    const body = { ...draft.object(), metadata: { ...metadata, annotations } };
    try {
      return await put<Application>(path, body, { project, validate: true }, { version: versionOf(now) });
    } catch (error) {
      if (!(error instanceof ApiError) || !error.isConflict || time === TIMES) throw error;
      await new Promise((go) => setTimeout(go, PAUSE * time));
    }
  }
}

export function versionOf(application: Application): string {
  return application.metadata?.resourceVersion ?? '';
}

export function isSame(one: Editable, other: Editable): boolean {
  return isEqual(one as Json, other as Json);
}

/** What they changed, and beside it what I wrote. */
export function differences(begun: Editable, mine: Editable, theirs: Editable): readonly Difference[] {
  return merge(begun as Json, mine as Json, theirs as Json).differences;
}

/** My draft with what they changed and I did not; its comments stay. */
export function onTop(begun: Editable, draft: Draft, theirs: Editable): Draft {
  const mine = draft.object() as Json;
  const { value } = merge(begun as Json, mine, theirs as Json);
  return changes(mine, value, []).reduce((made, path) => {
    const wanted = valueAt(value, path);
    return wanted === undefined ? made.with(path as Path, undefined) : made.exactly(path as Path, wanted);
  }, draft);
}

/** The places of maps where one value is another; lists are taken whole. */
function changes(one: Json | undefined, other: Json | undefined, path: MergePath): MergePath[] {
  if (isEqual(one, other)) return [];
  const isMap = (value: Json | undefined): value is { readonly [key: string]: Json } =>
    typeof value === 'object' && value !== null && !Array.isArray(value);
  if (!isMap(one) || !isMap(other)) return [path];
  return [...new Set([...Object.keys(one), ...Object.keys(other)])].flatMap((key) =>
    changes(one[key], other[key], [...path, key]),
  );
}
