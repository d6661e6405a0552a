/** Keys of the page on screen. Whoever offers one registers it with its words; `?` shows them all. */
import { useEffect, useRef, useSyncExternalStore } from 'react';

export interface Shortcut {
  label: string;
  run: (event: KeyboardEvent) => void;
}

/** A key as `event.key` names it (`j`, `ArrowDown`, `Enter`, `/`), or two after one another: `g a`. */
export type Shortcuts = { readonly [keys: string]: Shortcut };

interface Registered {
  scope: string;
  shortcuts: Shortcuts;
}

/** Milliseconds in which the second of two keys has to follow. */
const SEQUENCE = 1_000;

let registered: readonly Registered[] = [];
let pending = '';
let pendingTimer: ReturnType<typeof setTimeout> | undefined;
const listeners = new Set<() => void>();

function become(next: readonly Registered[]): void {
  if (next.length > 0 && registered.length === 0) window.addEventListener('keydown', onKeyDown);
  if (next.length === 0) window.removeEventListener('keydown', onKeyDown);
  registered = next;
  for (const listener of listeners) listener();
}

/** Offer shortcuts while the component is there; the functions may be new on each render. */
export function useKeys(shortcuts: Shortcuts, scope: string): void {
  const latest = useRef(shortcuts);
  useEffect(() => {
    latest.current = shortcuts;
  });
  const names = Object.entries(shortcuts)
    .map(([keys, { label }]) => `${keys}\u0000${label}`)
    .join('\u0001');
  useEffect(() => {
    const stable: { [keys: string]: Shortcut } = {};
    for (const line of names ? names.split('\u0001') : []) {
      const [keys = '', label = ''] = line.split('\u0000');
      stable[keys] = { label, run: (event) => latest.current[keys]?.run(event) };
    }
    const entry: Registered = { scope, shortcuts: stable };
    become([...registered, entry]);
    return () => become(registered.filter((one) => one !== entry));
  }, [names, scope]);
}

/** What is offered now, by scope; the page's before the frame's. */
export function useOffered(): readonly Registered[] {
  return useSyncExternalStore(subscribe, () => registered);
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function onKeyDown(event: KeyboardEvent): void {
  if (event.defaultPrevented || event.isComposing || event.ctrlKey || event.metaKey || event.altKey) return;
  if (isTyping(event) || document.querySelector('dialog[open]')) return;
  if (isTakenByFocus(event)) return;
  const two = pending ? `${pending} ${event.key}` : '';
  clearTimeout(pendingTimer);
  pending = '';
  const found = (two && shortcutOf(two)) || shortcutOf(event.key);
  if (found) {
    event.preventDefault();
    found.run(event);
  } else if (
    registered.some(({ shortcuts }) => Object.keys(shortcuts).some((keys) => keys.startsWith(`${event.key} `)))
  ) {
    pending = event.key;
    pendingTimer = setTimeout(() => {
      pending = '';
    }, SEQUENCE);
  }
}

function shortcutOf(keys: string): Shortcut | undefined {
  for (const { shortcuts } of registered.toReversed()) {
    if (Object.hasOwn(shortcuts, keys)) return shortcuts[keys];
  }
  return undefined;
}

function origin(event: KeyboardEvent): Element | null {
  const first = event.composedPath()[0];
  return first instanceof Element ? first : null;
}

/** Whether the key belongs to a field that is being typed in. */
function isTyping(event: KeyboardEvent): boolean {
  const element = origin(event);
  if (!(element instanceof HTMLElement)) return false;
  if (element.isContentEditable) return true;
  if (element instanceof HTMLInputElement) return !['checkbox', 'radio', 'button', 'submit'].includes(element.type);
  return element instanceof HTMLTextAreaElement || element instanceof HTMLSelectElement;
}

/** Whether what has the focus does something with the key itself. */
function isTakenByFocus(event: KeyboardEvent): boolean {
  const element = origin(event);
  if (element === null) return false;
  if (event.key === 'Enter' || event.key === ' ') return element.closest('button, a, input, summary') !== null;
  if (event.key.startsWith('Arrow') || event.key === 'Home' || event.key === 'End') {
    return (
      element.closest(
        '[role=menu], [role=tablist], [role=listbox], [role=tree], [role=radiogroup], [role=separator], input',
      ) !== null
    );
  }
  return false;
}
