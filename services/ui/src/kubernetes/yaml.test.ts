import { describe, expect, test } from 'vitest';
import { isEqual, type Json, parseJson, parseObject, toJson, valueAt } from './json';
import { fromYaml, toYaml } from './yaml';

function again(value: Json): Json | undefined {
  const read = fromYaml(toYaml(value));
  return 'value' in read ? read.value : undefined;
}

describe('a manifest as YAML', () => {
  test('looks as people write it', () => {
    const deployment = {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'cart', labels: { app: 'cart' }, annotations: {} },
      spec: {
        replicas: 2,
        template: { spec: { containers: [{ name: 'main', image: 'cart:1.2', args: ['a', '-b'] }] } },
      },
    };
    expect(toYaml(deployment)).toBe(
      [
        'apiVersion: apps/v1',
        'kind: Deployment',
        'metadata:',
        '  name: cart',
        '  labels:',
        '    app: cart',
        '  annotations: {}',
        'spec:',
        '  replicas: 2',
        '  template:',
        '    spec:',
        '      containers:',
        '      - name: main',
        '        image: cart:1.2',
        '        args:',
        '        - a',
        '        - "-b"',
        '',
      ].join('\n'),
    );
  });

  test.each([
    '',
    ' ',
    'true',
    'Yes',
    'off',
    'null',
    '~',
    '1',
    '1.0',
    '1e3',
    '0x1f',
    '1_000',
    '.5',
    '-',
    '- a',
    'a: b',
    'a:',
    'a #b',
    '#b',
    '&a',
    '*a',
    '!a',
    '%a',
    '@a',
    '`a',
    "'a",
    '"a',
    '[a',
    '{a',
    '|',
    '>',
    '?',
    'a\tb',
    'a\\b',
    '2024-01-01',
    '12:30:00',
    '=',
    '<<',
    '---',
    '...',
    'a\n',
    '\na',
    ' a\nb',
    'a\n\n',
    'a\nb',
    'a\n b\n',
    'a\n\n\nb\n',
    'a\n ',
    'a\r\nb',
    '\u0000',
    '\u001b[31mred',
    '\u202eevil',
    '\ud800',
    'ümlaut',
    '😀',
    'a\u2028b',
    'http://a/b?c=d&e',
    'a, b',
    '100m',
    '1Gi',
    'a  b',
    'x'.repeat(2000),
    'key: |\n  text\n',
    '=A1',
    'a ',
    'n',
    'NaN',
    '.inf',
    '+1',
    '0o17',
    '07',
  ])('says %j so that it is read again', (text) => {
    expect(again(text)).toBe(text);
    expect(again({ a: text, [text || 'empty']: [text, { b: text }] })).toEqual({
      a: text,
      [text || 'empty']: [text, { b: text }],
    });
  });

  test.each([
    null,
    true,
    false,
    0,
    -1,
    1.5,
    1e300,
    [],
    {},
    [[]],
    [[1, [2]], [{}]],
    [{ a: [] }],
    { a: { b: [{ c: [[1]] }] } },
    { a: null, b: [null] },
    9007199254740993n,
    -9223372036854775808n,
  ] as Json[])('says what is no text so that it is read again', (value) => {
    expect(isEqual(again(value), value)).toBe(true);
  });

  test('shows what turns text around as an escape', () => {
    expect(toYaml({ a: 'x\u202ey' })).toBe('a: "x\\u202ey"\n');
    expect(toYaml({ a: 'one\n\u2066two' })).toBe('a: "one\\n\\u2066two"\n');
  });

  test('of five megabytes is written in a moment', () => {
    const big = {
      data: Object.fromEntries(Array.from({ length: 50_000 }, (_, n) => [`key-${n}`, 'x: y '.repeat(20)])),
    };
    const started = performance.now();
    expect(toYaml(big).length).toBeGreaterThan(5 << 20);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('YAML that cannot be read', () => {
  test('says where', () => {
    const read = fromYaml('a: 1\nb: [\n');
    expect('problems' in read && read.problems[0]?.from).toBeGreaterThan(0);
  });

  test('is not let grow by what it repeats', () => {
    const lines = ['a: &a [x,x,x,x,x,x,x,x,x,x]'];
    for (let n = 0; n < 9; n++)
      lines.push(
        `b${n}: &b${n} [${Array(10)
          .fill(n ? `*b${n - 1}` : '*a')
          .join(',')}]`,
      );
    expect('problems' in fromYaml(lines.join('\n'))).toBe(true);
  });

  test('names a key that is there twice', () => {
    expect('problems' in fromYaml('a: 1\na: 2\n')).toBe(true);
  });
});

describe('JSON', () => {
  test('keeps whole numbers that a double cannot hold', () => {
    const text = '{"a":9007199254740993,"b":[1.5,-9223372036854775808],"c":"9007199254740993"}';
    expect(toJson(parseJson(text))).toBe(text);
  });

  test('that is no object is none', () => {
    expect(parseObject('null')).toBeNull();
    expect(parseObject('{')).toBeNull();
    expect(parseObject('[1]')).toBeNull();
    expect(parseObject('{"a":1}')).toEqual({ a: 1 });
  });

  test('has nothing at a place that it does not have', () => {
    expect(valueAt({ a: [{ b: 1 }] }, ['a', 0, 'b'])).toBe(1);
    expect(valueAt({ a: 1 }, ['a', 'b'])).toBeUndefined();
    expect(valueAt({}, ['constructor'])).toBeUndefined();
  });
});
