import { keepPreviousData, useQueries, useQuery, useQueryClient } from '@tanstack/react-query';
import { useCallback, useMemo } from 'react';
import { type ApiError, get, type Query, useLive } from '@/api';
import type { ApplicationPage, ApplicationRow, WindowEvent } from './row';
import { useSettled } from './useSettled';
import { type Listing, listingOf, type Range, reduceWindow, type Span } from './window';

export const SEARCH = '/api/v1/search/applications';
const STREAM = '/api/v1/stream/search/applications';
/** Milliseconds that question and window stay the same before they are followed: typing opens no streams. */
const SETTLED = 250;
/** Applications of a page that is read while the list is scrolled faster than windows are opened. */
const PAGE = 100;
/** Milliseconds that an answer nobody looks at is kept. */
const KEPT = 10_000;

export interface Applications {
  listing: Listing | undefined;
  /** Rows outside the window, as far as they are on the screen and were read. */
  around: (place: number) => ApplicationRow | undefined;
  error: ApiError | null;
  retry: () => void;
  /** Whether what is shown answers an earlier question. */
  isBehind: boolean;
}

/**
 * The applications that a question means, as far as they are on the screen. A new question is asked at once;
 * when it stays, its window is followed by the stream of this tab.
 */
export function useApplications(question: Query, span: Span, seen: Range): Applications {
  const client = useQueryClient();
  const key = useMemo(() => [SEARCH, question], [question]);
  const first = useQuery<Listing, ApiError>({
    queryKey: key,
    queryFn: async ({ signal }) =>
      listingOf(await get<ApplicationPage>(SEARCH, { ...question, limit: PAGE }, { signal })),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: KEPT,
    placeholderData: keepPreviousData,
  });
  const settled = useSettled(
    useMemo(() => ({ question, span }), [question, span]),
    SETTLED,
  );
  // What is shown is followed until the answer to another question is there.
  const isFollowed = first.isSuccess && (settled.question !== question || !first.isPlaceholderData);
  const { offset } = settled.span;
  const take = useCallback(
    (event: WindowEvent) => {
      client.setQueryData<Listing>([SEARCH, settled.question], (held) => reduceWindow(held, event, offset));
    },
    [client, settled.question, offset],
  );
  useLive<WindowEvent>(isFollowed ? STREAM : null, { ...settled.question, ...settled.span, facets: FACETS }, take);
  const around = useAround(question, first.data, seen);
  return {
    listing: first.data,
    around,
    error: first.error,
    retry: () => void first.refetch(),
    isBehind: first.isPlaceholderData,
  };
}

/** What is counted. */
const FACETS = ['health', 'sync', 'project', 'cluster', 'namespace', 'label', 'autoSync', 'operation', 'repo'];

function useAround(question: Query, listing: Listing | undefined, seen: Range): Applications['around'] {
  const pages = missing(listing, seen);
  const answers = useQueries({
    queries: pages.map((page) => ({
      queryKey: [SEARCH, question, page],
      queryFn: ({ signal }: { signal: AbortSignal }) =>
        get<ApplicationPage>(SEARCH, { ...question, offset: page * PAGE, limit: PAGE, facets: 'none' }, { signal }),
      gcTime: KEPT,
    })),
    combine: (results) => results.map(({ data }) => data),
  });
  return useCallback(
    (place) => {
      const page = answers.find((one) => one && place >= one.offset && place < one.offset + one.items.length);
      return page?.items[place - page.offset];
    },
    [answers],
  );
}

/** The pages on the screen that the window does not have. */
function missing(listing: Listing | undefined, seen: Range): number[] {
  if (listing === undefined || listing.total === 0) return [];
  const last = Math.min(seen.last, listing.total - 1);
  const isHeld = seen.first >= listing.offset && last < listing.offset + listing.items.length;
  if (isHeld || last < seen.first) return [];
  const pages: number[] = [];
  for (let page = Math.floor(seen.first / PAGE); page <= Math.floor(last / PAGE); page += 1) pages.push(page);
  return pages;
}
