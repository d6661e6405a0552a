/** Somebody else changed what is being edited: who, what, and which of the two is to count. */
import type { Difference, MergePath } from '@/kubernetes/merge';
import { Text } from '@/text/Text';
import { Button } from './Button';
import { Icon } from './Icon';
import css from './Overtaken.module.css';

export interface OvertakenProps {
  /** What is edited: "The application web". */
  what: string;
  /** Who it was; "" where nobody knows. */
  who: string;
  differences: readonly Difference[];
  onKeep: () => void;
  onTake: () => void;
}

/** Differences told one by one; of more only how many. */
const TOLD = 12;
const LONGEST = 120;

export function Overtaken({ what, who, differences, onKeep, onTake }: OvertakenProps) {
  const told = differences.slice(0, TOLD);
  const isClash = differences.some((one) => one.isConflict);
  return (
    <section className={css['overtaken']} role="alert" aria-label="Changed meanwhile">
      <Icon name="alert" />
      <div className={css['words']}>
        <strong>
          {what} was changed meanwhile by <Text value={who || 'somebody else'} />.
        </strong>
        <ul className={css['list']}>
          {told.map((one) => (
            <li key={shown(one.path)} data-conflict={one.isConflict || undefined}>
              <code>
                <Text value={shown(one.path)} />
              </code>{' '}
              <Text value={wordsOf(one)} lines={3} />
            </li>
          ))}
        </ul>
        {differences.length > told.length && <p>{differences.length - told.length} more fields.</p>}
        <p className={css['hint']}>
          {isClash
            ? 'With yours, their other changes stay, and where both of you changed the same, yours counts.'
            : 'None of it is a field that you changed: with yours, theirs stays as well.'}
        </p>
        <div className={css['acts']}>
          <Button onClick={onTake}>Take theirs, drop mine</Button>
          <Button kind="primary" onClick={onKeep}>
            Keep mine
          </Button>
        </div>
      </div>
    </section>
  );
}

export function wordsOf({ before, theirs, mine, isConflict }: Difference): string {
  const was = before === undefined ? 'was not there' : `was ${briefly(before)}`;
  const is = theirs === undefined ? 'is gone' : `is now ${briefly(theirs)}`;
  if (!isConflict) return `${was}, ${is}.`;
  return `${was}, ${is}; ${mine === undefined ? 'you took it away' : `you wrote ${briefly(mine)}`}.`;
}

function briefly(value: unknown): string {
  const text = JSON.stringify(value, (_, inner) => (typeof inner === 'bigint' ? inner.toString() : inner)) ?? '';
  return text.length > LONGEST ? `${text.slice(0, LONGEST)}…` : text;
}

const WORD = /^[A-Za-z_][\w-]*$/;

/** A path for people: `.spec.sources[0].path`, `.metadata.labels["a/b"]`. */
function shown(path: MergePath): string {
  const parts = path.map((part) =>
    typeof part === 'number' ? `[${part}]` : WORD.test(part) ? `.${part}` : `[${JSON.stringify(part)}]`,
  );
  return parts.join('') || '.';
}
