import { del, get, patch, post } from '@/api';
import type { Chosen } from '../selection';

/** What can be done to many applications. `asked` is how the server's preview names it. */
export type Action = 'sync' | 'refresh' | 'pause' | 'resume' | 'delete';

export const ACTIONS: Record<Action, { title: string; verb: string; begun: string }> = {
  sync: { title: 'Sync applications', verb: 'Sync', begun: 'Sync started' },
  refresh: { title: 'Refresh applications', verb: 'Refresh', begun: 'Refreshed' },
  pause: { title: 'Pause auto-sync', verb: 'Pause', begun: 'Auto-sync paused' },
  resume: { title: 'Resume auto-sync', verb: 'Resume', begun: 'Auto-sync on' },
  delete: { title: 'Delete applications', verb: 'Delete', begun: 'Deletion begun' },
};

export interface Options {
  prune: boolean;
  dryRun: boolean;
  force: boolean;
  /** Apply alone, without hooks. */
  noHooks: boolean;
  hard: boolean;
  cascade: 'foreground' | 'background' | 'orphan';
}

export const OPTIONS: Options = {
  prune: false,
  dryRun: false,
  force: false,
  noHooks: false,
  hard: false,
  cascade: 'foreground',
};

/** Does it to one application; answers what happened in words. */
export async function act(action: Action, options: Options, { name, namespace, project }: Chosen): Promise<string> {
  const path = `/api/v1/applications/${encodeURIComponent(name)}`;
  const which = { appNamespace: namespace, project };
  switch (action) {
    case 'sync':
      await post(`${path}/sync`, { name, ...which, ...syncOf(options) });
      break;
    case 'refresh':
      await get(path, { ...which, refresh: options.hard ? 'hard' : 'normal' });
      break;
    case 'pause':
    case 'resume': {
      const change = { spec: { syncPolicy: { automated: { enabled: action === 'resume' } } } };
      await patch(path, { name, ...which, patch: JSON.stringify(change), patchType: 'merge' });
      break;
    }
    case 'delete':
      await del(path, { ...which, ...deletionOf(options) });
  }
  return options.dryRun && action === 'sync' ? 'Dry run started' : ACTIONS[action].begun;
}

/** The fields of a sync request; options of the spec stay as each application has them. */
export function syncOf({ prune, dryRun, force, noHooks }: Options): object {
  const strategy = noHooks ? { apply: { force } } : { hook: { force } };
  return { prune, dryRun, strategy };
}

export function deletionOf({ cascade }: Options): { cascade: boolean; propagationPolicy?: string } {
  return cascade === 'orphan' ? { cascade: false } : { cascade: true, propagationPolicy: cascade };
}
