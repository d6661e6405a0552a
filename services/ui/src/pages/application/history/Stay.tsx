/** Going back to a deployment with auto-sync on: the application is pinned to its revisions and follows nothing newer. */
import { useState } from 'react';
import { patch, useSend } from '@/api';
import type { Application } from '@/api/schema';
import { Checkbox, Confirm, Time, toast } from '@/components';
import { namedOf, pathOf } from '../sync/named';
import type { Deployment } from './deployments';
import { goneBackFrom, pinOf } from './pin';

export interface StayProps {
  application: Application;
  deployment: Deployment;
  onClose: () => void;
}

export function Stay({ application, deployment, onClose }: StayProps) {
  const [untilNewer, setUntilNewer] = useState(true);
  const named = namedOf(application);
  const pin = useSend(
    () =>
      patch<Application>(pathOf(application), {
        appNamespace: named.namespace,
        project: named.project,
        patchType: 'merge',
        patch: JSON.stringify({ metadata: { annotations: pinOf(application, deployment, untilNewer) } }),
      }),
    {
      invalidates: [pathOf(application)],
      onDone: () => {
        toast.ok(`${named.name} is pinned to #${deployment.id}.`);
        onClose();
      },
    },
  );
  return (
    <Confirm
      title={`Pin ${named.name} to #${deployment.id}?`}
      action="Roll back and pin"
      busy={pin.isPending}
      onConfirm={() => pin.mutate(undefined, { onError: (error) => toast.failed(error, 'Pinning') })}
      onClose={onClose}
    >
      <p>
        The revisions of <Time at={deployment.deployedAt} /> are synced by itself and healed to, with what else the
        application says now. Nothing newer is followed until somebody lets it go.
      </p>
      {goneBackFrom(application) && (
        <Checkbox
          label="Until a newer commit"
          hint="A commit after the one that is gone back from lets it go by itself."
          checked={untilNewer}
          onChange={setUntilNewer}
        />
      )}
    </Confirm>
  );
}
