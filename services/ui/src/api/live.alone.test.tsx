import { act, cleanup, renderHook } from '@testing-library/react';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { STALE_AFTER, SUCCESSION, useLive, useLiveState } from './live';
import type { StreamOptions } from './stream';

const opened: { path: string; query: unknown; options: StreamOptions<unknown>; isClosed: boolean }[] = [];

vi.mock('./stream', () => ({
  openStream: (path: string, query: unknown, options: StreamOptions<unknown>) => {
    const one = { path, query, options, isClosed: false };
    opened.push(one);
    return {
      close: () => {
        one.isClosed = true;
      },
    };
  },
}));

beforeEach(() => {
  vi.useFakeTimers();
  opened.length = 0;
});
afterEach(() => {
  cleanup();
  act(() => vi.advanceTimersByTime(SUCCESSION));
  vi.useRealTimers();
});

function say(state: 'connecting' | 'live' | 'reconnecting' | 'paused'): void {
  act(() => opened.at(-1)?.options.onState?.(state, null));
}

test('the mark says live, reconnecting, and stale since it was last true', () => {
  const mark = renderHook(() => useLiveState());
  expect(mark.result.current.state).toBe('none');
  renderHook(() => useLive('/x', {}, () => undefined));
  say('live');
  expect(mark.result.current.state).toBe('live');
  act(() => vi.advanceTimersByTime(30_000));
  const cutAt = Date.now();
  say('reconnecting');
  expect(mark.result.current).toMatchObject({ state: 'reconnecting', since: cutAt });
  act(() => vi.advanceTimersByTime(STALE_AFTER / 2));
  say('reconnecting');
  act(() => vi.advanceTimersByTime(STALE_AFTER / 2));
  expect(mark.result.current).toMatchObject({ state: 'stale', since: cutAt });
  say('reconnecting');
  expect(mark.result.current).toMatchObject({ state: 'stale', since: cutAt });
  say('live');
  expect(mark.result.current.state).toBe('live');
  say('reconnecting');
  act(() => vi.advanceTimersByTime(STALE_AFTER));
  expect(mark.result.current.state).toBe('stale');
});

test('an equal query keeps its stream, another one is another stream', () => {
  const seen: unknown[] = [];
  const hook = renderHook(({ limit }) => useLive<string>('/x', { limit }, (event) => seen.push(event)), {
    initialProps: { limit: 1 },
  });
  hook.rerender({ limit: 1 });
  expect(opened).toHaveLength(1);
  hook.rerender({ limit: 2 });
  expect(opened.map((one) => [one.query, one.isClosed])).toEqual([
    [{ limit: 1 }, true],
    [{ limit: 2 }, false],
  ]);
  opened.at(-1)?.options.onEvent('a');
  expect(seen).toEqual(['a']);
  hook.unmount();
  expect(opened.at(-1)?.isClosed).toBe(true);
});

test('the mark does not blink when a page moves its window', () => {
  const mark = renderHook(() => useLiveState());
  const seen: string[] = [];
  const hook = renderHook(({ offset }) => useLive('/x', { offset }, () => undefined), { initialProps: { offset: 0 } });
  say('connecting');
  say('live');
  hook.rerender({ offset: 50 });
  seen.push(mark.result.current.state);
  say('connecting');
  seen.push(mark.result.current.state);
  say('live');
  act(() => vi.advanceTimersByTime(2 * SUCCESSION));
  seen.push(mark.result.current.state);
  expect(seen).toEqual(['live', 'live', 'live']);
  hook.rerender({ offset: 100 });
  say('connecting');
  act(() => vi.advanceTimersByTime(SUCCESSION));
  expect(mark.result.current.state).toBe('connecting');
  hook.unmount();
  act(() => vi.advanceTimersByTime(SUCCESSION));
  expect(mark.result.current.state).toBe('none');
});
