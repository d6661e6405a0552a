import { expect, test } from 'vitest';
import { isUsable, ruleText } from './rule';

test('a rule is YAML that can be pasted into the spec', () => {
  const rule = { group: 'apps', kind: 'Deployment', name: 'web', namespace: 'shop', jsonPointers: ['/spec/replicas'] };
  expect(ruleText(rule)).toBe(
    [
      'ignoreDifferences:',
      '  - group: apps',
      '    kind: Deployment',
      '    name: web',
      '    namespace: shop',
      '    jsonPointers:',
      '      - /spec/replicas',
      '',
    ].join('\n'),
  );
  expect(isUsable(rule)).toBe(true);
});

test('what YAML would read otherwise is quoted', () => {
  const text = ruleText({ kind: 'ConfigMap', name: 'true', jqPathExpressions: ['.data["a: b"] #x'] });
  expect(text).toContain('name: "true"');
  expect(text).toContain('- ".data[\\"a: b\\"] #x"');
  expect(isUsable({ kind: 'ConfigMap' })).toBe(false);
});
