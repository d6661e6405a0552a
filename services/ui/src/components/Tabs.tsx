/** Tabs over content that the caller shows. Arrow keys move, and moving chooses. */
import { type KeyboardEvent, type ReactNode, useId } from 'react';
import css from './Tabs.module.css';

export interface Tab {
  id: string;
  label: string;
  /** A number beside it. */
  count?: number | undefined;
}

export interface TabsProps {
  /** What they are tabs of, for readers. */
  label: string;
  tabs: readonly Tab[];
  selected: string;
  onSelect: (id: string) => void;
  /** The content of the selected one; where it is given it is tied to its tab. */
  children?: ReactNode;
}

export function Tabs({ label, tabs, selected, onSelect, children }: TabsProps) {
  const base = useId();
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>) => {
    const at = tabs.findIndex((tab) => tab.id === selected);
    const to = { ArrowRight: at + 1, ArrowLeft: at - 1, Home: 0, End: tabs.length - 1 }[event.key];
    if (to === undefined) return;
    event.preventDefault();
    const next = tabs[(to + tabs.length) % tabs.length];
    if (!next) return;
    onSelect(next.id);
    event.currentTarget.querySelector<HTMLElement>(`[id="${base}-${next.id}"]`)?.focus();
  };
  const panel = children === undefined ? undefined : `${base}-panel`;
  return (
    <>
      <div role="tablist" aria-label={label} className={css.tabs} onKeyDown={onKeyDown} tabIndex={-1}>
        {tabs.map((tab) => (
          <button
            key={tab.id}
            id={`${base}-${tab.id}`}
            type="button"
            role="tab"
            aria-selected={tab.id === selected}
            aria-controls={tab.id === selected ? panel : undefined}
            tabIndex={tab.id === selected ? 0 : -1}
            className={css.tab}
            onClick={() => onSelect(tab.id)}
          >
            {tab.label}
            {tab.count !== undefined && <span className={css.count}>{tab.count}</span>}
          </button>
        ))}
      </div>
      {panel && (
        <div id={panel} role="tabpanel" aria-labelledby={`${base}-${selected}`} className={css.panel}>
          {children}
        </div>
      )}
    </>
  );
}
