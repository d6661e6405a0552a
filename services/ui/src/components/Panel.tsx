/**
 * A drawer at the side of the page: what is beside stays usable. Its width is dragged or set with the arrow keys and
 * remembered; on a narrow window it covers the page. The page opens and closes it through the URL.
 */
import { type KeyboardEvent, type PointerEvent, type ReactNode, useEffect, useId, useRef } from 'react';
import { usePreference } from '@/preferences';
import { IconButton } from './Button';
import css from './Panel.module.css';

export interface PanelProps {
  title: ReactNode;
  onClose: () => void;
  /** Beside the title: actions on what is shown. */
  actions?: ReactNode;
  /** Below the title, not scrolled: tabs. */
  bar?: ReactNode;
  footer?: ReactNode;
  /** Remembers the width under this name. */
  name?: string;
  children: ReactNode;
}

const LEAST = 360;
const MOST = 1400;
const USUAL = 640;
const STEP = 40;

export function Panel({ title, onClose, actions, bar, footer, name = 'panel', children }: PanelProps) {
  const [width, setWidth] = usePreference<number>(`width.${name}`, USUAL);
  const panel = useRef<HTMLElement>(null);
  const id = useId();
  useFocusInside(panel);
  const resize = (to: number) => setWidth(Math.round(Math.max(LEAST, Math.min(to, MOST, window.innerWidth - 80))));
  const onDrag = (event: PointerEvent) => {
    if (event.currentTarget.hasPointerCapture(event.pointerId)) {
      const right = panel.current?.getBoundingClientRect().right ?? window.innerWidth;
      resize(right - event.clientX);
    }
  };
  const onArrow = (event: KeyboardEvent) => {
    const by = { ArrowLeft: STEP, ArrowRight: -STEP }[event.key];
    if (by === undefined) return;
    event.preventDefault();
    resize(width + by);
  };
  return (
    <aside
      ref={panel}
      className={css.panel}
      style={{ '--panel-width': `${width}px` } as React.CSSProperties}
      aria-labelledby={id}
      tabIndex={-1}
      onKeyDown={(event) => {
        if (event.key !== 'Escape' || event.defaultPrevented) return;
        event.stopPropagation();
        onClose();
      }}
    >
      <div
        role="separator"
        aria-label="Width of the panel"
        aria-orientation="vertical"
        aria-valuenow={width}
        aria-valuemin={LEAST}
        aria-valuemax={MOST}
        tabIndex={0}
        className={css.edge}
        onPointerDown={(event) => event.currentTarget.setPointerCapture(event.pointerId)}
        onPointerMove={onDrag}
        onKeyDown={onArrow}
      />
      <header className={css.header}>
        <h2 id={id} className={css.title}>
          {title}
        </h2>
        <div className={css.actions}>
          {actions}
          <IconButton icon="close" label="Close the panel" onClick={onClose} />
        </div>
      </header>
      {bar && <div className={css.bar}>{bar}</div>}
      <div className={css.body}>{children}</div>
      {footer && <footer className={css.footer}>{footer}</footer>}
    </aside>
  );
}

/** The focus goes in when the panel opens, and back when it closes. */
function useFocusInside(panel: React.RefObject<HTMLElement | null>): void {
  useEffect(() => {
    const before = document.activeElement;
    const element = panel.current;
    if (element && !element.contains(before)) element.focus({ preventScroll: true });
    return () => {
      const now = document.activeElement;
      const isLost = now === null || now === document.body || element?.contains(now);
      if (isLost && before instanceof HTMLElement && before.isConnected) before.focus({ preventScroll: true });
    };
  }, [panel]);
}
