/** The URL as state: what a path means, and the fields of its query. */
import { useCallback, useSyncExternalStore } from 'react';
import { useLocation, useParams } from 'wouter';

const EVENTS = ['popstate', 'pushState', 'replaceState'];

function subscribe(listener: () => void): () => void {
  for (const event of EVENTS) window.addEventListener(event, listener);
  return () => {
    for (const event of EVENTS) window.removeEventListener(event, listener);
  };
}

/** What a change sets; null and `''` take a field out. */
export type Change = { readonly [field: string]: string | readonly string[] | null | undefined };

export interface ChangeOptions {
  /** Without a step in the history: for what is typed or moved, not for what is opened. */
  replace?: boolean;
}

/** The fields of the URL's query, exactly as they are written, and a way to change some of them. */
export function useFields(): [URLSearchParams, (change: Change, options?: ChangeOptions) => void] {
  const search = useSyncExternalStore(subscribe, () => window.location.search);
  const change = useCallback((fields: Change, options?: ChangeOptions) => {
    const next = changed(new URLSearchParams(window.location.search), fields).toString();
    const address = window.location.pathname + (next ? `?${next}` : '');
    if (address === window.location.pathname + window.location.search) return;
    if (options?.replace) window.history.replaceState(window.history.state, '', address);
    else window.history.pushState(null, '', address);
  }, []);
  return [new URLSearchParams(search), change];
}

export function changed(fields: URLSearchParams, change: Change): URLSearchParams {
  const next = new URLSearchParams(fields);
  for (const [field, value] of Object.entries(change)) {
    next.delete(field);
    if (typeof value === 'string') {
      if (value) next.append(field, value);
    } else for (const one of value ?? []) next.append(field, one);
  }
  return next;
}

/** A part of the path, decoded: `useParam('server')` of `/settings/clusters/:server`. */
export function useParam(name: string): string {
  const value = useParams<Record<string, string | undefined>>()[name] ?? '';
  try {
    return decodeURIComponent(value);
  } catch {
    return value;
  }
}

/** Go to a path below the base. */
export function useGo(): (path: string, options?: ChangeOptions) => void {
  const [, navigate] = useLocation();
  return navigate;
}

/** The path that an application is shown at. */
export function applicationPath(namespace: string, name: string): string {
  return `/applications/${encodeURIComponent(namespace)}/${encodeURIComponent(name)}`;
}
