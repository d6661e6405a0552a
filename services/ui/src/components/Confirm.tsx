/** The question before what cannot be taken back: says what is lost, and asks for the name where much is. */
import { type FormEvent, type ReactNode, useId, useState } from 'react';
import { Button } from './Button';
import { Dialog } from './Dialog';
import { Field } from './Field';
import { TextInput } from './Input';

export interface ConfirmProps {
  title: string;
  /** What the button says: `Delete`, `Prune 4 objects`. */
  action: string;
  /** To be typed before the button acts; not given: a click is enough. */
  name?: string | undefined;
  busy?: boolean;
  error?: string | null;
  danger?: boolean;
  onConfirm: () => void;
  onClose: () => void;
  /** What happens, and what is lost. */
  children: ReactNode;
}

export function Confirm({
  title,
  action,
  name,
  busy = false,
  error,
  danger = true,
  onConfirm,
  onClose,
  children,
}: ConfirmProps) {
  const [typed, setTyped] = useState('');
  const form = useId();
  const isReady = name === undefined || typed.trim() === name;
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (isReady && !busy) onConfirm();
  };
  const footer = (
    <>
      <Button onClick={onClose} {...(name === undefined ? { 'data-first': true } : {})}>
        Cancel
      </Button>
      <Button
        type="submit"
        form={form}
        kind={danger ? 'danger' : 'primary'}
        busy={busy}
        refused={isReady ? '' : `Type “${name}” above to confirm`}
      >
        {action}
      </Button>
    </>
  );
  return (
    <Dialog title={title} onClose={onClose} footer={footer}>
      <form id={form} onSubmit={submit}>
        {children}
        {name !== undefined && (
          <Field label={`Type ${name} to confirm`}>
            <TextInput value={typed} onChange={setTyped} mono />
          </Field>
        )}
      </form>
      {error && <p role="alert">{error}</p>}
    </Dialog>
  );
}
