/** What the sync panel holds, and the request that is made of it. */
import { keyOf, type SyncObject } from './objects';
import { NO_RETRY, type RetryForm, type RetryStrategy, strategyOf } from './retry';

export interface SyncForm {
  /** The revision of each source in order; "" where the application's own is meant. */
  revisions: string[];
  prune: boolean;
  force: boolean;
  /** Without hooks: the strategy `apply`. */
  applyOnly: boolean;
  options: string[];
  retry: RetryForm;
  /** Keys of the chosen objects; null for all of them. */
  chosen: ReadonlySet<string> | null;
}

export interface SyncRequest {
  appNamespace: string;
  project: string;
  revision?: string;
  revisions?: string[];
  sourcePositions?: number[];
  dryRun: boolean;
  prune: boolean;
  strategy: { hook: { force: boolean } } | { apply: { force: boolean } };
  resources?: { group: string; kind: string; name: string; namespace: string }[];
  retryStrategy?: RetryStrategy;
  syncOptions: { items: string[] };
}

export interface Asking {
  namespace: string;
  project: string;
  /** `targetRevision` of each source in order. */
  targets: readonly string[];
  hasSources: boolean;
  objects: readonly SyncObject[];
  dryRun: boolean;
}

export function formOf(targets: readonly string[], options: readonly string[], retry: RetryForm = NO_RETRY): SyncForm {
  return {
    revisions: targets.map(() => ''),
    prune: false,
    force: false,
    applyOnly: false,
    options: [...options],
    retry,
    chosen: null,
  };
}

export function requestOf(form: SyncForm, asking: Asking): SyncRequest {
  const force = { force: form.force };
  const chosen = form.chosen;
  const retry = asking.dryRun ? undefined : strategyOf(form.retry);
  return {
    appNamespace: asking.namespace,
    project: asking.project,
    ...revisionsOf(form, asking),
    dryRun: asking.dryRun,
    prune: form.prune,
    strategy: form.applyOnly ? { apply: force } : { hook: force },
    ...(chosen === null
      ? {}
      : {
          resources: asking.objects
            .filter((object) => chosen.has(keyOf(object)))
            .map(({ group, kind, name, namespace }) => ({ group, kind, name, namespace })),
        }),
    ...(retry ? { retryStrategy: retry } : {}),
    syncOptions: { items: form.options },
  };
}

function revisionsOf(form: SyncForm, asking: Asking): Pick<SyncRequest, 'revision' | 'revisions' | 'sourcePositions'> {
  const asked = form.revisions.map((revision) => revision.trim());
  if (!asking.hasSources) return { revision: asked[0] || asking.targets[0] || '' };
  const positions = asked.flatMap((revision, index) => (revision ? [index + 1] : []));
  if (positions.length === 0) return {};
  return { revisions: asked.filter(Boolean), sourcePositions: positions };
}

/** Whether a sync goes to another revision than the application's own; no target is HEAD. */
export function isElsewhere(form: SyncForm, targets: readonly string[]): boolean {
  return form.revisions.some((revision, at) => {
    const asked = revision.trim();
    return asked !== '' && asked !== (targets[at] || 'HEAD');
  });
}

/** Why a sync cannot be asked for as it stands; "" when it can. */
export function refusalOf(form: SyncForm): string {
  if (form.chosen !== null && form.chosen.size === 0) return 'Choose at least one object.';
  return '';
}
