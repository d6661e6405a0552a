/** The conditions of an application, errors first, each with since when. */

import { Panel } from '@/components/Panel';
import { Badge } from '@/components/Status';
import { Time } from '@/components/Time';
import { Text } from '@/text/Text';
import type { Application } from '../model';
import css from './Conditions.module.css';
import { conditionsOf, conditionTitle } from './words';

const TONES = { error: 'bad', warning: 'warn', info: 'neutral' } as const;

export function Conditions({ application, onClose }: { application: Application; onClose: () => void }) {
  const found = conditionsOf(application);
  return (
    <Panel title="Conditions" name="conditions" onClose={onClose}>
      {found.length === 0 && <p>There are none: nothing about this application needs to be known.</p>}
      <ul className={css.list}>
        {found.map((one) => (
          <li key={`${one.type} ${one.message}`} className={css.item}>
            <p className={css.title}>
              <Badge tone={TONES[one.severity]}>{one.severity}</Badge>
              <strong>{conditionTitle(one.type)}</strong>
              {one.lastTransitionTime && (
                <span className={css.since}>
                  since <Time at={one.lastTransitionTime} />
                </span>
              )}
            </p>
            <p>
              <Text value={one.message} />
            </p>
            <code className={css.since}>{one.type}</code>
          </li>
        ))}
      </ul>
    </Panel>
  );
}
