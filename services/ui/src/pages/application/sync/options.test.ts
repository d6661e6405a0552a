import { describe, expect, it } from 'vitest';
import { isOn, OPTIONS, optionValue, others, type ToggleOption, withToggle, withValue } from './options';

function option(key: string): ToggleOption {
  const found = OPTIONS.find((one) => one.key === key);
  if (found?.kind !== 'toggle') throw new Error(key);
  return found;
}

describe('sync options', () => {
  it('names each option of the contract once', () => {
    const keys = OPTIONS.map((one) => one.key);
    expect(new Set(keys).size).toBe(keys.length);
    for (const key of [
      'Validate',
      'CreateNamespace',
      'Prune',
      'Delete',
      'PruneLast',
      'PrunePropagationPolicy',
      'ApplyOutOfSyncOnly',
      'Replace',
      'ServerSideApply',
      'ClientSideApplyMigration',
      'SkipDryRunOnMissingResource',
      'RespectIgnoreDifferences',
      'FailOnSharedResource',
    ]) {
      expect(keys).toContain(key);
    }
  });

  it('takes the first entry of a key for its value', () => {
    expect(optionValue(['Prune=confirm', 'Prune=false'], 'Prune')).toBe('confirm');
    expect(optionValue(['PruneLast=true'], 'Prune')).toBe('');
  });

  it('compares whole texts, as the controller does', () => {
    expect(isOn(['Replace=true'], option('Replace'))).toBe(true);
    expect(isOn(['replace=true', 'Replace=True', 'Replace=false'], option('Replace'))).toBe(false);
    expect(isOn(['Validate=false'], option('Validate'))).toBe(true);
  });

  it('changes an option in its place and keeps what it does not know', () => {
    const items = ['Custom=1', 'Validate=true', 'PruneLast=true'];
    expect(withToggle(items, option('Validate'), true)).toEqual(['Custom=1', 'Validate=false', 'PruneLast=true']);
    expect(withToggle(items, option('PruneLast'), false)).toEqual(['Custom=1', 'Validate=true']);
    expect(withValue(['Prune=false', 'Prune=confirm'], 'Prune', '')).toEqual([]);
  });

  it('tells what no row stands for', () => {
    expect(others(['Custom=1', 'Replace=false', 'Replace=true', 'Prune=confirm', 'Prune=maybe'])).toEqual([
      'Custom=1',
      'Replace=false',
      'Prune=maybe',
    ]);
  });
});
