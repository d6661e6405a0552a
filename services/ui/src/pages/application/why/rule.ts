/** An ignore rule as the YAML of an Application's `spec`, ready to be pasted. */

import type { Explanation } from '@/api/schema';

type Rule = Explanation['rule'];

const NAMES = ['group', 'kind', 'name', 'namespace'] as const;
const LISTS = ['jsonPointers', 'jqPathExpressions', 'managedFieldsManagers'] as const;

/** `ignoreDifferences:` with one entry. */
export function ruleText(rule: Rule): string {
  const lines: string[] = [];
  for (const name of NAMES) {
    const value = rule[name];
    if (value) lines.push(`${name}: ${scalar(value)}`);
  }
  for (const name of LISTS) {
    const values = rule[name];
    if (!values?.length) continue;
    lines.push(`${name}:`, ...values.map((value) => `  - ${scalar(value)}`));
  }
  const entry = lines.map((line, index) => `${index ? '    ' : '  - '}${line}`);
  return ['ignoreDifferences:', ...entry, ''].join('\n');
}

/** Whether a rule says anything that could be ignored. */
export function isUsable(rule: Rule): boolean {
  return LISTS.some((name) => rule[name]?.length);
}

function scalar(value: string): string {
  const isPlain = /^[A-Za-z/][\w./~-]*$/.test(value) && !/^(true|false|null|yes|no|on|off|y|n)$/i.test(value);
  return isPlain ? value : JSON.stringify(value);
}
