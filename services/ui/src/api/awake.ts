/** Whether the machine slept: what was open then is dead, and nobody says so. */

/** Milliseconds between two looks at the clock. */
const LOOK = 2_000;
/** Milliseconds that a look may be late; a page that is busy, or hidden, is late by less. */
export const SLEPT = 20_000;

type Listener = (since: number) => void;
const listeners = new Set<Listener>();
let timer: ReturnType<typeof setInterval> | undefined;
let seen = 0;

function look(): void {
  const now = Date.now();
  const before = seen;
  seen = now;
  if (Math.abs(now - before) > LOOK + SLEPT) for (const listener of [...listeners]) listener(before);
}

/** Be told, with the time at which it fell asleep, in milliseconds since the epoch. Returns what ends that. */
export function onWake(listener: Listener): () => void {
  if (listeners.size === 0) {
    seen = Date.now();
    timer = setInterval(look, LOOK);
    document.addEventListener('visibilitychange', look);
  }
  listeners.add(listener);
  return () => {
    listeners.delete(listener);
    if (listeners.size > 0) return;
    clearInterval(timer);
    document.removeEventListener('visibilitychange', look);
  };
}
