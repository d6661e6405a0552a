/** Where an application can be opened: what its objects serve, and what its annotations link to. */

import type { Application } from '../model';

export interface Address {
  title: string;
  url: string;
}

const LINK = 'link.argocd.argoproj.io/';

/** Links of the application's own annotations (`URL` or `Title|URL`), then the addresses of its objects. */
export function addressesOf(application: Application): Address[] {
  const found: Address[] = [];
  for (const [key, value] of Object.entries(application.metadata?.annotations ?? {})) {
    if (!key.startsWith(LINK)) continue;
    const bar = value.indexOf('|');
    found.push(
      bar < 0
        ? { title: '', url: value.trim() }
        : { title: value.slice(0, bar).trim(), url: value.slice(bar + 1).trim() },
    );
  }
  for (const text of application.status?.summary?.externalURLs ?? []) {
    const bar = text.indexOf('|');
    found.push(bar < 0 ? { title: '', url: text } : { title: text.slice(0, bar), url: text.slice(bar + 1) });
  }
  const seen = new Set<string>();
  return found.filter(({ url }) => url && !seen.has(url) && seen.add(url));
}
