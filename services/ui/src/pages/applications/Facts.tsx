import { useContext } from 'react';
import { Icon } from '@/components';
import { inert } from '@/text/inert';
import { ClusterNames } from './clusters';
import styles from './Facts.module.css';
import { noticeOf } from './notice';
import { OneLine } from './OneLine';
import { type ApplicationRow, clusterOf, shortRepository } from './row';
import { troubleOf } from './trouble';

/** Where an application comes from and where it goes. */
export function Facts({ row }: { row: ApplicationRow }) {
  return (
    <dl className={styles.facts}>
      <dt>Project</dt>
      <dd>
        <OneLine value={row.project} />
      </dd>
      <dt>Source</dt>
      <dd>
        <OneLine value={sourceWords(row)} />
      </dd>
      <dt>Target</dt>
      <dd>
        <Target row={row} />
      </dd>
    </dl>
  );
}

/** `git.example/shop/web · overlays/prod @ main (+1)` */
export function sourceWords(row: ApplicationRow): string {
  const [source, ...more] = row.sources ?? [];
  if (!source) return 'none';
  const where = source.chart ?? source.path;
  const words = [shortRepository(source.repoURL ?? ''), where && where !== '.' ? where : '']
    .filter(Boolean)
    .join(' · ');
  return `${words} @ ${source.targetRevision || 'HEAD'}${more.length ? ` (+${more.length})` : ''}`;
}

/** `prod / shop`: the cluster by its name, where that may be known. */
export function Target({ row }: { row: ApplicationRow }) {
  const names = useContext(ClusterNames);
  const said = clusterOf(row);
  const cluster = names.get(said) ?? said;
  return <OneLine value={[cluster || 'no cluster', row.destination?.namespace].filter(Boolean).join(' / ')} />;
}

const SIGNS = { info: 'info', warning: 'alert', critical: 'alert' } as const;

/** The notice of an application as a sign, its words beside the pointer and for readers. */
export function NoticeMark({ row }: { row: ApplicationRow }) {
  const notice = noticeOf(row.annotations);
  if (!notice?.inList) return null;
  return (
    <span className={styles.notice} data-severity={notice.severity} title={inert(notice.content)}>
      <Icon name={SIGNS[notice.severity]} size={14} />
      <span className={styles.hidden}>Notice: {inert(notice.content)}</span>
    </span>
  );
}

/** What is wrong in one line; where nothing is, the notice. */
export function TroubleLine({ row }: { row: ApplicationRow }) {
  const trouble = troubleOf(row);
  const notice = noticeOf(row.annotations);
  if (trouble) {
    return (
      <p className={styles.trouble} data-tone={trouble.tone}>
        <OneLine value={trouble.words} />
      </p>
    );
  }
  if (!notice?.inList) return <p className={styles.trouble} />;
  return (
    <p
      className={styles.trouble}
      data-tone={{ info: 'busy', warning: 'warn', critical: 'bad' }[notice.severity]}
      aria-hidden="true"
    >
      <OneLine value={notice.content} />
    </p>
  );
}
