import { describe, expect, test, vi } from 'vitest';
import { type Entry, EVERYTHING, Lines, marks, matcher, View } from './lines';

function entry(text: string, pod = 'cart-0', container = 'main'): Entry {
  return { at: '2026-01-01T00:00:00Z', pod, container, text };
}

function many(count: number, text = 'line'): Entry[] {
  return Array.from({ length: count }, (_, number) => entry(`${text} ${number}`));
}

describe('the lines of a log', () => {
  test('are bounded in number: the oldest go, and are counted', () => {
    const lines = new Lines({ lines: 100, characters: 1 << 20 });
    for (let n = 0; n < 10; n++) lines.add(many(50));
    expect(lines.all.length).toBeLessThanOrEqual(110);
    expect(lines.all.length).toBeGreaterThanOrEqual(100);
    expect(lines.gone + lines.all.length).toBe(500);
    expect(lines.all.at(-1)?.number).toBe(499);
    expect(lines.all[0]?.number).toBe(lines.gone);
  });

  test('are bounded in size, with the newest always there', () => {
    const lines = new Lines({ lines: 1000, characters: 1000 });
    for (let n = 0; n < 20; n++) lines.add([entry('x'.repeat(400))]);
    expect(lines.all.length).toBeLessThanOrEqual(3);
    lines.add([entry('y'.repeat(5000))]);
    expect(lines.all.map((line) => line.text.length)).toEqual([5000]);
  });

  test('tell that there are others', () => {
    const lines = new Lines();
    const told = vi.fn();
    const leave = lines.subscribe(told);
    lines.add(many(2));
    lines.add([]);
    lines.clear();
    leave();
    lines.add(many(1));
    expect(told).toHaveBeenCalledTimes(2);
    expect(lines.gone).toBe(0);
  });

  test('of which 100,000 come are taken in a moment', () => {
    const lines = new Lines();
    const view = new View(lines, { ...EVERYTHING, words: 'line 9' });
    const started = performance.now();
    for (let n = 0; n < 100; n++) {
      lines.add(many(1000));
      view.of();
    }
    expect(view.of().length).toBe(100 * 111);
    expect(performance.now() - started).toBeLessThan(5000);
  });
});

describe('the lines that are wanted', () => {
  const line = { number: 0, ...entry('Error: it Failed') };

  test('hold the words, whatever the case unless it matters', () => {
    expect(matcher({ ...EVERYTHING, words: 'error' })(line)).toBe(true);
    expect(matcher({ ...EVERYTHING, words: 'error', matchCase: true })(line)).toBe(false);
    expect(matcher({ ...EVERYTHING, words: 'warn' })(line)).toBe(false);
  });

  test('do not hold them after an exclamation mark', () => {
    expect(matcher({ ...EVERYTHING, words: '!error' })(line)).toBe(false);
    expect(matcher({ ...EVERYTHING, words: '!warn' })(line)).toBe(true);
    expect(matcher({ ...EVERYTHING, words: '!' })(line)).toBe(false);
  });

  test('are of the chosen pods and containers, and what is told in their stead', () => {
    const of = matcher({ ...EVERYTHING, pods: new Set(['cart-1']), containers: new Set(['main']) });
    expect(of(line)).toBe(false);
    expect(of({ ...line, pod: 'cart-1' })).toBe(true);
    expect(of({ ...line, pod: 'cart-1', container: 'side' })).toBe(false);
    expect(of({ ...line, pod: '', container: '' })).toBe(true);
  });

  test('are found again when old ones went and new ones came', () => {
    const lines = new Lines({ lines: 10, characters: 1 << 20 });
    const view = new View(lines, { ...EVERYTHING, words: 'odd' });
    for (let n = 0; n < 50; n++) {
      lines.add([entry(n % 2 ? `odd ${n}` : `even ${n}`)]);
      const wanted = lines.all.filter((one) => one.text.startsWith('odd'));
      expect(view.of()).toEqual(wanted);
    }
    const before = view.of();
    expect(view.of()).toBe(before);
    lines.clear();
    lines.add(many(100, 'odd again').slice(0, 9));
    expect(view.of()).toEqual(lines.all);
    lines.clear();
    expect(view.of()).toEqual([]);
  });
});

test('words are marked where they are, and not without end', () => {
  expect(marks('an Error, an error', 'error', false)).toEqual([
    [3, 8],
    [13, 18],
  ]);
  expect(marks('Error', 'error', true)).toEqual([]);
  expect(marks('x', '', false)).toEqual([]);
  expect(marks('a'.repeat(10_000), 'a', false).length).toBe(100);
});
