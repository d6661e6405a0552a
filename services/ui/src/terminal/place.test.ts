import { expect, test } from 'vitest';
import { isInOurPage } from './place';

function framed(origin: string | null): Window {
  const parent = {
    get location() {
      if (origin === null) throw new DOMException('cross-origin', 'SecurityError');
      return { origin };
    },
  };
  return { parent, location: { origin: 'https://here' } } as unknown as Window;
}

test('a shell is opened at once in a page of ours', () => {
  expect(isInOurPage(framed('https://here'))).toBe(true);
});

test('a shell is not opened at once by a link, or in a page of others', () => {
  expect(isInOurPage(window)).toBe(false);
  expect(isInOurPage(framed('https://there'))).toBe(false);
  expect(isInOurPage(framed(null))).toBe(false);
});
