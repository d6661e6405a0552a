/** What the reader may do, as the server says it: for controls that are shown disabled, with the reason. */
import { useGet } from './query';

export interface Can {
  /** Undefined until the server said it. */
  readonly allowed: boolean | undefined;
  /** Why a control is disabled, for the reader; `''` while it is not. */
  readonly refusal: string;
}

const SECONDS = 1_000;

/** Whether the reader may do `action` to an object, as policies name it. A null object asks nothing and allows nothing. */
export function useCan(resource: string, action: string, object: string | null): Can {
  const { data } = useGet<{ value: string }>(object === null ? null : pathOf(resource, action, object), undefined, {
    staleTime: 60 * SECONDS,
  });
  if (data === undefined) return { allowed: undefined, refusal: '' };
  if (data.value === 'yes') return { allowed: true, refusal: '' };
  return { allowed: false, refusal: `You have no right to ${action} ${resource} ${object ?? ''}`.trim() };
}

function pathOf(resource: string, action: string, object: string): string {
  return `/api/v1/account/can-i/${resource}/${encodeURIComponent(action)}/${encodeURIComponent(object)}`;
}
