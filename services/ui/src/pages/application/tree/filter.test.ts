import { describe, expect, test } from 'vitest';
import { application, deployment, node } from '../example';
import { joined } from '../model';
import { counted, formatted, matches, NO_FILTER, parsed, toggled } from './filter';

const objects = [
  ...joined(
    application(),
    [...deployment('web', 3, 'Degraded'), node('ConfigMap', 'web', { sync: 'OutOfSync' })],
    [],
  ).values(),
];

describe('filters in the address', () => {
  test('an address is read and written the same', () => {
    const text = 'name:web,kind:Pod,kind:Service,health:Degraded,sync:OutOfSync';
    expect(formatted(parsed(text))).toBe(text);
    expect(formatted(parsed(null))).toBeNull();
  });

  test('what nobody understands is left out', () => {
    expect(parsed('kind,health:,color:red,:x,createdWithin:5m')).toEqual(NO_FILTER);
  });

  test('values of one field widen, fields narrow', () => {
    const chosen = (text: string) => objects.filter((one) => matches(one, parsed(text))).length;
    expect(chosen('kind:Pod,kind:ConfigMap')).toBe(4);
    expect(chosen('kind:Pod,sync:OutOfSync')).toBe(0);
    expect(chosen('name:WEB 7d4')).toBe(4);
    expect(chosen('health:none')).toBe(1);
  });

  test('a field is counted as if it was not narrowed itself', () => {
    expect(counted(objects, parsed('kind:ConfigMap'), 'kind')).toContainEqual({ value: 'Pod', count: 3 });
    expect(counted(objects, parsed('kind:ConfigMap'), 'health')).toEqual([{ value: 'none', count: 1 }]);
    expect(counted(objects, parsed('kind:Gone'), 'kind')).toContainEqual({ value: 'Gone', count: 0 });
  });

  test('a value is chosen and let go', () => {
    const chosen = toggled(NO_FILTER, 'kind', 'Pod');
    expect(formatted(chosen)).toBe('kind:Pod');
    expect(formatted(toggled(chosen, 'kind', 'Pod'))).toBeNull();
  });
});
