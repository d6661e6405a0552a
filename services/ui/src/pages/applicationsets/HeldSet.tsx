/** Deletions of a set that wait for a person, and the way on. */
import { useState } from 'react';
import { useCan } from '@/api/can';
import { serverNow } from '@/api/clock';
import { wordsOf } from '@/api/errors';
import { useSend } from '@/api/query';
import { Button, Confirm, Text, toast } from '@/components';
import { useSettings } from '@/shell/settings';
import css from '../application/guard/Held.module.css';
import { type HeldDeletions, heldOf, letGo } from './held';
import { type ApplicationSet, policyObjectOf, SETS } from './model';

export function HeldSet({ set }: { readonly set: ApplicationSet }) {
  /** The list that is confirmed: what was there when the question was asked, whatever comes meanwhile. */
  const [asked, setAsked] = useState<HeldDeletions | null>(null);
  const can = useCan('applicationsets', 'update', policyObjectOf(set, useSettings().controllerNamespace));
  const confirm = useSend(({ list }: HeldDeletions) => letGo(set, serverNow(), list), {
    invalidates: [SETS],
    onDone: () => {
      setAsked(null);
      toast.ok('Confirmed. What waited is deleted now.');
    },
  });
  const held = heldOf(set);
  if (held === null) return null;
  return (
    <section aria-label="Waits for you" className={css.box}>
      <h2>Applications wait to be deleted</h2>
      <p>
        <Text value={held.words} length={2000} lines={8} />
      </p>
      <div className={css.acts}>
        <Button kind="danger" refused={can.refusal} onClick={() => setAsked(held)}>
          Delete them…
        </Button>
      </div>
      {asked && (
        <Confirm
          title="Delete what waits"
          action="Delete them"
          name={set.metadata.name}
          busy={confirm.isPending}
          error={confirm.error === null ? '' : wordsOf(confirm.error)}
          onConfirm={() => confirm.mutate(asked)}
          onClose={() => setAsked(null)}
        >
          <p>
            <Text value={asked.words} length={2000} lines={8} />
          </p>
        </Confirm>
      )}
    </section>
  );
}
