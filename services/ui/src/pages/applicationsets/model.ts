/** ApplicationSets as the API tells them. */

export interface SetResource {
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
  readonly status?: string;
  readonly health?: { readonly status?: string; readonly message?: string };
}

export interface SetCondition {
  readonly type?: string;
  readonly status?: string;
  readonly message?: string;
  readonly reason?: string;
  readonly lastTransitionTime?: string;
}

/** Where one Application is in a rollout; step `-1` is none. */
export interface RolloutStatus {
  readonly application: string;
  readonly status: string;
  readonly step: string;
  readonly message?: string;
  readonly lastTransitionTime?: string;
}

export interface RolloutStep {
  readonly matchExpressions?:
    | readonly { readonly key?: string; readonly operator?: string; readonly values?: readonly string[] | null }[]
    | null;
  readonly maxUpdate?: number | string | null;
}

export interface SetSpec {
  readonly generators?: readonly Readonly<Record<string, unknown>>[];
  readonly template?: {
    readonly spec?: {
      readonly project?: string;
      readonly source?: { readonly repoURL?: string };
      readonly sources?: readonly { readonly repoURL?: string }[];
    };
  };
  readonly strategy?: {
    readonly type?: string;
    readonly rollingSync?: { readonly steps?: readonly RolloutStep[] | null };
    readonly deletionOrder?: string;
  };
  readonly syncPolicy?: { readonly applicationsSync?: string; readonly preserveResourcesOnDeletion?: boolean };
}

export interface ApplicationSet {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: SetSpec;
  readonly status?: {
    readonly conditions?: readonly SetCondition[];
    readonly resources?: readonly SetResource[];
    readonly resourcesCount?: number | string;
    readonly applicationStatus?: readonly RolloutStatus[];
    readonly health?: { readonly status?: string; readonly message?: string };
  };
}

export const SETS = '/api/v1/applicationsets';

/** Where a set is asked for, below the API. */
export function setPath(name: string): string {
  return `${SETS}/${encodeURIComponent(name)}`;
}

/** Where its page is. */
export function pagePath(namespace: string, name: string): string {
  return `/applicationsets/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}

/** The kinds of generators that a set has, nested ones too, each once: `matrix (git, clusters)`. */
export function generatorsOf(set: ApplicationSet): string[] {
  return [...new Set((set.spec?.generators ?? []).map(nameOf))];
}

function nameOf(generator: Readonly<Record<string, unknown>>): string {
  const name = Object.keys(generator).find((key) => key !== 'selector') ?? 'none';
  const inner = generator[name];
  if (!isObject(inner) || !Array.isArray(inner['generators'])) return name;
  return `${name} (${inner['generators'].filter(isObject).map(nameOf).join(', ')})`;
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

export function projectOf(set: ApplicationSet): string {
  return set.spec?.template?.spec?.project ?? '';
}

export function repositoriesOf(set: ApplicationSet): string[] {
  const { source, sources } = set.spec?.template?.spec ?? {};
  return [source, ...(sources ?? [])].flatMap((one) => one?.repoURL ?? []);
}

/** How many Applications a set has; its status lists no more than a bound of them. */
export function countOf(set: ApplicationSet): number {
  return Math.max(Number(set.status?.resourcesCount ?? 0), (set.status?.resources ?? []).length);
}

/** As policies name a set: with its namespace where that is not the control plane's. */
export function policyObjectOf(set: ApplicationSet, control: string | undefined): string {
  const { name, namespace } = set.metadata;
  const isOutside = namespace !== undefined && control !== undefined && namespace !== control;
  return [projectOf(set), ...(isOutside ? [namespace] : []), name].join('/');
}

/** What a set complains of, the first of it; `''` where all is well. */
export function complaintOf(set: ApplicationSet): string {
  const wrong = ['ErrorOccurred', 'DeletionHeld', 'InvalidRolloutConfig'];
  const found = (set.status?.conditions ?? []).filter(
    ({ type, status }) => wrong.includes(type ?? '') && status === 'True',
  );
  return found.sort((a, b) => wrong.indexOf(a.type ?? '') - wrong.indexOf(b.type ?? ''))[0]?.message ?? '';
}

/** What becomes of the Applications of a set that is deleted. */
export function fateOf(set: ApplicationSet): string {
  const { applicationsSync = '', preserveResourcesOnDeletion = false } = set.spec?.syncPolicy ?? {};
  const count = countOf(set);
  if (count === 0) return 'No Application is known to be its own.';
  const them = count === 1 ? 'its Application' : `its ${count} Applications`;
  if (applicationsSync === 'create-only' || applicationsSync === 'create-update') {
    return `Its policy, ${applicationsSync}, deletes nothing: where the controller lets a set say so, ${them} will stay.`;
  }
  const objects = preserveResourcesOnDeletion
    ? 'What they deployed stays in the cluster.'
    : 'What they deployed is deleted with them, unless they have no finalizer for that.';
  const order = set.spec?.strategy?.deletionOrder === 'Reverse' ? ' One goes at a time, the last step first.' : '';
  return `With it ${them} will be deleted.${order} ${objects}`;
}
