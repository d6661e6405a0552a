/** Each difference: both values, who owns the live one and since when, and the rule that would leave it out. */
import type { ExplainedObject, Explanation } from '@/api/schema';
import { Copy, Text, Time } from '@/components';
import { toYaml } from '@/kubernetes/yaml';
import css from './ObjectDiff.module.css';

export function Differences({ object }: { object: ExplainedObject }) {
  const differences = object.differences ?? [];
  if (differences.length === 0 && !object.problem) return null;
  return (
    <section>
      <h3 className={css.heading}>Why</h3>
      {object.problem && (
        <p role="alert">
          <Text value={object.problem} lines={6} />
        </p>
      )}
      <ul>
        {differences.map((one) => (
          <Difference key={one.path} difference={one} />
        ))}
      </ul>
    </section>
  );
}

function Difference({ difference }: { difference: Explanation }) {
  const { path, desired = '', live = '', manager = '', operation = '', since = '', rule } = difference;
  return (
    <li className={css.difference}>
      <code className={css.path}>
        <Text value={path} />
      </code>
      <dl className={css.values}>
        <dt>Live</dt>
        <dd>{live ? <Text value={live} lines={3} mono /> : 'not there'}</dd>
        <dt>Git</dt>
        <dd>{desired ? <Text value={desired} lines={3} mono /> : 'not there'}</dd>
      </dl>
      <p className={css.words}>
        {manager ? (
          <>
            Written by <Text value={manager} />
            {operation && ` (${operation})`}
            {since && (
              <>
                , last <Time at={since} />
              </>
            )}
          </>
        ) : (
          'Nobody owns the live field.'
        )}{' '}
        <Copy text={toYaml({ ignoreDifferences: [rule as never] })} label="Copy the rule that leaves it out" />
      </p>
    </li>
  );
}
