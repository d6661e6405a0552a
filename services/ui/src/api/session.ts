/** Whether somebody is logged in, as the answers of the API tell it. */
import { useSyncExternalStore } from 'react';

/**
 * `unknown`: nothing protected was answered yet; `open`: something was; `absent`: nobody was logged in when the page came;
 * `ended`: a session that was open is over, the page stays and asks for a new one.
 */
export type SessionState = 'unknown' | 'open' | 'absent' | 'ended';

let state: SessionState = 'unknown';
const listeners = new Set<() => void>();

function become(next: SessionState): void {
  if (state === next) return;
  state = next;
  for (const listener of listeners) listener();
}

export const session = {
  get state(): SessionState {
    return state;
  },
  /** Something that needs a session was answered. */
  opened(): void {
    become('open');
  },
  /** The API said that there is no session. */
  ended(): void {
    become(state === 'open' || state === 'ended' ? 'ended' : 'absent');
  },
  /** The reader left by himself. */
  left(): void {
    become('unknown');
  },
  subscribe(listener: () => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  },
};

export function useSession(): SessionState {
  return useSyncExternalStore(session.subscribe, () => session.state);
}
