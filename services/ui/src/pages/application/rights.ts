/** What the reader may do to this application and its objects. */

import { useGet } from '@/api';
import { type Can, useCanEach } from '@/api/can';
import type { Settings } from '@/api/types';
import type { ObjectKey } from '@/kubernetes/key';
import type { Application } from './model';
import { policyObject } from './sync/named';

type Action = 'sync' | 'rollback' | 'update' | 'delete' | 'get' | 'override';

export function useRight(application: Application, action: Action): Can {
  return useFirst(application, { action });
}

/** Whether the reader may sync it to another revision than its own. */
export function useSyncElsewhere(application: Application): Can {
  return useFirst(application, { action: 'sync', elsewhere: true });
}

/** The same of one object of it. */
export function useObjectRight(application: Application, action: 'update' | 'delete', key: ObjectKey): Can {
  const { group, kind, namespace, name } = key;
  return useFirst(application, { action: `${action}/${group}/${kind}/${namespace}/${name}` });
}

/** The same of actions on objects of a kind, by their names. */
export function useActionRights(
  application: Application,
  { group, kind }: ObjectKey,
  names: readonly string[],
): readonly Can[] {
  return useRights(
    application,
    names.map((name) => ({ action: `action/${group}/${kind}/${name}` })),
  );
}

/** Whether the reader may open a shell in its pods. */
export function useShellRight(application: Application): Can {
  return useFirst(application, { resource: 'exec', action: 'create' });
}

interface Asked {
  readonly resource?: string;
  readonly action: string;
  readonly elsewhere?: boolean;
}

const UNKNOWN: Can = { allowed: undefined, refusal: '' };

function useFirst(application: Application, asked: Asked): Can {
  return useRights(application, [asked])[0] ?? UNKNOWN;
}

function useRights(application: Application, asked: readonly Asked[]): readonly Can[] {
  const told = application.status?.controllerNamespace;
  const settings = useGet<Settings>('/api/v1/settings', undefined, { staleTime: Number.POSITIVE_INFINITY });
  const isKnown = Boolean(told) || settings.data !== undefined;
  const object = isKnown ? policyObject(application, settings.data?.controllerNamespace) : null;
  return useCanEach(asked.map((one) => ({ resource: 'applications', object, ...one })));
}
