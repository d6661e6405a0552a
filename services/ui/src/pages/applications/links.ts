import { safeAddress } from '@/components/Link';
import type { ApplicationRow } from './row';

/** A way out of the UI. */
export interface OutLink {
  title: string;
  url: string;
}

const ANNOTATION = 'link.argocd.argoproj.io/';
const MANAGED_BY = 'argocd.argoproj.io/managed-by-url';

/** The links that an application brings itself: where what it runs is reached, and what its annotations say. */
export function ownLinks(row: ApplicationRow): OutLink[] {
  const said = Object.entries(row.annotations ?? {}).flatMap(([key, value]) => {
    if (key === MANAGED_BY) return [{ title: 'Its own control plane', url: value }];
    if (!key.startsWith(ANNOTATION)) return [];
    return [titled(value, key.slice(ANNOTATION.length))];
  });
  const urls = (row.urls ?? []).map((value) => titled(value, ''));
  return safe([...said, ...urls]);
}

/** Those a browser may follow, each once; of the others nothing is made. */
export function safe(links: readonly OutLink[]): OutLink[] {
  const seen = new Set<string>();
  return links.flatMap(({ title, url }) => {
    const address = safeAddress(url);
    if (address === null || seen.has(address)) return [];
    seen.add(address);
    return [{ title: title || address, url: address }];
  });
}

/** `Title|URL`, or a URL alone. */
function titled(value: string, name: string): OutLink {
  const at = value.indexOf('|');
  if (at < 0) return { title: name, url: value.trim() };
  return { title: value.slice(0, at).trim() || name, url: value.slice(at + 1).trim() };
}
