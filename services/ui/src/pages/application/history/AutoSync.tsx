/** Says that auto-sync would undo a rollback, and switches it off where the reader may. */
import { patch, useSend } from '@/api';
import type { Application } from '@/api/schema';
import { Button, toast } from '@/components';
import { useRight } from '../rights';
import { Notice } from '../sync/Notice';
import { namedOf, pathOf } from '../sync/named';

export function AutoSync({ application }: { application: Application }) {
  const named = namedOf(application);
  const can = useRight(application, 'update');
  const off = useSend(
    () =>
      patch<Application>(pathOf(application), {
        appNamespace: named.namespace,
        project: named.project,
        patchType: 'merge',
        patch: JSON.stringify({ spec: { syncPolicy: { automated: { enabled: false } } } }),
      }),
    { invalidates: [pathOf(application)], onDone: () => toast.ok(`Auto-sync of ${named.name} is off.`) },
  );
  return (
    <Notice tone="warn" title="Auto-sync is on.">
      <p>
        It would take the newest commit again at once, so a rollback needs it off, or a pin that keeps it from that. Its
        other settings stay, for when you switch it on again.
      </p>
      <Button busy={off.isPending} refused={can.refusal} onClick={() => off.mutate(undefined)}>
        Switch auto-sync off
      </Button>
      {off.error && <p role="alert">{off.error.message}</p>}
    </Notice>
  );
}
