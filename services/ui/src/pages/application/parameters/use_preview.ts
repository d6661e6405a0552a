/** What an application would deploy, asked of the server once the draft rests. */
import { useEffect, useState } from 'react';
import { ApiError, post } from '@/api';
import type { Draft } from '@/kubernetes/draft';
import type { ManifestPair } from './ManifestDiff';
import { useRested } from './use_repository';

export interface Preview {
  exists?: boolean;
  items?: ManifestPair[];
  same?: number;
  more?: number;
  problem?: string;
}

export interface Previewed {
  preview: Preview | null;
  error: ApiError | null;
  isLoading: boolean;
}

/** Milliseconds without a change after which it is rendered. */
const PAUSE = 700;

/** The preview of a draft; nothing is asked while `isWanted` is not. The last answer stays until the next one. */
export function usePreview(draft: Draft, isWanted: boolean): Previewed {
  const text = useRested(draft.text, PAUSE);
  const [state, setState] = useState<Previewed>({ preview: null, error: null, isLoading: false });
  const isRested = text === draft.text;
  const asked = isWanted && isRested && draft.problem === null ? text : null;
  // biome-ignore lint/correctness/useExhaustiveDependencies: the text stands for the draft.
  useEffect(() => {
    if (asked === null) return;
    const abort = new AbortController();
    setState((last) => ({ ...last, isLoading: true }));
    post<Preview>('/api/v1/preview', { application: draft.object() }, undefined, { signal: abort.signal }).then(
      (preview) => setState({ preview, error: null, isLoading: false }),
      (error: unknown) => {
        if (abort.signal.aborted) return;
        const told = error instanceof ApiError ? error : new ApiError(0, 2, String(error));
        setState({ preview: null, error: told, isLoading: false });
      },
    );
    return () => abort.abort();
  }, [asked]);
  return { ...state, isLoading: state.isLoading || (isWanted && !isRested) };
}
