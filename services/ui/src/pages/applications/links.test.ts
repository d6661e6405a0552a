import { expect, it } from 'vitest';
import { ownLinks, safe } from './links';

const row = { key: 'argocd/a', name: 'a', namespace: 'argocd', project: 'p' };

it('annotations and what runs bring links, each once', () => {
  const annotations = {
    'link.argocd.argoproj.io/grafana': 'Dashboards|https://grafana.example',
    'link.argocd.argoproj.io/wiki': 'https://wiki.example',
    'argocd.argoproj.io/managed-by-url': 'https://argocd.other.example',
  };
  expect(ownLinks({ ...row, annotations, urls: ['https://wiki.example', 'Shop|http://shop.example'] })).toEqual([
    { title: 'Dashboards', url: 'https://grafana.example' },
    { title: 'wiki', url: 'https://wiki.example' },
    { title: 'Its own control plane', url: 'https://argocd.other.example' },
    { title: 'Shop', url: 'http://shop.example' },
  ]);
});

it('what a browser must not follow is no link', () => {
  const bad = [
    'javascript:alert(1)',
    ' JaVaScRiPt:alert(1)',
    'data:text/html,x',
    '//evil.example',
    'file:///etc/passwd',
    'x|javascript:alert(1)',
  ];
  expect(
    ownLinks({ ...row, urls: bad, annotations: { 'link.argocd.argoproj.io/x': 'Fine|javascript:alert(1)' } }),
  ).toEqual([]);
  expect(safe([{ title: '', url: 'mailto:team@example.com' }])).toEqual([
    { title: 'mailto:team@example.com', url: 'mailto:team@example.com' },
  ]);
});
