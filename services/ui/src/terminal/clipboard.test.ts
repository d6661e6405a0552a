import { beforeEach, expect, test, vi } from 'vitest';
import { isForTerminal } from './clipboard';

let isSelected = false;
const terminal = {
  hasSelection: () => isSelected,
  clearSelection: () => {
    isSelected = false;
  },
};

function key(code: string, keys: KeyboardEventInit = {}): boolean {
  return isForTerminal(new KeyboardEvent('keydown', { code, ctrlKey: true, ...keys }), terminal);
}

beforeEach(() => {
  isSelected = false;
  vi.useFakeTimers();
});

test('Ctrl+C interrupts where nothing is selected, and copies once where something is', () => {
  expect(key('KeyC')).toBe(true);
  isSelected = true;
  expect(key('KeyC')).toBe(false);
  vi.runAllTimers();
  expect(key('KeyC')).toBe(true);
});

test('Ctrl+Shift+C copies and Ctrl+Shift+V pastes', () => {
  const copied = vi.fn(() => true);
  document.execCommand = copied;
  isSelected = true;
  expect(key('KeyC', { shiftKey: true })).toBe(false);
  expect(copied).toHaveBeenCalledWith('copy');
  expect(key('KeyV', { shiftKey: true })).toBe(false);
  expect(key('KeyV')).toBe(true);
});

test('all other keys are the terminal’s', () => {
  isSelected = true;
  for (const code of ['KeyA', 'KeyD', 'Insert']) expect(key(code)).toBe(true);
  expect(key('KeyC', { ctrlKey: false })).toBe(true);
  expect(key('KeyC', { altKey: true })).toBe(true);
});
