/** What a page shows where there is nothing to show: nothing yet, nothing there, or a failure with its next step. */
import type { ReactNode } from 'react';
import { ApiError, wordsOf } from '@/api/errors';
import { Text } from '@/text/Text';
import { Button } from './Button';
import { Icon, type IconName } from './Icon';
import css from './States.module.css';

export interface EmptyProps {
  title: string;
  icon?: IconName;
  /** What to do next. */
  children?: ReactNode;
}

export function Empty({ title, icon, children }: EmptyProps) {
  return (
    <div className={css.state}>
      {icon && <Icon name={icon} size={24} />}
      <p className={css.title}>{title}</p>
      {children && <div className={css.next}>{children}</div>}
    </div>
  );
}

export interface FailedProps {
  error: unknown;
  /** What was tried: `The list of clusters`. */
  what?: string;
  retry?: (() => void) | undefined;
  /** Another next step. */
  children?: ReactNode;
}

export function Failed({ error, what, retry, children }: FailedProps) {
  return (
    <div className={css.state} role="alert">
      <span className={css.bad}>
        <Icon name="alert" size={24} />
      </span>
      <p className={css.title}>{titleOf(error, what)}</p>
      <div className={css.words}>
        <Text value={wordsOf(error)} lines={12} />
      </div>
      <div className={css.next}>
        {retry && (
          <Button icon="refresh" onClick={retry}>
            Try again
          </Button>
        )}
        {children}
      </div>
    </div>
  );
}

function titleOf(error: unknown, what: string | undefined): string {
  const subject = what ?? 'This';
  if (!(error instanceof ApiError)) return `${subject} failed`;
  if (error.isDenied) return `${what ?? 'This'} is not yours to see`;
  if (error.isNotFound) return `${subject} is not there`;
  if (error.isUnreachable) return 'The server cannot be reached';
  return `${subject} failed`;
}

export interface LoadingProps {
  /** Bars drawn. */
  lines?: number;
  label?: string;
}

/** Bars where words will be. */
export function Loading({ lines = 4, label = 'Loading' }: LoadingProps) {
  return (
    <div className={css.loading} role="status" aria-label={label} aria-busy="true">
      {Array.from({ length: lines }, (_, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: bars never move.
        <div key={index} className={css.bar} />
      ))}
    </div>
  );
}
