/** What the reader may do to this application. */

import { useGet } from '@/api';
import { type Can, useCan } from '@/api/can';
import type { Settings } from '@/api/types';
import { type Named, named } from './acts';
import type { Application } from './model';

/** How policies name an application: with its namespace where that is not the control plane's own. */
export function objectOf({ name, appNamespace, project }: Named, controlNamespace: string | undefined): string {
  const isElsewhere = appNamespace && controlNamespace && appNamespace !== controlNamespace;
  return isElsewhere ? `${project}/${appNamespace}/${name}` : `${project}/${name}`;
}

export function useRight(application: Application, action: 'sync' | 'update' | 'delete' | 'get' | 'override'): Can {
  const settings = useGet<Settings>('/api/v1/settings', undefined, { staleTime: Number.POSITIVE_INFINITY });
  const object = settings.data ? objectOf(named(application), settings.data.controllerNamespace) : null;
  return useCan('applications', action, object);
}
