import { describe, expect, test } from 'vitest';
import type { Json } from '../json';
import { fromYaml } from '../yaml';
import { check } from './check';
import { complete } from './complete';
import { diagnose } from './diagnose';
import { placeAt } from './place';
import { type KindSchema, schemaAt } from './schema';

const KIND: KindSchema = {
  schema: { $ref: '#/definitions/Deployment' },
  definitions: {
    Deployment: {
      type: 'object',
      properties: {
        apiVersion: { type: 'string' },
        kind: { type: 'string', enum: ['Deployment'] },
        metadata: { allOf: [{ $ref: '#/definitions/Meta' }], description: 'of the object' },
        spec: { $ref: '#/definitions/Spec' },
      },
    },
    Meta: {
      type: 'object',
      properties: { name: { type: 'string' }, labels: { type: 'object', additionalProperties: { type: 'string' } } },
    },
    Spec: {
      type: 'object',
      required: ['template'],
      properties: {
        replicas: { type: 'integer', minimum: 0, description: 'How many.' },
        paused: { type: 'boolean' },
        template: { $ref: '#/definitions/Template' },
        strategy: { type: 'string', enum: ['Recreate', 'RollingUpdate'], default: 'RollingUpdate' },
        maxSurge: { 'x-kubernetes-int-or-string': true },
        anything: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
      },
    },
    Template: {
      type: 'object',
      properties: { containers: { type: 'array', items: { $ref: '#/definitions/Container' } } },
    },
    Container: {
      type: 'object',
      required: ['name'],
      properties: {
        name: { type: 'string' },
        image: { type: 'string' },
        args: { type: 'array', items: { type: 'string' } },
        policy: { type: 'string', enum: ['Always', 'Never'] },
        cpu: { type: 'string', description: 'Quantity is a fixed-point representation of a number.' },
      },
    },
    Loop: { $ref: '#/definitions/Loop' },
  },
};

function read(text: string): Json {
  const found = fromYaml(text);
  return 'value' in found ? found.value : null;
}

describe('the schema of a kind', () => {
  test('is found through references, lists and maps', () => {
    expect(schemaAt(KIND, ['spec', 'template', 'containers', 3, 'policy'])?.enum).toEqual(['Always', 'Never']);
    expect(schemaAt(KIND, ['metadata', 'labels', 'app'])?.type).toBe('string');
    expect(schemaAt(KIND, ['metadata'])?.description).toBe('of the object');
    expect(schemaAt(KIND, ['spec', 'nothing'])).toBeNull();
    expect(schemaAt(KIND, ['spec', 'constructor'])).toBeNull();
  });

  test('that refers to itself has an end', () => {
    expect(schemaAt({ ...KIND, schema: { $ref: '#/definitions/Loop' } }, ['a'])).toBeNull();
  });
});

describe('a manifest', () => {
  test('that is as its schema says has nothing to be said of', () => {
    const text = [
      'apiVersion: apps/v1',
      'kind: Deployment',
      'metadata: {name: a, labels: {x: y}}',
      'spec:',
      '  replicas: 2',
      '  maxSurge: 25%',
      '  anything: {goes: [1]}',
      '  template:',
      '    containers:',
      '    - {name: main, cpu: 1, args: [a]}',
    ].join('\n');
    expect(check(KIND, read(text))).toEqual([]);
  });

  test.each([
    ['spec: {template: {}, replicsa: 1}', ['spec', 'replicsa'], 'did you mean replicas?'],
    ['spec: {template: {}, replicas: "2"}', ['spec', 'replicas'], 'whole number'],
    ['spec: {template: {}, replicas: -1}', ['spec', 'replicas'], '0 or more'],
    ['spec: {template: {}, paused: yes}', ['spec', 'paused'], 'true or false'],
    ['spec: {template: {}, strategy: Fast}', ['spec', 'strategy'], 'Recreate, RollingUpdate'],
    ['spec: {template: {}, maxSurge: [1]}', ['spec', 'maxSurge'], 'number or text'],
    ['spec: {template: {containers: {}}}', ['spec', 'template', 'containers'], 'list'],
    ['spec: {template: {containers: [{image: x}]}}', ['spec', 'template', 'containers', 0], 'name is needed'],
    ['spec: {}', ['spec'], 'template is needed'],
    ['metadata: {labels: {a: 1}}', ['metadata', 'labels', 'a'], 'text'],
    ['[]', [], 'map'],
  ] as [string, (string | number)[], string][])('%s is told of at its place', (text, path, words) => {
    const [found] = check(KIND, read(text));
    expect(found?.path).toEqual(path);
    expect(found?.message).toContain(words);
  });

  test('with many mistakes is told of a hundred', () => {
    const many = Object.fromEntries(Array.from({ length: 1000 }, (_, at) => [`wrong${at}`, 1]));
    expect(check(KIND, { spec: { template: {}, ...many } }).length).toBe(100);
  });
});

/** Completion at the `|` of a text. */
function at(text: string): {
  labels: string[];
  path?: readonly (string | number)[];
  key?: string;
  siblings?: readonly string[];
} {
  const lines = text.split('\n');
  const line = lines.findIndex((one) => one.includes('|'));
  const column = (lines[line] ?? '').indexOf('|');
  lines[line] = (lines[line] ?? '').replace('|', '');
  const place = placeAt(lines, line, column);
  if (!place) return { labels: [] };
  return { labels: complete(KIND, place).map((one) => one.label), ...place };
}

describe('what is proposed while somebody types', () => {
  test('at the top are the fields that are not there yet', () => {
    expect(at('apiVersion: apps/v1\n|\nkind: Deployment').labels).toEqual(['metadata', 'spec']);
  });

  test('in a map are its fields, those that are needed first', () => {
    expect(at('spec:\n  replicas: 1\n  |').labels).toEqual(['template', 'anything', 'maxSurge', 'paused', 'strategy']);
    expect(at('spec:\n  |').labels[0]).toBe('template');
  });

  test('in an item of a list are the fields of items, wherever the list begins', () => {
    for (const indent of ['    ', '      ']) {
      const text = `spec:\n  template:\n    containers:\n${indent}- name: a\n${indent}  image: b\n${indent}  |`;
      expect(at(text).labels).toEqual(['args', 'cpu', 'policy']);
      expect(at(text).path).toEqual(['spec', 'template', 'containers', 0]);
    }
    expect(at('spec:\n  template:\n    containers:\n    - name: a\n    - |').labels).toContain('image');
    expect(at('spec:\n  template:\n    containers:\n    - |\n      name: a').labels).not.toContain('name');
  });

  test('after a field are the values that it may have', () => {
    expect(at('spec:\n  strategy: |').labels).toEqual(['Recreate', 'RollingUpdate']);
    expect(at('spec:\n  paused: t|').labels).toEqual(['true', 'false']);
    expect(at('spec:\n  template:\n    containers:\n    - policy: |').labels).toEqual(['Always', 'Never']);
  });

  test('behind what was left is what was there before', () => {
    const text = 'spec:\n  template:\n    containers:\n    - name: a\n      args:\n      - x\n  |';
    expect(at(text).path).toEqual(['spec']);
    expect(at(text).siblings).toEqual(['template']);
  });

  test('is nothing in comments, texts and unknown places', () => {
    expect(at('spec: # |').labels).toEqual([]);
    expect(at('other:\n  |').labels).toEqual([]);
    expect(at('metadata:\n  name: |').labels).toEqual([]);
  });

  test('in a list of lists is found too', () => {
    expect(at('- - a: 1\n    |').path).toEqual([0, 0]);
  });
});

describe('what is wrong in a text', () => {
  test('is marked where it is', () => {
    const text = 'spec:\n  template: {}\n  replicsa: 2\n  paused: maybe\n';
    const found = diagnose(text, KIND);
    expect(found.map((one) => text.slice(one.from, one.to))).toEqual(['replicsa', 'maybe']);
    expect(found.every((one) => !one.isError)).toBe(true);
  });

  test('is an error where it cannot be read', () => {
    const [found] = diagnose('a: [', KIND);
    expect(found?.isError).toBe(true);
  });

  test('is not looked for in what is very long', () => {
    expect(diagnose(`# ${'x'.repeat(600_000)}\na: [`, KIND)).toEqual([]);
  });
});
