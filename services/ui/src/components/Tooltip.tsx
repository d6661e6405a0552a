/** A few words about what is under the pointer or has the focus. They describe it for readers too; Escape takes them away. */
import { type ReactNode, useEffect, useId, useRef, useState } from 'react';
import { useFloat } from './float';
import css from './Tooltip.module.css';

export interface TooltipProps {
  /** Nothing is shown for `''`. */
  text: string;
  children: ReactNode;
}

/** Milliseconds until a resting pointer is taken for a question. */
const REST = 350;

export function Tooltip({ text, children }: TooltipProps) {
  const anchor = useRef<HTMLSpanElement>(null);
  const bubble = useRef<HTMLSpanElement>(null);
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [isOpen, setOpen] = useState(false);
  const id = useId();
  useFloat(anchor, bubble, isOpen && text !== '', 'below', 'middle');
  useDescription(anchor, id, text);
  useEffect(() => () => clearTimeout(timer.current), []);
  useEffect(() => {
    if (!isOpen) return;
    const onKey = (event: KeyboardEvent) => {
      if (event.key === 'Escape') setOpen(false);
    };
    window.addEventListener('keydown', onKey);
    return () => window.removeEventListener('keydown', onKey);
  }, [isOpen]);
  const later = () => {
    clearTimeout(timer.current);
    timer.current = setTimeout(() => setOpen(true), REST);
  };
  const close = () => {
    clearTimeout(timer.current);
    setOpen(false);
  };
  return (
    // biome-ignore lint/a11y/noStaticElementInteractions: it listens to what is inside it.
    <span
      ref={anchor}
      className={css.anchor}
      onPointerEnter={later}
      onPointerLeave={close}
      onPointerDown={close}
      onFocus={(event) => event.target.matches(':focus-visible') && setOpen(true)}
      onBlur={close}
    >
      {children}
      <span ref={bubble} id={id} role="tooltip" popover="manual" className={css.bubble}>
        {text}
      </span>
    </span>
  );
}

/** Tie the words to what has the focus inside, unless they are its name already. */
function useDescription(anchor: React.RefObject<HTMLSpanElement | null>, id: string, text: string): void {
  useEffect(() => {
    const inside = anchor.current?.querySelector('button, a, input, select, textarea, [tabindex]');
    if (!inside || text === '' || inside.getAttribute('aria-label') === text) return;
    inside.setAttribute('aria-describedby', id);
    return () => inside.removeAttribute('aria-describedby');
  }, [anchor, id, text]);
}
