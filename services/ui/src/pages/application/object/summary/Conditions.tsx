/** What an object's own status says of it. */
import { Badge, Text, Time } from '@/components';
import type { JsonObject } from '@/kubernetes/json';
import css from './Summary.module.css';
import { conditionsOf } from './said';

export function Conditions({ manifest }: { manifest: JsonObject | null }) {
  const conditions = manifest ? conditionsOf(manifest).slice(0, 50) : [];
  if (conditions.length === 0) return null;
  return (
    <section>
      <h3 className={css.heading}>Conditions</h3>
      <ul>
        {conditions.map((condition) => (
          <li key={`${condition.type}/${condition.at}`} className={css.condition}>
            <span>
              <Text value={condition.type} /> <Badge>{condition.status || 'Unknown'}</Badge>{' '}
              {condition.reason && <Text value={condition.reason} />}
            </span>
            {condition.at && <Time at={condition.at} />}
            {condition.message && (
              <p>
                <Text value={condition.message} lines={4} />
              </p>
            )}
          </li>
        ))}
      </ul>
    </section>
  );
}
