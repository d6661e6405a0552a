/** What a change of an application would deploy, and where the server's words about it belong. */
import { useState } from 'react';
import { type Problem, placeOf } from '../../create/soundness';
import { usePreview } from './use_preview';
import type { useSaving } from './use_saving';

export function useChange({ draft, isChanged, error }: ReturnType<typeof useSaving>, problems: readonly Problem[]) {
  const [isShown, setShown] = useState(true);
  const isSound = draft.problem === null && problems.length === 0;
  const isAsked = isChanged && isSound && isShown;
  const previewed = usePreview(draft, isAsked);
  const refused = error?.message ?? (isAsked ? previewed.error?.message : undefined) ?? '';
  return {
    previewed,
    isShown,
    setShown,
    isSound,
    /** The server's words about the change; "" while there are none. */
    refused,
    place: refused ? placeOf(refused, draft) : [],
  };
}
