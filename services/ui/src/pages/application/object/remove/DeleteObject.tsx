/** Deleting one live object: in which way, and what is lost with it. */
import { useState } from 'react';
import { useSend } from '@/api';
import { del } from '@/api/client';
import { wordsOf } from '@/api/errors';
import type { Application } from '@/api/schema';
import { Confirm, IconButton, RadioGroup, toast } from '@/components';
import { useObjectRight } from '../../rights';
import { below, named } from '../requests';
import type { Shown } from '../useShown';
import css from './DeleteObject.module.css';
import { isDangerous, lostWith, queryOf, WAYS, type Way } from './danger';

export function DeleteObject({ shown, onClose }: { shown: Shown; onClose: () => void }) {
  const [isOpen, setOpen] = useState(false);
  const may = useObjectRight(shown.application, 'delete', shown.key);
  return (
    <>
      <IconButton
        icon="trash"
        label={`Delete this ${shown.key.kind}`}
        refused={may.refusal}
        onClick={() => setOpen(true)}
      />
      {isOpen && <Question shown={shown} onClose={() => setOpen(false)} onDeleted={onClose} />}
    </>
  );
}

interface QuestionProps {
  shown: Shown;
  onClose: () => void;
  onDeleted: () => void;
}

function Question({ shown, onClose, onDeleted }: QuestionProps) {
  const { owner, key, version } = shown;
  const [way, setWay] = useState<Way>('foreground');
  const remove = useSend(() => del(below(owner, 'resource'), { ...named(owner, key, version), ...queryOf(way) }), {
    invalidates: [below(owner, 'managed-resources')],
    onDone: () => {
      toast.ok(`${key.kind} ${key.name} is being deleted`);
      onClose();
      onDeleted();
    },
  });
  const lost = lostWith(key);
  const comesBack = whyItComesBack(shown);
  return (
    <Confirm
      title={`Delete ${key.kind} ${key.name}?`}
      action="Delete"
      name={isDangerous(key, way) ? key.name : undefined}
      busy={remove.isPending}
      error={remove.error ? wordsOf(remove.error) : null}
      onConfirm={() => remove.mutate(undefined)}
      onClose={onClose}
    >
      <div className={css.about}>
        <p>
          {key.namespace
            ? `It is in the namespace ${key.namespace} of the application's cluster.`
            : 'It is of the whole cluster.'}
        </p>
        {lost && <p className={css.lost}>{lost}</p>}
        {comesBack && <p>{comesBack}</p>}
        <RadioGroup
          legend="How"
          value={way}
          onChange={(value) => setWay(value as Way)}
          options={WAYS.map((one) => ({ value: one.way, label: one.label, hint: one.words }))}
        />
      </div>
    </Confirm>
  );
}

/** Why a deleted object will be there again; '' when nobody makes it. */
export function whyItComesBack({
  isManaged,
  application,
  family,
}: Pick<Shown, 'isManaged' | 'application' | 'family'>): string {
  const owner = family.owners[0];
  if (owner) return `Its owner, ${owner.kind} ${owner.name}, may make another one.`;
  if (!isManaged) return '';
  return heals(application)
    ? 'Git has it, and this application heals itself: it will be made again.'
    : 'Git has it: the next sync makes it again.';
}

export function heals(application: Application): boolean {
  const automated = application.spec?.syncPolicy?.automated;
  return Boolean(automated && automated.enabled !== false && automated.selfHeal);
}
