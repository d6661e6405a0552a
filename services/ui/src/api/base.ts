/** Where the application is served: the server writes `<base href>` into the page, everything else follows from it. */

/** The path of the base without its trailing slash: `''` or `'/argocd'`. */
export const basePath: string = new URL('.', document.baseURI).pathname.replace(/\/+$/, '');

/** The address on this server of an absolute path of the API or of a page. */
export function addressOf(path: string): string {
  return basePath + path;
}

/** The path below the base that an address of our own means, or null for any other address. */
export function ownPath(address: string): string | null {
  if (/^[/\\]{2}/.test(address)) return null;
  let url: URL;
  try {
    url = new URL(address, window.location.origin);
  } catch {
    return null;
  }
  if (url.origin !== window.location.origin) return null;
  if (url.pathname !== basePath && !url.pathname.startsWith(`${basePath}/`)) return null;
  const path = url.pathname.slice(basePath.length) || '/';
  if (/^[/\\]{2}/.test(path)) return null;
  return path + url.search + url.hash;
}
