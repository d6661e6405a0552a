/** What a person does to the whole application, as requests. */

import { del, get, patch, post } from '@/api';
import type { Application } from './model';

export interface Named {
  name: string;
  appNamespace: string;
  project: string;
}

/** How the API names an application. */
export function named(application: Application): Named {
  return {
    name: application.metadata?.name ?? '',
    appNamespace: application.metadata?.namespace ?? '',
    project: application.spec?.project ?? '',
  };
}

export function pathOf(name: string): string {
  return `/api/v1/applications/${encodeURIComponent(name)}`;
}

/** Compare with what Git and the cluster have now; hard: forget what was rendered. */
export function refresh({ name, appNamespace, project }: Named, kind: 'normal' | 'hard'): Promise<Application> {
  return get<Application>(pathOf(name), { refresh: kind, appNamespace, project });
}

/** End the operation that runs. */
export function terminate({ name, appNamespace, project }: Named): Promise<unknown> {
  return del(`${pathOf(name)}/operation`, { appNamespace, project });
}

/** Sync as the spec says, without asking for more. */
export function syncNow({ name, appNamespace, project }: Named): Promise<Application> {
  return post<Application>(`${pathOf(name)}/sync`, { name, appNamespace, project });
}

/** Change the application by an RFC 7386 patch. */
export function merge({ name, appNamespace, project }: Named, change: string): Promise<Application> {
  return patch<Application>(pathOf(name), { name, appNamespace, project, patch: change, patchType: 'merge' });
}

export type Removal = 'foreground' | 'background' | 'orphan';

/** Delete it; `orphan` leaves what it manages in the cluster. */
export function remove({ name, appNamespace, project }: Named, how: Removal): Promise<unknown> {
  const cascade = how !== 'orphan';
  return del(pathOf(name), { appNamespace, project, cascade, ...(cascade ? { propagationPolicy: how } : {}) });
}
