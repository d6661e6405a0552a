/** What acts. A button that may not act now says why: it keeps its focus and shows the words of `refused`. */
import type { ButtonHTMLAttributes, MouseEvent, ReactNode, Ref } from 'react';
import css from './Button.module.css';
import { classes } from './classes';
import { Icon, type IconName } from './Icon';
import { Tooltip } from './Tooltip';

export type ButtonKind = 'primary' | 'plain' | 'danger' | 'quiet';

interface Common extends Omit<ButtonHTMLAttributes<HTMLButtonElement>, 'className' | 'style'> {
  kind?: ButtonKind;
  busy?: boolean;
  /** Why it cannot be used now; `''` where it can. */
  refused?: string | undefined;
  ref?: Ref<HTMLButtonElement> | undefined;
}

export interface ButtonProps extends Common {
  icon?: IconName;
  /** The sign after the words instead of before them. */
  iconAfter?: IconName;
  small?: boolean;
  children: ReactNode;
}

export function Button({
  kind = 'plain',
  icon,
  iconAfter,
  busy = false,
  small = false,
  refused,
  children,
  ...rest
}: ButtonProps) {
  const sign = busy ? <Icon name="progress" turns /> : icon && <Icon name={icon} />;
  const className = classes(css.button, css[kind], small && css.small);
  return (
    <Refusable refused={refused}>
      <button type="button" {...rest} {...guarded(rest.onClick, busy, refused)} className={className}>
        {sign}
        <span className={css.words}>{children}</span>
        {iconAfter && <Icon name={iconAfter} />}
      </button>
    </Refusable>
  );
}

export interface IconButtonProps extends Common {
  icon: IconName;
  /** What it does: its name for readers, and its tooltip. */
  label: string;
  filled?: boolean;
  children?: never;
}

export function IconButton({
  kind = 'quiet',
  icon,
  label,
  busy = false,
  filled = false,
  refused,
  ...rest
}: IconButtonProps) {
  const className = classes(css.button, css[kind], css.square);
  return (
    <Tooltip text={refused ? `${label}: ${refused}` : label}>
      <button
        type="button"
        aria-label={label}
        {...rest}
        {...guarded(rest.onClick, busy, refused)}
        className={className}
      >
        <Icon name={busy ? 'progress' : icon} turns={busy} filled={filled} />
      </button>
    </Tooltip>
  );
}

/** In a tooltip whenever it may be refused at all: a button that becomes usable stays the same, and keeps its focus. */
function Refusable({ refused, children }: { refused: string | undefined; children: ReactNode }) {
  return refused === undefined ? children : <Tooltip text={refused}>{children}</Tooltip>;
}

type Click = ((event: MouseEvent<HTMLButtonElement>) => void) | undefined;

function guarded(onClick: Click, busy: boolean, refused: string | undefined) {
  if (!busy && !refused) return { onClick };
  const stopped = (event: MouseEvent<HTMLButtonElement>) => event.preventDefault();
  return { onClick: stopped, 'aria-disabled': true, ...(busy ? { 'aria-busy': true } : {}) };
}
