/** An AppProject as the API tells and takes it; a field that is empty is absent. */

export interface Destination {
  readonly server?: string;
  readonly name?: string;
  readonly namespace?: string;
}

export interface Kind {
  readonly group?: string;
  readonly kind?: string;
  readonly name?: string;
}

export interface ServiceAccount {
  readonly server?: string;
  readonly namespace?: string;
  readonly defaultServiceAccount?: string;
}

export interface Token {
  readonly iat: number;
  readonly exp?: number;
  readonly id?: string;
}

export interface Role {
  readonly name: string;
  readonly description?: string;
  readonly policies?: readonly string[];
  readonly groups?: readonly string[];
  readonly jwtTokens?: readonly Token[];
}

export interface SyncWindow {
  readonly kind?: string;
  readonly schedule?: string;
  readonly duration?: string;
  readonly timeZone?: string;
  readonly applications?: readonly string[];
  readonly namespaces?: readonly string[];
  readonly clusters?: readonly string[];
  readonly manualSync?: boolean;
  readonly andOperator?: boolean;
  readonly syncOverrun?: boolean;
  readonly description?: string;
}

/** Which commits of some repositories must be signed by one of the keys. */
export interface Policy {
  readonly repos?: readonly { readonly url?: string }[];
  readonly gpg?: { readonly mode?: string; readonly keys?: readonly string[] };
}

export interface SourceIntegrity {
  readonly git?: { readonly policies?: readonly Policy[] };
}

export interface ProjectSpec {
  readonly description?: string;
  readonly sourceRepos?: readonly string[];
  readonly sourceNamespaces?: readonly string[];
  readonly destinations?: readonly Destination[];
  readonly destinationServiceAccounts?: readonly ServiceAccount[];
  readonly clusterResourceWhitelist?: readonly Kind[];
  readonly clusterResourceBlacklist?: readonly Kind[];
  /** Absent allows every namespaced kind, empty allows none. */
  readonly namespaceResourceWhitelist?: readonly Kind[];
  readonly namespaceResourceBlacklist?: readonly Kind[];
  readonly roles?: readonly Role[];
  readonly syncWindows?: readonly SyncWindow[];
  readonly orphanedResources?: { readonly warn?: boolean; readonly ignore?: readonly Kind[] };
  readonly permitOnlyProjectScopedClusters?: boolean;
  readonly signatureKeys?: readonly { readonly keyID: string }[];
  readonly sourceIntegrity?: SourceIntegrity;
}

export interface Project {
  readonly metadata: {
    readonly name: string;
    readonly namespace?: string;
    readonly resourceVersion?: string;
    readonly creationTimestamp?: string;
    readonly deletionTimestamp?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly spec: ProjectSpec;
  readonly status?: { readonly jwtTokensByRole?: Readonly<Record<string, { readonly items?: readonly Token[] }>> };
}

export interface ProjectList {
  readonly items: readonly Project[] | null;
}

export interface Detailed {
  readonly project: Project;
  readonly globalProjects?: readonly Project[];
  readonly repositories?: readonly { readonly repo?: string; readonly name?: string }[];
  readonly clusters?: readonly { readonly server?: string; readonly name?: string }[];
}

export const PROJECTS = '/api/v1/projects';

export function pathOf(name: string, below = ''): string {
  return `${PROJECTS}/${encodeURIComponent(name)}${below}`;
}

/** A role's tokens, of the specification and of the status together, newest first. */
export function tokensOf(project: Project, role: Role): Token[] {
  const mirrored = project.status?.jwtTokensByRole?.[role.name]?.items ?? [];
  const found = new Map<string, Token>();
  for (const token of [...(role.jwtTokens ?? []), ...mirrored]) found.set(`${token.id ?? ''}/${token.iat}`, token);
  return [...found.values()].sort((a, b) => b.iat - a.iat);
}

/** Fields of a specification as they are to be; one that is undefined is to be absent. */
export type Change = { readonly [Field in keyof ProjectSpec]?: ProjectSpec[Field] | undefined };

/** The project with another specification, to be sent: the version it was read at goes along, so that nobody is overwritten. */
export function changed(project: Project, change: Change): { project: Project } {
  const spec = Object.entries({ ...project.spec, ...change }).filter(([, value]) => value !== undefined);
  return { project: { ...project, spec: Object.fromEntries(spec) } };
}
