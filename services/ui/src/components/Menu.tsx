/** A button that opens a list of acts. Arrows, Home, End and first letters move; Escape closes; the focus comes back. */
import { type KeyboardEvent, useEffect, useId, useRef, useState } from 'react';
import { Button, type ButtonKind, IconButton } from './Button';
import { classes } from './classes';
import { useFloat } from './float';
import { Icon, type IconName } from './Icon';
import css from './Menu.module.css';

export interface MenuItem {
  label: string;
  icon?: IconName;
  hint?: string;
  onSelect: () => void;
  danger?: boolean;
  /** Why it cannot be done now. */
  refused?: string | undefined;
  /** For an item that is on or off. */
  checked?: boolean;
  /** A line above it. */
  apart?: boolean;
}

export interface MenuProps {
  label: string;
  items: readonly MenuItem[];
  icon?: IconName;
  /** Only the sign; the label is its tooltip. */
  compact?: boolean;
  kind?: ButtonKind;
  small?: boolean;
  align?: 'start' | 'end';
  refused?: string | undefined;
}

export function Menu({
  label,
  items,
  icon,
  compact = false,
  kind = compact ? 'quiet' : 'plain',
  small = false,
  align = 'end',
  refused,
}: MenuProps) {
  const [isOpen, setOpen] = useState(false);
  const button = useRef<HTMLButtonElement>(null);
  const list = useRef<HTMLDivElement>(null);
  const id = useId();
  useFloat(button, list, isOpen, 'below', align);
  useEffect(() => {
    if (!isOpen) return;
    list.current?.querySelector<HTMLElement>('[role^=menuitem]')?.focus();
    const onDown = (event: PointerEvent) => {
      const target = event.target as Node;
      if (!list.current?.contains(target) && !button.current?.contains(target)) setOpen(false);
    };
    document.addEventListener('pointerdown', onDown);
    return () => document.removeEventListener('pointerdown', onDown);
  }, [isOpen]);
  const close = () => {
    setOpen(false);
    button.current?.focus();
  };
  const shared = {
    ref: button,
    kind,
    refused,
    'aria-haspopup': 'menu',
    'aria-expanded': isOpen,
    'aria-controls': isOpen ? id : undefined,
    onClick: () => setOpen(!isOpen),
    onKeyDown: (event: KeyboardEvent) => {
      if (event.key === 'ArrowDown' && !refused) {
        event.preventDefault();
        setOpen(true);
      }
    },
  } as const;
  return (
    <>
      {compact ? (
        <IconButton {...shared} icon={icon ?? 'more'} label={label} />
      ) : (
        <Button {...shared} small={small} {...(icon ? { icon } : {})} iconAfter="down">
          {label}
        </Button>
      )}
      <div
        ref={list}
        id={id}
        role="menu"
        tabIndex={-1}
        aria-label={label}
        popover="manual"
        className={css.list}
        onKeyDown={(event) => onKey(event, close)}
        onBlur={(event) => {
          if (event.relatedTarget && !list.current?.contains(event.relatedTarget)) setOpen(false);
        }}
      >
        {isOpen && items.map((item) => <Item key={item.label} item={item} close={close} />)}
      </div>
    </>
  );
}

function Item({ item, close }: { item: MenuItem; close: () => void }) {
  const { label, icon, hint, danger, refused, checked, apart } = item;
  const words = refused || hint;
  return (
    <button
      type="button"
      role={checked === undefined ? 'menuitem' : 'menuitemcheckbox'}
      {...(checked === undefined ? {} : { 'aria-checked': checked })}
      tabIndex={-1}
      aria-disabled={refused ? true : undefined}
      className={classes(css.item, danger && css.danger, apart && css.apart)}
      onClick={() => {
        if (refused) return;
        close();
        item.onSelect();
      }}
    >
      <span className={css.sign}>{checked ? <Icon name="check" /> : icon && <Icon name={icon} />}</span>
      <span>
        {label}
        {words && <span className={css.hint}>{words}</span>}
      </span>
    </button>
  );
}

function onKey(event: KeyboardEvent<HTMLDivElement>, close: () => void): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role^=menuitem]')];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const focus = (index: number) => {
    event.preventDefault();
    items[(index + items.length) % items.length]?.focus();
  };
  if (event.key === 'ArrowDown') focus(at + 1);
  else if (event.key === 'ArrowUp') focus(at - 1);
  else if (event.key === 'Home') focus(0);
  else if (event.key === 'End') focus(items.length - 1);
  else if (event.key === 'Escape') {
    event.preventDefault();
    event.stopPropagation();
    close();
  } else if (event.key === 'Tab') close();
  else if (event.key.length === 1 && event.key !== ' ') {
    const letter = event.key.toLowerCase();
    const after = [...items.slice(at + 1), ...items.slice(0, at + 1)];
    after.find((item) => item.textContent?.trim().toLowerCase().startsWith(letter))?.focus();
    event.stopPropagation();
  }
}
