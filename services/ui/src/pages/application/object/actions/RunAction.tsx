/** The question before an action: what it asks for, and what came of it. */
import { useState } from 'react';
import { useSend } from '@/api';
import { post } from '@/api/client';
import { wordsOf } from '@/api/errors';
import type { ResourceAction } from '@/api/schema';
import { Confirm, Field, TextInput, toast } from '@/components';
import { below, named } from '../requests';
import type { Shown } from '../useShown';
import { labelOf } from './ActionsMenu';

export interface RunActionProps {
  shown: Shown;
  action: ResourceAction;
  onClose: () => void;
}

export function RunAction({ shown, action, onClose }: RunActionProps) {
  const { owner, key, version } = shown;
  const [values, setValues] = useState<Record<string, string>>({});
  const names = (action.params ?? []).flatMap((one) => (one.name ? [one.name] : []));
  const label = labelOf(action);
  const run = useSend(
    () => {
      const resourceActionParameters = names.map((name) => ({ name, value: values[name] ?? '' }));
      const body = { name: owner.name, ...named(owner, key, version), action: action.name, resourceActionParameters };
      return post(below(owner, 'resource/actions/v2'), body);
    },
    {
      invalidates: [below(owner, 'resource'), below(owner, 'managed-resources')],
      onDone: () => {
        toast.ok(`${label} was done to ${key.kind} ${key.name}`);
        shown.again();
        onClose();
      },
    },
  );
  return (
    <Confirm
      title={`${label} ${key.kind} ${key.name}?`}
      action={label}
      danger={false}
      busy={run.isPending}
      error={run.error ? wordsOf(run.error) : null}
      onConfirm={() => run.mutate(undefined)}
      onClose={onClose}
    >
      <p>It is done to the live object, by the account that writes for this application. Git is not changed by it.</p>
      {names.map((name) => (
        <Field key={name} label={name}>
          <TextInput value={values[name] ?? ''} onChange={(value) => setValues({ ...values, [name]: value })} />
        </Field>
      ))}
    </Confirm>
  );
}
