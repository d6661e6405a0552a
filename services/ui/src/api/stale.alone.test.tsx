import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { act, cleanup, renderHook, waitFor } from '@testing-library/react';
import type { ReactNode } from 'react';
import { afterEach, expect, test, vi } from 'vitest';
import { ApiError } from './errors';
import { useGet } from './query';
import { useStaleSince } from './stale';

const asked = vi.hoisted(() => vi.fn());
vi.mock('./client', () => ({ get: asked }));
afterEach(cleanup);

function page() {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  const wrapper = ({ children }: { children: ReactNode }) => (
    <QueryClientProvider client={client}>{children}</QueryClientProvider>
  );
  const hook = renderHook(() => ({ since: useStaleSince(), found: useGet<string>('/x') }), { wrapper });
  return { client, hook };
}

test('what is asked for again in vain makes the page old since it was last true, and no longer once it is answered', async () => {
  asked.mockResolvedValueOnce('first');
  const { client, hook } = page();
  await waitFor(() => expect(hook.result.current.found.data).toBe('first'));
  expect(hook.result.current.since).toBe(0);
  const at = hook.result.current.found.dataUpdatedAt;
  asked.mockRejectedValueOnce(new ApiError(0, 14, 'nobody answered'));
  await act(() => client.refetchQueries());
  await waitFor(() => expect(hook.result.current.since).toBe(at));
  expect(hook.result.current.found.data).toBe('first');
  asked.mockResolvedValueOnce('second');
  await act(() => client.refetchQueries());
  await waitFor(() => expect(hook.result.current.since).toBe(0));
});

test('a refusal is an answer, and what never was there cannot be old', async () => {
  asked.mockRejectedValueOnce(new ApiError(503, 14, 'away'));
  const { client, hook } = page();
  await waitFor(() => expect(hook.result.current.found.isError).toBe(true));
  expect(hook.result.current.since).toBe(0);
  asked.mockResolvedValueOnce('first');
  await act(() => client.refetchQueries());
  await waitFor(() => expect(hook.result.current.found.data).toBe('first'));
  asked.mockRejectedValueOnce(new ApiError(404, 5, 'gone'));
  await act(() => client.refetchQueries());
  await waitFor(() => expect(hook.result.current.found.isError).toBe(true));
  expect(hook.result.current.since).toBe(0);
});
