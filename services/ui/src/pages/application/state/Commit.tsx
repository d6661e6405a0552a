/** A commit in one line: what it says first, and who wrote it. */

import { useGet } from '@/api';
import type { RevisionMetadata } from '@/api/schema';
import { Text } from '@/text/Text';
import { named, pathOf } from '../acts';
import { type Application, sourcesOf } from '../model';
import css from './StateLine.module.css';

export interface CommitProps {
  application: Application;
  revision: string;
  /** Of which source it is the revision. */
  source?: number;
}

export function Commit({ application, revision, source: index = 0 }: CommitProps) {
  const { name, appNamespace, project } = named(application);
  const source = sourcesOf(application)[index];
  const isCommit =
    /^[0-9a-f]{40}([0-9a-f]{24})?$/.test(revision) && !source?.chart && !source?.repoURL?.startsWith('oci://');
  const path = isCommit ? `${pathOf(name)}/revisions/${revision}/metadata` : null;
  const { data } = useGet<RevisionMetadata>(
    path,
    { appNamespace, project, sourceIndex: index },
    { staleTime: Number.POSITIVE_INFINITY },
  );
  if (!data?.message) return null;
  const first = data.message.split('\n', 1)[0] ?? '';
  const author = (data.author ?? '').replace(/\s*<[^>]*>\s*$/, '');
  return (
    <p className={css.detail}>
      “<Text value={first} length={90} lines={1} />”
      {author && (
        <>
          {' '}
          by <Text value={author} length={60} lines={1} />
        </>
      )}
    </p>
  );
}
