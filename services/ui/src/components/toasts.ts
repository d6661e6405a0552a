/** Short words about what was just done. They wait to be read, and are said to readers. */
import { wordsOf } from '@/api/errors';

export interface ToastMessage {
  id: number;
  kind: 'ok' | 'failed';
  text: string;
  action?: { label: string; onSelect: () => void };
}

/** Milliseconds that good news stay; bad ones stay until they are closed. */
export const STAYS = 6_000;
/** Toasts shown at once; older ones go. */
const AT_MOST = 4;

let shown: readonly ToastMessage[] = [];
let last = 0;
const listeners = new Set<() => void>();

function become(next: readonly ToastMessage[]): void {
  shown = next;
  for (const listener of listeners) listener();
}

function add(kind: ToastMessage['kind'], text: string, action?: ToastMessage['action']): number {
  last += 1;
  const same = shown.filter((one) => !(one.kind === kind && one.text === text));
  become([...same, { id: last, kind, text, ...(action ? { action } : {}) }].slice(-AT_MOST));
  return last;
}

export const toast = {
  ok(text: string, action?: ToastMessage['action']): void {
    const id = add('ok', text, action);
    setTimeout(() => toast.close(id), STAYS);
  },
  /** What failed: an error or its words; `what` says what was tried: `Sync of shop`. */
  failed(error: unknown, what?: string): void {
    add('failed', what ? `${what}: ${wordsOf(error)}` : wordsOf(error));
  },
  close(id: number): void {
    if (shown.some((one) => one.id === id)) become(shown.filter((one) => one.id !== id));
  },
  get shown(): readonly ToastMessage[] {
    return shown;
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};
