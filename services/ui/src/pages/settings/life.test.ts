import { describe, expect, it } from 'vitest';
import { lifeOf } from './life';

describe('the life of a token', () => {
  it.each([
    ['', 0],
    ['12h', 43_200],
    ['30d', 2_592_000],
    ['1d 12h', 129_600],
    ['1y', 31_536_000],
  ])('of %j is so many seconds', (text, seconds) => {
    expect(lifeOf(text)).toBe(seconds);
  });

  it.each(['0', '0d', '12', 'h', '1x', '-1d'])('is not %j', (text) => {
    expect(lifeOf(text)).toBeNull();
  });
});
