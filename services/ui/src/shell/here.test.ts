import { afterEach, expect, test, vi } from 'vitest';

afterEach(() => {
  document.head.querySelector('base')?.remove();
  window.history.replaceState(null, '', '/');
  vi.resetModules();
});

test('whoever logs in anew through a provider comes back to the page, below its base once', async () => {
  const base = document.createElement('base');
  base.href = '/argocd/';
  document.head.append(base);
  window.history.replaceState(null, '', '/argocd/applications?search=web');
  vi.resetModules();
  const { here } = await import('./SessionEnded');
  const { ssoAddress } = await import('./sso');
  expect(here()).toBe('/applications?search=web');
  const back = new URL(ssoAddress(here()), 'http://here').searchParams.get('return_url') ?? '';
  expect(new URL(back).pathname).toBe('/argocd/applications');
});
