/** A new token: what it is called and when it ends; then the token itself, this once. */
import { useState } from 'react';
import { wordsOf } from '@/api/errors';
import { useSend } from '@/api/query';
import { Button, Copy, Dialog, Field, TextInput } from '@/components';
import { FormDialog } from './FormDialog';
import { lifeOf } from './life';
import { type Places, placed, said } from './refusal';

type Place = 'id' | 'life';

const PLACES: Places<Place> = [
  [/token with id|Token id|an id has/, 'id'],
  [/expiresIn/, 'life'],
];

export interface TokenAsked {
  readonly id: string;
  /** Seconds; 0 for no end. */
  readonly expiresIn: number;
}

interface Props {
  readonly title: string;
  readonly make: (asked: TokenAsked) => Promise<{ token: string }>;
  readonly invalidates: readonly string[];
  readonly onClose: () => void;
}

export function NewToken({ title, make, invalidates, onClose }: Props) {
  const [id, setId] = useState('');
  const [life, setLife] = useState('90d');
  const send = useSend(make, { invalidates });
  const seconds = lifeOf(life);
  const refused = send.error === null ? null : placed(wordsOf(send.error), PLACES);
  if (send.data !== undefined) return <TokenOnce token={send.data.token} onClose={onClose} />;
  return (
    <FormDialog
      title={title}
      action="Make token"
      busy={send.isPending}
      refused={seconds === null ? 'The time that the token lives cannot be read' : ''}
      refusal={refused}
      onSubmit={() => seconds !== null && send.mutate({ id: id.trim(), expiresIn: seconds })}
      onClose={onClose}
    >
      <Field label="Id" hint="What lists call it; made up when empty" error={said(refused, 'id')}>
        <TextInput value={id} onChange={setId} />
      </Field>
      <Field
        label="Lives for"
        hint={seconds === 0 ? 'It does not end: whoever finds it has it for good' : endOf(seconds)}
        error={said(refused, 'life') ?? (seconds === null ? 'Such as 12h, 30d or 1y; empty for no end' : undefined)}
      >
        <TextInput value={life} onChange={setLife} placeholder="No end" />
      </Field>
    </FormDialog>
  );
}

/** A token that was made; it is nowhere else, and gone from the page with this. */
function TokenOnce({ token, onClose }: { token: string; onClose: () => void }) {
  return (
    <Dialog
      title="The token"
      onClose={onClose}
      footer={
        <Button kind="primary" onClick={onClose}>
          I have it
        </Button>
      }
    >
      <p>It is shown this once: copy it now. Whoever has it may do what it may.</p>
      <p style={{ overflowWrap: 'anywhere' }}>
        <code data-testid="token">{token}</code> <Copy text={token} />
      </p>
    </Dialog>
  );
}

function endOf(seconds: number | null): string {
  if (seconds === null) return '';
  const end = new Date(Date.now() + seconds * 1000);
  return `Ends on ${end.toLocaleDateString('en-GB', { day: 'numeric', month: 'long', year: 'numeric' })}`;
}
