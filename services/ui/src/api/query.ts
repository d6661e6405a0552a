/** The cache of what the server said, and the two ways of asking it: `useGet` to see, `useSend` to act. */
import {
  QueryClient,
  type UseMutationResult,
  type UseQueryOptions,
  type UseQueryResult,
  useMutation,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import { get, type Query } from './client';
import { ApiError } from './errors';

/** Retries of a request that may succeed a little later. */
const RETRIES = 3;
/** Milliseconds in which what was said is not asked for again. */
const FRESH = 5_000;

export const queryClient = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: FRESH,
      retry: (count, error) => count < RETRIES && error instanceof ApiError && error.isTransient,
      retryDelay: (count) => Math.min(500 * 2 ** count, 5_000),
    },
    // What was sent and answered may be a password or a token: kept as long as it is looked at.
    mutations: { retry: false, gcTime: 0 },
  },
});

/** The key of what a path and query say, for `queryClient.setQueryData` and the like. */
export function keyOf(path: string, query?: Query): readonly unknown[] {
  return query === undefined ? [path] : [path, query];
}

type Options<T, R> = Omit<UseQueryOptions<T, ApiError, R>, 'queryKey' | 'queryFn'>;

/** What the API says at a path; a null path asks nothing. */
export function useGet<T, R = T>(
  path: string | null,
  query?: Query,
  options?: Options<T, R>,
): UseQueryResult<R, ApiError> {
  return useQuery<T, ApiError, R>({
    ...options,
    enabled: path !== null && (options?.enabled ?? true),
    queryKey: keyOf(path ?? '', query),
    queryFn: ({ signal }) => get<T>(path ?? '', query, { signal }),
  });
}

export interface SendOptions<R> {
  /** Paths whose answers, and those of paths below them, are asked for anew after it succeeded. */
  invalidates?: readonly string[];
  onDone?: (answer: R) => void;
}

/** An act: `const save = useSend((spec: Spec) => put(path, spec), {invalidates: [path]})`, then `save.mutate(spec)`. */
export function useSend<A, R>(
  act: (argument: A) => Promise<R>,
  options?: SendOptions<R>,
): UseMutationResult<R, Error, A> {
  const client = useQueryClient();
  return useMutation<R, Error, A>({
    mutationFn: act,
    onSuccess: async (answer) => {
      options?.onDone?.(answer);
      const paths = options?.invalidates ?? [];
      await client.invalidateQueries({ predicate: ({ queryKey }) => paths.some((path) => isBelow(queryKey[0], path)) });
    },
  });
}

function isBelow(key: unknown, path: string): boolean {
  return typeof key === 'string' && (key === path || key.startsWith(`${path}/`));
}
