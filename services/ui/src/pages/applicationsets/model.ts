/** ApplicationSets as the API tells them. */

export interface SetResource {
  readonly group?: string;
  readonly version?: string;
  readonly kind?: string;
  readonly namespace?: string;
  readonly name: string;
  readonly health?: { readonly status?: string; readonly message?: string };
}

export interface ApplicationSet {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly creationTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
  };
  readonly spec?: {
    readonly generators?: readonly Readonly<Record<string, unknown>>[];
    readonly template?: {
      readonly spec?: {
        readonly project?: string;
        readonly source?: { readonly repoURL?: string };
        readonly sources?: readonly { readonly repoURL?: string }[];
      };
    };
    readonly syncPolicy?: { readonly applicationsSync?: string; readonly preserveResourcesOnDeletion?: boolean };
  };
  readonly status?: {
    readonly conditions?: readonly {
      readonly type?: string;
      readonly status?: string;
      readonly message?: string;
      readonly reason?: string;
    }[];
    readonly resources?: readonly SetResource[];
  };
}

export const SETS = '/api/v1/applicationsets';

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
