import { describe, expect, test } from 'vitest';
import { destination } from '@/pages/login/LoginPage';
import { ownPath } from './base';

const own = window.location.origin;

describe('a path of our own', () => {
  test('is what is below the base, as a path or as an address', () => {
    expect(ownPath('/applications?search=a#x')).toBe('/applications?search=a#x');
    expect(ownPath(`${own}/settings/repos`)).toBe('/settings/repos');
  });

  test.each([
    'https://evil.example/applications',
    '//evil.example',
    '/\\evil.example',
    '\\\\evil.example',
    'javascript:alert(1)',
    'data:text/html,x',
    `${own}.evil.example/`,
    `${own}//evil.example`,
    'http://',
  ])('is not %s', (address) => {
    expect(ownPath(address)).toBeNull();
  });
});

describe('after a login one comes', () => {
  test('to the path asked for', () => {
    expect(destination(`${own}/applications/argocd/shop?view=tree`)).toBe('/applications/argocd/shop?view=tree');
    expect(destination('/login-help')).toBe('/login-help');
  });

  test.each([null, '', '/', '/login', '/login?return_url=/login', 'https://evil.example', 'javascript:alert(1)'])(
    'to the applications instead of %s',
    (asked) => {
      expect(destination(asked)).toBe('/applications');
    },
  );
});
