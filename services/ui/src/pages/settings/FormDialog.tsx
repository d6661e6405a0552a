/** A form over the page: Enter sends it, what the server said of no field in particular stands at its foot. */
import { type FormEvent, type ReactNode, useId } from 'react';
import { Button, Dialog } from '@/components';
import styles from './Form.module.css';
import type { Refusal } from './refusal';

interface Props {
  readonly title: string;
  /** What the button says. */
  readonly action: string;
  readonly busy: boolean;
  /** Why it cannot be sent yet. */
  readonly refused?: string;
  /** What the server said, where it refused. */
  readonly refusal: Refusal<string> | null;
  /** Beside the button that sends. */
  readonly extra?: ReactNode;
  readonly wide?: boolean;
  readonly onSubmit: () => void;
  readonly onClose: () => void;
  readonly children: ReactNode;
}

export function FormDialog({
  title,
  action,
  busy,
  refused = '',
  refusal,
  extra,
  wide = false,
  onSubmit,
  onClose,
  children,
}: Props) {
  const id = useId();
  const submit = (event: FormEvent) => {
    event.preventDefault();
    if (!busy && refused === '') onSubmit();
  };
  return (
    <Dialog
      title={title}
      wide={wide}
      onClose={onClose}
      footer={
        <>
          <Button onClick={onClose}>Cancel</Button>
          {extra}
          <Button type="submit" form={id} kind="primary" busy={busy} refused={refused}>
            {action}
          </Button>
        </>
      }
    >
      <form id={id} onSubmit={submit} autoComplete="off" noValidate className={styles.form}>
        {children}
      </form>
      {refusal !== null && refusal.field === null && <p role="alert">{refusal.words}</p>}
    </Dialog>
  );
}
