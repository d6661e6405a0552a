/** Taking a text along. */
import { useEffect, useState } from 'react';
import { Button, IconButton } from './Button';
import css from './Copy.module.css';
import { toast } from './toasts';

export interface CopyProps {
  text: string;
  /** What is copied, for its name: `Copy the revision`. */
  what?: string;
  /** A button with these words instead of the sign alone. */
  label?: string;
}

/** Milliseconds that it says "copied". */
const SAYS = 1_500;

export function Copy({ text, what = '', label }: CopyProps) {
  const [isDone, setDone] = useState(false);
  useEffect(() => {
    if (!isDone) return;
    const timer = setTimeout(() => setDone(false), SAYS);
    return () => clearTimeout(timer);
  }, [isDone]);
  const copy = () =>
    copyText(text).then(
      () => setDone(true),
      () => toast.failed('The browser does not let us copy'),
    );
  const name = isDone ? 'Copied' : `Copy${what ? ` ${what}` : ''}`;
  if (label) {
    return (
      <Button small icon={isDone ? 'check' : 'copy'} onClick={copy}>
        {isDone ? 'Copied' : label}
      </Button>
    );
  }
  return (
    <span className={css.copy}>
      <IconButton icon={isDone ? 'check' : 'copy'} label={name} onClick={copy} />
    </span>
  );
}

/** Copy also where the page is not served over TLS, which keeps `navigator.clipboard` from us. */
export async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) {
    await navigator.clipboard.writeText(text);
    return;
  }
  const onCopy = (event: ClipboardEvent) => {
    event.preventDefault();
    event.clipboardData?.setData('text/plain', text);
  };
  document.addEventListener('copy', onCopy);
  try {
    if (!document.execCommand('copy')) throw new Error('copying is not allowed');
  } finally {
    document.removeEventListener('copy', onCopy);
  }
}
