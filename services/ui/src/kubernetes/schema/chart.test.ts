import { describe, expect, it } from 'vitest';
import { fromYaml } from '../yaml';
import { chartSchema } from './chart';
import { check } from './check';
import { complete } from './complete';
import { placeAt } from './place';

const VALUES = 'replicas: 1\nimage:\n  repository: nginx\n  tag: "1.27"\nservice: {}\nhosts: [a]\ndebug: false\n';
const RULES = {
  $schema: 'http://json-schema.org/schema#',
  type: 'object',
  required: ['replicas'],
  properties: {
    replicas: { type: 'integer', minimum: 1 },
    image: { $ref: '#/$defs/image' },
    level: { type: ['string', 'null'], enum: ['info', 'debug'] },
    strict: { type: 'object', additionalProperties: false, properties: { a: { type: 'string' } } },
  },
  $defs: { image: { type: 'object', properties: { pullPolicy: { enum: ['Always', 'Never'] } } } },
};

const found = (text: string, rules: unknown = RULES) => {
  const read = fromYaml(text);
  return check(chartSchema(VALUES, rules), 'value' in read ? read.value : null).map(
    (one) => `${one.path.join('.')}: ${one.message}`,
  );
};

const proposed = (text: string, rules: unknown = RULES) => {
  const lines = text.split('\n');
  const place = placeAt(lines, lines.length - 1, lines.at(-1)?.length ?? 0);
  return place ? complete(chartSchema(VALUES, rules), place).map((one) => one.label) : [];
};

describe('values of a chart', () => {
  it('are proposed by its own values and by its schema', () => {
    expect(proposed('')).toEqual(
      expect.arrayContaining(['replicas', 'image', 'service', 'hosts', 'debug', 'level', 'strict']),
    );
    expect(proposed('image:\n  ')).toEqual(expect.arrayContaining(['repository', 'tag', 'pullPolicy']));
    expect(proposed('image:\n  pullPolicy: ')).toEqual(['Always', 'Never']);
    expect(proposed('debug: ')).toEqual(['true', 'false']);
    expect(proposed('image:\n  tag: ', null)).toEqual(['1.27']);
  });

  it('are checked by its schema, and nothing is called missing', () => {
    expect(found('image: {tag: "2", more: 1}\nother: x\nlevel: null')).toEqual([]);
    expect(found('replicas: 0')).toEqual(['replicas: This has to be 1 or more.']);
    expect(found('replicas: many')[0]).toContain('whole number');
    expect(found('level: loud')[0]).toContain('info, debug');
    expect(found('strict: {b: 1}')[0]).toContain('no field b');
    expect(found('image: {pullPolicy: Sometimes}')[0]).toContain('Always, Never');
  });

  it('stay tables where the chart has tables', () => {
    expect(found('image: nginx', null)[0]).toContain('map');
    expect(found('service: null\nhosts: none\nreplicas: many', null)).toEqual([]);
  });

  it('are free where the schema is none, or what it says is no schema', () => {
    for (const odd of [null, 3, [], 'x', { properties: 'x' }, { properties: { replicas: 1 }, type: 7, enum: {} }]) {
      expect(found('replicas: many', odd)).toEqual([]);
    }
    let deep: Record<string, unknown> = {};
    for (let at = 0; at < 500; at++) deep = { properties: { a: deep } };
    expect(proposed('', deep)).toContain('a');
  });

  it('that refer to themselves have an end', () => {
    const rules = { $ref: '#/definitions/a', definitions: { a: { $ref: '#/definitions/a' } } };
    expect(found('replicas: 1', rules)).toEqual([]);
    const tree = {
      properties: { image: { $ref: '#/definitions/node' } },
      definitions: { node: { type: 'object', properties: { repository: { $ref: '#/definitions/node' } } } },
    };
    expect(found('image: {repository: {repository: {}}}', tree)).toEqual([]);
  });
});
