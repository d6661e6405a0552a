/** Asks for a hydration now, whatever the dry source is at. */

import { useSend } from '@/api';
import { serverNow } from '@/api/clock';
import { Button } from '@/components/Button';
import { toast } from '@/components/toasts';
import { useSettings } from '@/shell/settings';
import { merge, named } from '../acts';
import type { Application } from '../model';
import { useRight } from '../rights';
import { hydrationRequest } from './hydration';

export function Hydrate({ application }: { application: Application }) {
  const can = useRight(application, 'update');
  const settings = useSettings();
  const ask = useSend(() => merge(named(application), hydrationRequest(serverNow())), {
    onDone: () => toast.ok('A hydration was asked for.'),
  });
  const refused = can.refusal || (settings.hydratorEnabled ? '' : 'hydrator.enabled is false in argocd-cmd-params-cm');
  return (
    <Button
      small
      kind="quiet"
      busy={ask.isPending}
      refused={refused}
      onClick={() => ask.mutate(undefined, { onError: (error) => toast.failed(error, 'Asking for a hydration') })}
    >
      Hydrate
    </Button>
  );
}
