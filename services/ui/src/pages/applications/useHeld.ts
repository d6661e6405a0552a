import { useCallback, useMemo, useState } from 'react';
import { type Arranged, arrange, type Held, hold, isOf } from './held';
import type { Listing } from './window';

const EMPTY: Listing = { total: 0, offset: 0, items: [], facets: {} };

/** A list as it is shown: in the order that it had when somebody began to point at it, for as long as they do. */
export function useHeld(
  listing: Listing | undefined,
  isHolding: boolean,
  question: unknown,
): { arranged: Arranged; release: () => void } {
  const [state, setState] = useState<{ held: Held; question: unknown } | null>(null);
  const now = listing ?? EMPTY;
  const isCurrent = state !== null && state.question === question && isOf(state.held, now);
  if (isHolding && !isCurrent && listing) setState({ held: hold(now), question });
  else if (!isHolding && state !== null) setState(null);
  const held = isHolding && isCurrent ? state.held : null;
  const release = useCallback(() => setState({ held: hold(now), question }), [now, question]);
  return { arranged: useMemo(() => arrange(now, held), [now, held]), release };
}
