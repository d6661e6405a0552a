/** Whether an operator added scripts: the server writes them into the page, and nothing is fetched where there are none. */
import { extensions, failed } from './registry';

/** A script's name and its address below the base. */
export type Listed = readonly [name: string, address: string];

/** What the page was told. */
export function listed(page: Document = document): Listed[] {
  const text = page.querySelector<HTMLMetaElement>('meta[name="fairlead-extensions"]')?.content;
  if (!text) return [];
  try {
    const found: unknown = JSON.parse(text);
    return Array.isArray(found) ? found.filter(isListed) : [];
  } catch {
    return [];
  }
}

function isListed(one: unknown): one is Listed {
  return Array.isArray(one) && one.length === 2 && one.every((part) => typeof part === 'string');
}

/** Before anything is drawn: whether there are scripts to wait for. */
export function announceExtensions(): void {
  extensions.loading(listed().length > 0);
}

let isRun = false;

/** Runs them, once: not before somebody is known, so that none is there when a password is typed. */
export function runExtensions(): void {
  const scripts = listed();
  if (isRun || scripts.length === 0) return;
  isRun = true;
  import('./host')
    .then(({ run }) => run(scripts))
    .catch((error: unknown) => failed('scripts', error))
    .finally(() => extensions.loading(false));
}
