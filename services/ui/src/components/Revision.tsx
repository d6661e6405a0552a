/** A revision, short; the whole on hover and to copy. */
import { inert } from '@/text/inert';
import { Copy } from './Copy';
import css from './Revision.module.css';

export interface RevisionProps {
  sha: string | null | undefined;
  /** Without the button. */
  plain?: boolean;
}

const SHA = /^[0-9a-f]{40}([0-9a-f]{24})?$/i;
const DIGEST = /^sha256:[0-9a-f]{64}$/i;

/** Seven characters of a commit, twelve of a digest, others as they are. */
export function shortRevision(revision: string): string {
  if (SHA.test(revision)) return revision.slice(0, 7);
  if (DIGEST.test(revision)) return revision.slice(0, 19);
  return inert(revision);
}

export function Revision({ sha, plain = false }: RevisionProps) {
  if (!sha) return <span>–</span>;
  return (
    <span className={css.revision}>
      <code title={inert(sha)}>{shortRevision(sha)}</code>
      {!plain && <Copy text={sha} what="the revision" />}
    </span>
  );
}
