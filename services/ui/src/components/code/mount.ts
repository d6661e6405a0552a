/**
 * CodeMirror inside a shadow root: its styles are then constructed sheets, which our content security policy allows, and
 * nothing of the page reaches in.
 */
import { type RefObject, useLayoutEffect } from 'react';

export interface Mounted {
  destroy(): void;
}

/** Mount an editor into the host while `make` stays the same function. */
export function useMounted(host: RefObject<HTMLElement | null>, make: (root: ShadowRoot) => Mounted): void {
  useLayoutEffect(() => {
    const element = host.current;
    if (element === null) return;
    const root = element.shadowRoot ?? element.attachShadow({ mode: 'open' });
    const mounted = make(root);
    return () => {
      mounted.destroy();
      root.replaceChildren();
    };
  }, [host, make]);
}
