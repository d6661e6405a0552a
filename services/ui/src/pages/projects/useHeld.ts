/** A value as it was when something began that is about it. */
import { useRef } from 'react';

export function useHeld<T>(value: T, isHeld: boolean): T {
  const kept = useRef(value);
  if (!isHeld) kept.current = value;
  return kept.current;
}
