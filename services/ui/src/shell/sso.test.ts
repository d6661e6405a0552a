import { expect, test } from 'vitest';
import { styleAddress } from './CustomStyle';
import { ssoAddress, ssoLabel } from './sso';

test('the button of the identity provider says its name, or the words of the settings', () => {
  expect(ssoLabel({})).toBeNull();
  expect(ssoLabel({ uiLoginButtonText: 'Come in' })).toBeNull();
  expect(ssoLabel({ oidcConfig: { name: 'Example' } })).toBe('Log in via Example');
  expect(ssoLabel({ oidcConfig: { name: 'Example' }, uiLoginButtonText: 'Come in' })).toBe('Come in');
  expect(ssoLabel({ dexConfig: { connectors: [{ name: 'GitHub' }] } })).toBe('Log in via GitHub');
  expect(ssoLabel({ dexConfig: { connectors: [{ name: 'GitHub' }, { name: 'LDAP' }] } })).toBe('Log in via SSO');
});

test('the way back is a whole address of ours', () => {
  const back = encodeURIComponent(`${window.location.origin}/applications?search=a&proj=b`);
  expect(ssoAddress('/applications?search=a&proj=b')).toBe(`/auth/login?return_url=${back}`);
});

test('a style sheet is fetched over HTTP or not at all', () => {
  expect(styleAddress('https://example.com/a.css')).toBe('https://example.com/a.css');
  expect(styleAddress('./custom/a.css')).toBe(`${window.location.origin}/custom/a.css`);
  for (const url of ['javascript:alert(1)', 'data:text/css,a', 'file:///a.css', 'http://'])
    expect(styleAddress(url)).toBeNull();
});
