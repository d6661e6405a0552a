/** The four lists of the API: repositories and credential templates, to read from and to write to. */

export interface Store {
  readonly path: string;
  readonly isTemplate: boolean;
  /** Used by the source hydrator to write, and there only where it is switched on. */
  readonly isForWriting: boolean;
  readonly title: string;
  readonly noun: string;
  /** What policies call it. */
  readonly resource: string;
}

export const REPOSITORIES: Store = {
  path: '/api/v1/repositories',
  isTemplate: false,
  isForWriting: false,
  title: 'Repositories',
  noun: 'repository',
  resource: 'repositories',
};
export const TEMPLATES: Store = {
  path: '/api/v1/repocreds',
  isTemplate: true,
  isForWriting: false,
  title: 'Credential templates',
  noun: 'credential template',
  resource: 'repositories',
};
export const WRITE_REPOSITORIES: Store = {
  path: '/api/v1/write-repositories',
  isTemplate: false,
  isForWriting: true,
  title: 'Repositories to write to',
  noun: 'write repository',
  resource: 'write-repositories',
};
export const WRITE_TEMPLATES: Store = {
  path: '/api/v1/write-repocreds',
  isTemplate: true,
  isForWriting: true,
  title: 'Credential templates to write with',
  noun: 'write credential template',
  resource: 'write-repositories',
};

/** The path of one, by its address. */
export function pathOf(store: Store, url: string): string {
  return `${store.path}/${encodeURIComponent(url)}`;
}

/** How policies name one: below its project, where it belongs to one. */
export function objectOf(declared: {
  readonly repo?: string;
  readonly url?: string;
  readonly project?: string;
}): string {
  const address = declared.repo ?? declared.url ?? '';
  return declared.project ? `${declared.project}/${address}` : address;
}
