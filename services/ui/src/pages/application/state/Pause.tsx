/** Whether it is synced by itself, switched with what that means said first. */

import { useState } from 'react';
import { useSend } from '@/api';
import { wordsOf } from '@/api/errors';
import { Button } from '@/components/Button';
import { Confirm } from '@/components/Confirm';
import { toast } from '@/components/toasts';
import { merge, named } from '../acts';
import { type Application, syncOf } from '../model';
import { useRight } from '../rights';
import { automationOf } from './words';

export function Pause({ application }: { application: Application }) {
  const [isAsked, setAsked] = useState(false);
  const who = named(application);
  const can = useRight(application, 'update');
  const state = automationOf(application);
  const isOn = state === 'on';
  const change = useSend(
    () => merge(who, JSON.stringify({ spec: { syncPolicy: { automated: { enabled: !isOn } } } })),
    {
      onDone: () => {
        setAsked(false);
        toast.ok(isOn ? `${who.name} is synced by hand only from now on` : `${who.name} follows Git by itself again`);
      },
    },
  );
  const action = isOn ? 'Pause' : state === 'paused' ? 'Resume' : 'Switch on';
  return (
    <>
      <Button small kind="quiet" refused={can.refusal} onClick={() => setAsked(true)}>
        {`${action}…`}
      </Button>
      {isAsked && (
        <Confirm
          title={`${action} auto-sync`}
          action={action}
          danger={false}
          busy={change.isPending}
          error={change.error ? wordsOf(change.error) : null}
          onConfirm={() => change.mutate(undefined)}
          onClose={() => setAsked(false)}
        >
          {isOn ? <Off /> : <On application={application} />}
        </Confirm>
      )}
    </>
  );
}

function Off() {
  return (
    <ul>
      <li>New commits are compared and shown, and not deployed.</li>
      <li>What is changed in the cluster stays changed; nothing is pruned.</li>
      <li>An operation that runs goes on. A person may still sync by hand.</li>
      <li>How it prunes and heals is kept for when it is resumed.</li>
    </ul>
  );
}

function On({ application }: { application: Application }) {
  const { prune, selfHeal } = application.spec?.syncPolicy?.automated ?? {};
  const isDifferent = syncOf(application.status?.sync?.status) === 'OutOfSync';
  return (
    <ul>
      <li>
        {isDifferent
          ? 'It differs from Git now, so it is synced at once; each later commit as soon as it is there.'
          : 'Each commit is deployed as soon as it is there.'}
      </li>
      <li>
        {prune ? 'What Git no longer has is deleted.' : 'What Git no longer has is kept until somebody prunes it.'}
      </li>
      <li>{selfHeal ? 'What is changed in the cluster is set back.' : 'What is changed in the cluster stays so.'}</li>
    </ul>
  );
}
