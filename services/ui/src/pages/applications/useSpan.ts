import { useCallback, useState } from 'react';
import { type Range, type Span, spanFor } from './window';

const TOP: Range = { first: 0, last: 30 };
const START: Span = { offset: 0, limit: 100 };

/** The window that belongs to what is on the screen; another question begins at its top. */
export function useSpan(question: unknown): { span: Span; seen: Range; onSeen: (range: Range) => void } {
  const [at, setAt] = useState({ question, span: START, seen: TOP });
  if (at.question !== question) setAt({ question, span: START, seen: TOP });
  const onSeen = useCallback((seen: Range) => {
    setAt((was) => {
      if (was.seen.first === seen.first && was.seen.last === seen.last) return was;
      return { ...was, seen, span: spanFor(seen, was.span) };
    });
  }, []);
  return { span: at.span, seen: at.seen, onSeen };
}
