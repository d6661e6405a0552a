import { type KeyboardEvent, useEffect, useRef } from 'react';
import { useGet } from '@/api';
import { useCanEach } from '@/api/can';
import { Icon } from '@/components';
import { useFloat } from '@/components/float';
import type { IconName } from '@/components/Icon';
import { useSettings } from '@/shell/settings';
import { inert } from '@/text/inert';
import type { Action } from './bulk/actions';
import { type OutLink, ownLinks, safe } from './links';
import { OneLine } from './OneLine';
import styles from './RowMenu.module.css';
import { type ApplicationRow, autoSyncOf } from './row';

interface Props {
  row: ApplicationRow;
  beside: HTMLElement;
  onAct: (action: Action, isHard?: boolean) => void;
  onClose: () => void;
}

interface Links {
  items?: { title?: string; url?: string; description?: string }[];
}

/** What can be done to one application, and the ways out that it offers. One for all rows. */
export function RowMenu({ row, beside, onAct, onClose }: Props) {
  const anchor = useRef(beside);
  anchor.current = beside;
  const list = useRef<HTMLDivElement>(null);
  const path = `/api/v1/applications/${encodeURIComponent(row.name)}/links`;
  const { data } = useGet<Links>(path, { namespace: row.namespace, project: row.project });
  useFloat(anchor, list, true, 'below', 'end');
  useDismissal(list, beside, onClose);
  const close = () => {
    onClose();
    beside.focus();
  };
  const configured = (data?.items ?? []).map(({ title = '', url = '' }) => ({ title, url }));
  const links = safe([...configured, ...ownLinks(row)]);
  const refusals = useRefusals(row);
  const item = (icon: IconName, label: string, action: Action, isHard = false) => {
    const refusal = refusals[action] ?? '';
    return (
      <button
        type="button"
        role="menuitem"
        tabIndex={-1}
        className={styles.item}
        data-danger={action === 'delete'}
        aria-disabled={refusal ? true : undefined}
        onClick={() => {
          if (refusal) return;
          close();
          onAct(action, isHard);
        }}
      >
        <Icon name={icon} />
        <span>
          {label}
          {refusal && <span className={styles.refusal}>{refusal}</span>}
        </span>
      </button>
    );
  };
  const auto = autoSyncOf(row);
  return (
    <div
      ref={list}
      role="menu"
      tabIndex={-1}
      popover="manual"
      aria-label={`Actions of ${row.name}`}
      className={styles.menu}
      onKeyDown={(event) => onKey(event, close)}
    >
      {item('sync', 'Sync…', 'sync')}
      {item('refresh', 'Refresh…', 'refresh')}
      {item('refresh', 'Hard refresh…', 'refresh', true)}
      {auto === 'on' && item('pause', 'Pause auto-sync…', 'pause')}
      {auto === 'paused' && item('play', 'Resume auto-sync…', 'resume')}
      {links.map((link) => (
        <Out key={link.url} link={link} onClick={close} />
      ))}
      <hr className={styles.line} />
      {item('trash', 'Delete…', 'delete')}
    </div>
  );
}

/** Why something may not be done to the application of a row, by action. */
function useRefusals(row: ApplicationRow): Partial<Record<Action, string>> {
  const { controllerNamespace } = useSettings();
  const isOutside = controllerNamespace !== undefined && controllerNamespace !== row.namespace;
  const object = `${row.project}/${isOutside ? `${row.namespace}/` : ''}${row.name}`;
  const ask = (action: string) => ({ resource: 'applications', action, object });
  const [sync, update, remove] = useCanEach([ask('sync'), ask('update'), ask('delete')]);
  return {
    sync: sync?.refusal ?? '',
    pause: update?.refusal ?? '',
    resume: update?.refusal ?? '',
    delete: remove?.refusal ?? '',
  };
}

function Out({ link, onClick }: { link: OutLink; onClick: () => void }) {
  return (
    <a
      role="menuitem"
      tabIndex={-1}
      className={styles.item}
      href={link.url}
      target="_blank"
      rel="noopener noreferrer"
      title={inert(link.url)}
      onClick={onClick}
    >
      <Icon name="external" /> <OneLine value={link.title} />
    </a>
  );
}

function useDismissal(list: { current: HTMLElement | null }, beside: HTMLElement, onClose: () => void): void {
  const close = useRef(onClose);
  close.current = onClose;
  useEffect(() => {
    list.current?.querySelector<HTMLElement>('[role=menuitem]')?.focus();
    const onDown = ({ target }: PointerEvent) => {
      if (target instanceof Node && !list.current?.contains(target) && !beside.contains(target)) close.current();
    };
    document.addEventListener('pointerdown', onDown);
    return () => document.removeEventListener('pointerdown', onDown);
  }, [list, beside]);
}

function onKey(event: KeyboardEvent<HTMLDivElement>, close: () => void): void {
  const items = [...event.currentTarget.querySelectorAll<HTMLElement>('[role=menuitem]')];
  const at = items.indexOf(document.activeElement as HTMLElement);
  const steps: Record<string, number> = { ArrowDown: at + 1, ArrowUp: at - 1, Home: 0, End: -1 };
  const step = steps[event.key];
  event.stopPropagation();
  if (step !== undefined) {
    event.preventDefault();
    items.at(step % items.length)?.focus();
  } else if (event.key === 'Escape' || event.key === 'Tab') {
    event.preventDefault();
    close();
  }
}
