/** What the project's sync windows say of a sync now. */
import { useGet } from '@/api';
import type { ApplicationSyncWindow, ApplicationSyncWindowsResponse } from '@/api/schema';
import { Text } from '@/components';
import { Notice } from './Notice';

export const BLOCKED = 'A sync window forbids syncing by hand now.';

/** The windows of an application; `refusal` is "" while a person may sync. */
export function useWindows(application: { name: string; namespace: string; project: string }) {
  const { name, namespace, project } = application;
  const found = useGet<ApplicationSyncWindowsResponse>(
    `/api/v1/applications/${encodeURIComponent(name)}/syncwindows`,
    { appNamespace: namespace, project },
    { refetchInterval: 30_000 },
  );
  const active = found.data?.activeWindows ?? [];
  const isBlocked = found.data !== undefined && found.data.canSync !== true;
  return { active, assigned: found.data?.assignedWindows ?? [], refusal: isBlocked ? BLOCKED : '' };
}

export function Windows({ windows }: { windows: ReturnType<typeof useWindows> }) {
  const shown = windows.active.length > 0 ? windows.active : windows.refusal ? windows.assigned : [];
  if (!windows.refusal && shown.length === 0) return null;
  return (
    <Notice tone={windows.refusal ? 'bad' : 'warn'} title={windows.refusal || 'A sync window is open.'}>
      <ul>
        {shown.map((window) => (
          <li key={[window.kind, window.schedule, window.duration].join(' ')}>
            <Text value={worded(window)} />
          </li>
        ))}
      </ul>
    </Notice>
  );
}

export function worded(window: ApplicationSyncWindow): string {
  const by = window.manualSync ? '; syncs by hand are allowed' : '';
  return `${window.kind === 'deny' ? 'Denies' : 'Allows'} syncs: ${window.schedule ?? ''} for ${window.duration ?? ''}${by}`;
}
