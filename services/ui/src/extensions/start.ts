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

export function startExtensions(): void {
  const scripts = listed();
  if (scripts.length === 0) return;
  extensions.loading(true);
  import('./host')
    .then(({ run }) => run(scripts))
    .catch((error: unknown) => failed('scripts', error))
    .finally(() => extensions.loading(false));
}
