/** A few words in a frame: what holds for the whole form. */
import type { ReactNode } from 'react';
import { Icon } from '@/components';
import css from './sync.module.css';

export interface NoticeProps {
  tone: 'ok' | 'busy' | 'warn' | 'bad';
  title: string;
  children?: ReactNode;
}

const SIGNS = { ok: 'check', busy: 'info', warn: 'alert', bad: 'alert' } as const;

export function Notice({ tone, title, children }: NoticeProps) {
  return (
    <div className={css['notice']} data-tone={tone} role={tone === 'bad' ? 'alert' : 'status'}>
      <Icon name={SIGNS[tone]} />
      <div>
        <strong>{title}</strong>
        {children}
      </div>
    </div>
  );
}
