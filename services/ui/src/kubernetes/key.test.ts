import { describe, expect, test } from 'vitest';
import { containerOf, formatKey, isSame, parseKey, versionOf } from './key';

describe('the key of an object in a link', () => {
  test('names group, kind, namespace and name', () => {
    expect(parseKey('apps/Deployment/shop/cart/0')).toEqual({
      group: 'apps',
      kind: 'Deployment',
      namespace: 'shop',
      name: 'cart',
    });
  });

  test('has nothing where there is no group and no namespace', () => {
    const key = { group: '', kind: 'Namespace', namespace: '', name: 'shop' };
    expect(parseKey('/Namespace//shop/0')).toEqual(key);
    expect(formatKey(key)).toBe('/Namespace//shop/0');
    expect(parseKey(formatKey(key))).toEqual(key);
  });

  test('may leave the container out, or name one', () => {
    expect(parseKey('/Pod/shop/cart-0')?.name).toBe('cart-0');
    expect(containerOf('/Pod/shop/cart-0/2')).toBe(2);
    expect(containerOf('/Pod/shop/cart-0/x')).toBe(0);
    expect(containerOf(null)).toBe(0);
  });

  test.each([null, undefined, '', 'a/b', 'apps/Deployment/shop/', '//shop/cart/0', 'a/b/c/d/e/f'])(
    'names nothing in %s',
    (text) => {
      expect(parseKey(text)).toBeNull();
    },
  );

  test('is the same when all four parts are', () => {
    const key = { group: 'apps', kind: 'Deployment', namespace: 'shop', name: 'cart' };
    expect(isSame(key, { ...key })).toBe(true);
    expect(isSame(key, { ...key, namespace: 'other' })).toBe(false);
  });
});

test('an apiVersion has a group unless it is of the core', () => {
  expect(versionOf('apps/v1')).toEqual({ group: 'apps', version: 'v1' });
  expect(versionOf('v1')).toEqual({ group: '', version: 'v1' });
});
