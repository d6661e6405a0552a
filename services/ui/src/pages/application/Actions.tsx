/** What may be done to the application, most used first; what may not says why. */

import { useState } from 'react';
import { useSend } from '@/api';
import { Button } from '@/components/Button';
import { Menu, type MenuItem } from '@/components/Menu';
import { toast } from '@/components/toasts';
import { TopBar } from '@/extensions/TopBar';
import type { Change } from '@/routing';
import { named, refresh, syncNow } from './acts';
import { applicationParameter, CLOSED } from './address';
import { DeleteApplication } from './delete/DeleteApplication';
import type { Application } from './model';
import { useRight } from './rights';
import { HISTORY, SYNC } from './slots';
import type { View } from './view';

export interface ActionsProps {
  application: Application;
  view: View;
  /** Open what the address names. */
  open: (fields: Change) => void;
}

export function Actions({ application, view, open }: ActionsProps) {
  const [isDeleting, setDeleting] = useState(false);
  const who = named(application);
  const maySync = useRight(application, 'sync');
  const mayDelete = useRight(application, 'delete');
  const isGoing = application.metadata?.deletionTimestamp ? 'It is being deleted' : '';
  const sync = useSend(() => syncNow(who), { onDone: () => toast.ok(`A sync of ${who.name} begins`) });
  const look = useSend((kind: 'normal' | 'hard') => refresh(who, kind), {
    onDone: () => toast.ok(`${who.name} was compared anew`),
  });
  const compare = (kind: 'normal' | 'hard') =>
    look.mutate(kind, { onError: (error) => toast.failed(error, 'Refresh') });
  const more: MenuItem[] = [
    {
      label: 'Hard refresh',
      icon: 'refresh',
      hint: 'Make the manifests anew, whatever is cached',
      onSelect: () => compare('hard'),
    },
    {
      label: 'Story',
      icon: 'events',
      hint: 'Each commit’s way, drifts and heals',
      onSelect: () => open({ ...CLOSED, story: 'true' }),
    },
    { label: 'Conditions', icon: 'alert', onSelect: () => open({ ...CLOSED, conditions: 'true' }) },
    {
      label: 'Delete…',
      icon: 'trash',
      danger: true,
      apart: true,
      refused: mayDelete.refusal || isGoing,
      onSelect: () => setDeleting(true),
    },
  ];
  const openFlyout = (id: string) => open({ ...CLOSED, extension: id });
  return (
    <>
      <Button
        kind="primary"
        icon="sync"
        busy={sync.isPending}
        refused={maySync.refusal || isGoing}
        onClick={() =>
          SYNC
            ? open({ ...CLOSED, deploy: 'all' })
            : sync.mutate(undefined, { onError: (error) => toast.failed(error, 'Sync') })
        }
      >
        Sync
      </Button>
      <Button icon="refresh" busy={look.isPending} onClick={() => compare('normal')}>
        Refresh
      </Button>
      <Button icon="info" onClick={() => open({ ...CLOSED, node: applicationParameter(application), tab: 'summary' })}>
        Details
      </Button>
      {HISTORY && (
        <Button icon="history" onClick={() => open({ ...CLOSED, rollback: '0' })}>
          History
        </Button>
      )}
      <TopBar isMiddle application={application} view={view} open={openFlyout} />
      <Menu label="More" compact kind="plain" items={more} />
      <TopBar application={application} view={view} open={openFlyout} />
      {isDeleting && <DeleteApplication application={application} onClose={() => setDeleting(false)} />}
    </>
  );
}
