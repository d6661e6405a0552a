import { describe, expect, test, vi } from 'vitest';
import { together } from './together';

describe('questions that come together', () => {
  test('are one request, each with its own answer', async () => {
    const asked = vi.fn(async (numbers: readonly number[]) => numbers.map((number) => number * 2));
    const ask = together(10, asked);
    expect(await Promise.all([ask(1), ask(2), ask(3)])).toEqual([2, 4, 6]);
    expect(asked).toHaveBeenCalledExactlyOnceWith([1, 2, 3]);
    expect(await ask(4)).toBe(8);
    expect(asked).toHaveBeenCalledTimes(2);
  });

  test('are several requests where there are too many for one', async () => {
    const asked = vi.fn(async (numbers: readonly number[]) => numbers.map(String));
    const ask = together(2, asked);
    expect(await Promise.all([1, 2, 3].map(ask))).toEqual(['1', '2', '3']);
    expect(asked.mock.calls).toEqual([[[1, 2]], [[3]]]);
  });

  test('fail together, and one that is left out fails alone', async () => {
    const ask = together(10, async (words: readonly string[]) => {
      if (words.includes('bad')) throw new Error('refused');
      return words.slice(1);
    });
    await expect(Promise.all([ask('good'), ask('bad')])).rejects.toThrow('refused');
    const [first, second] = await Promise.allSettled([ask('a'), ask('b')]);
    expect([first.status, second.status]).toEqual(['fulfilled', 'rejected']);
  });
});
