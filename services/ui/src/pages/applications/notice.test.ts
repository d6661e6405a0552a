import { expect, it } from 'vitest';
import { defaultView, noticeOf } from './notice';

const said = (values: Record<string, string>) =>
  Object.fromEntries(Object.entries(values).map(([key, value]) => [`notice.argocd.argoproj.io/${key}`, value]));

it('a notice says how grave it is and where it is shown', () => {
  const notice = noticeOf(said({ content: ' moving on Friday ', severity: 'Critical', scope: 'icon' }));
  expect(notice).toMatchObject({ content: 'moving on Friday', severity: 'critical', inBanner: false, inList: true });
  expect(noticeOf(said({ content: 'x', scope: 'banner' }))).toMatchObject({ inBanner: true, inList: false });
  expect(noticeOf(said({ content: 'x', severity: 'loud' }))).toMatchObject({
    severity: 'info',
    inList: true,
    inBanner: true,
  });
});

it('nothing to say is no notice, and more than there is room for is cut', () => {
  expect(noticeOf(undefined)).toBeNull();
  expect(noticeOf(said({ content: '  ', severity: 'critical' }))).toBeNull();
  expect(noticeOf(said({ content: 'y'.repeat(2000) }))?.content).toHaveLength(500);
});

it('a view that nobody knows is none', () => {
  expect(defaultView({ 'pref.argocd.argoproj.io/default-view': 'network' })).toBe('network');
  expect(defaultView({ 'pref.argocd.argoproj.io/default-view': 'javascript:alert(1)' })).toBe('');
  expect(defaultView(undefined)).toBe('');
});
