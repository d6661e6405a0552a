/** The style sheet of `ui.cssurl`, after ours. */
import { useEffect } from 'react';

/** The address of a custom style sheet, or null if it is none a page may fetch. */
export function styleAddress(url: string): string | null {
  try {
    const address = new URL(url, document.baseURI);
    return address.protocol === 'https:' || address.protocol === 'http:' ? address.href : null;
  } catch {
    return null;
  }
}

export function CustomStyle({ url }: { url: string | undefined }) {
  useEffect(() => {
    const address = url ? styleAddress(url) : null;
    if (address === null) return;
    const link = document.createElement('link');
    link.rel = 'stylesheet';
    link.href = address;
    // Behind those of pages that are fetched later, which go into the head.
    document.body.append(link);
    return () => link.remove();
  }, [url]);
  return null;
}
