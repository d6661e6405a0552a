/** A question over the page. The browser keeps the focus inside, Escape closes, and the focus goes back where it was. */
import { type ReactNode, useEffect, useId, useLayoutEffect, useRef } from 'react';
import { IconButton } from './Button';
import { classes } from './classes';
import css from './Dialog.module.css';

export interface DialogProps {
  title: string;
  /** Not given: it cannot be closed, only answered. */
  onClose?: (() => void) | undefined;
  footer?: ReactNode;
  /** For what needs room: diffs, previews, editors. */
  wide?: boolean;
  children: ReactNode;
}

export function Dialog({ title, onClose, footer, wide = false, children }: DialogProps) {
  const dialog = useRef<HTMLDialogElement>(null);
  const id = useId();
  useModal(dialog);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  useEffect(() => {
    const element = dialog.current;
    const onCancel = (event: Event) => {
      if (event.target !== element) return;
      event.preventDefault();
      close.current?.();
    };
    // A browser closes a dialog that refused twice, or by a gesture: then it is the page's to close it, or it stays.
    const onGone = () => {
      if (!element?.isConnected || element.open) return;
      close.current?.();
      requestAnimationFrame(() => {
        if (element.isConnected && !element.open) element.showModal();
      });
    };
    element?.addEventListener('cancel', onCancel);
    element?.addEventListener('close', onGone);
    return () => {
      element?.removeEventListener('cancel', onCancel);
      element?.removeEventListener('close', onGone);
    };
  }, []);
  return (
    <dialog
      ref={dialog}
      aria-labelledby={id}
      className={classes(css.dialog, wide && css.wide)}
      onKeyDown={(event) => {
        if (event.key !== 'Escape') return;
        // It answers the question, and closes no panel that the question was asked from.
        event.stopPropagation();
        if (!onClose) event.preventDefault();
      }}
    >
      <header className={css.header}>
        <h2 id={id} className={css.title} tabIndex={-1}>
          {title}
        </h2>
        {onClose && <IconButton icon="close" label="Close" onClick={onClose} />}
      </header>
      <div className={css.body}>{children}</div>
      {footer && <footer className={css.footer}>{footer}</footer>}
    </dialog>
  );
}

/** What takes the focus: what is marked, else the first control of a form, else the title. */
const FIRST = '[data-first], input:not([type=hidden]):not(:disabled), textarea, select';

/** Open it as a modal while it is there, and give the focus back after. */
function useModal(dialog: React.RefObject<HTMLDialogElement | null>): void {
  useLayoutEffect(() => {
    const element = dialog.current;
    const before = document.activeElement;
    if (element && !element.open) element.showModal();
    const first = element?.querySelector<HTMLElement>(FIRST) ?? element?.querySelector('h2');
    first?.focus();
    return () => {
      element?.close();
      if (before instanceof HTMLElement && before.isConnected) before.focus();
    };
  }, [dialog]);
}
