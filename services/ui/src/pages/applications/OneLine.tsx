import { cut } from '@/text/cut';
import { Inert } from '@/text/Text';
import styles from './OneLine.module.css';

/** Characters of a text in a row: more than any row shows. */
const LONGEST = 300;

/** Somebody else's text on one line, cut where the room ends; inert. */
export function OneLine({ value }: { value: string }) {
  return (
    <bdi className={styles.line}>
      <Inert text={cut(value, LONGEST, 1)} />
    </bdi>
  );
}
