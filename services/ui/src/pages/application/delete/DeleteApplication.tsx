/** Deleting an application: what becomes of its objects, and its name typed before. */

import { useState } from 'react';
import { useSend } from '@/api';
import { wordsOf } from '@/api/errors';
import { Confirm } from '@/components/Confirm';
import { RadioGroup } from '@/components/Input';
import { toast } from '@/components/toasts';
import { named, type Removal, remove } from '../acts';
import type { Application } from '../model';
import { plural } from '../state/words';
import css from './DeleteApplication.module.css';

const CHOICES = [
  {
    value: 'foreground',
    label: 'Delete its objects, and wait',
    hint: 'What an object owns goes before it; the application goes last.',
  },
  { value: 'background', label: 'Delete its objects, do not wait', hint: 'The cluster clears up behind it.' },
  {
    value: 'orphan',
    label: 'Leave its objects in the cluster',
    hint: 'Only the application goes; what it manages runs on and belongs to nobody.',
  },
];

export function DeleteApplication({ application, onClose }: { application: Application; onClose: () => void }) {
  const [how, setHow] = useState<Removal>('foreground');
  const who = named(application);
  const send = useSend(() => remove(who, how), {
    onDone: () => {
      toast.ok(`${who.name} is being deleted`);
      onClose();
    },
  });
  const count = (application.status?.resources ?? []).length;
  return (
    <Confirm
      title={`Delete ${who.name}`}
      action="Delete"
      name={who.name}
      busy={send.isPending}
      error={send.error ? wordsOf(send.error) : null}
      onConfirm={() => send.mutate(undefined)}
      onClose={onClose}
    >
      <div className={css.body}>
        <p>
          {how === 'orphan'
            ? `The application goes; its ${count} ${plural(count, 'object')} in the cluster stay.`
            : `The application and its ${count} ${plural(count, 'object')} in the cluster are deleted. Git is not touched.`}
        </p>
        <RadioGroup
          legend="What becomes of its objects"
          value={how}
          options={CHOICES}
          onChange={(value) => setHow(CHOICES.find((one) => one.value === value)?.value as Removal)}
        />
      </div>
    </Confirm>
  );
}
