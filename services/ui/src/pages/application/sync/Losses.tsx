/** What a sync would destroy, the worst first, with what goes along. */
import { Text } from '@/components';
import { counted } from '@/text/quantity';
import type { Danger, Loss } from './danger';
import { keyOf, titleOf } from './objects';
import css from './sync.module.css';

/** Losses named one by one; of others only how many. */
const NAMED = 20;

const HOW: Readonly<Record<Loss['how'], string>> = {
  deleted: 'is deleted',
  recreated: 'may be deleted and made anew',
  replaced: 'is replaced whole',
};

export function Losses({ danger }: { danger: Danger }) {
  if (danger.losses.length === 0) return null;
  const rest = danger.losses.length - NAMED;
  return (
    <div className={css['losses']}>
      {danger.reasons.map((reason) => (
        <p key={reason}>{reason}</p>
      ))}
      <ul>
        {danger.losses.slice(0, NAMED).map((loss) => (
          <li key={keyOf(loss.object) + loss.how}>
            <strong>
              <Text value={titleOf(loss.object)} />
            </strong>{' '}
            {HOW[loss.how]}
            {loss.takes && <>, with {loss.takes}</>}
          </li>
        ))}
      </ul>
      {rest > 0 && <p>and {counted(rest, 'other object')}.</p>}
    </div>
  );
}
