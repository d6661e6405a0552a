import { useQuery } from '@tanstack/react-query';
import type { ApiError } from '@/api';
import { post } from '@/api';
import type { Chosen, Selection } from '../selection';
import type { Action } from './actions';

/** An application that an action would touch, or why it would not. */
export interface Previewed extends Chosen {
  allowed: boolean;
  reason?: string;
}

export interface Preview {
  total: number;
  items: Previewed[];
}

const PATH = '/api/v1/preview/applications';

/** What the server says an action would touch: exactly the selection, each with what blocks it. */
export function usePreview(action: Action, selection: Selection, question: Record<string, unknown>) {
  const body = bodyOf(action, selection, question);
  return useQuery<Preview, ApiError>({
    queryKey: [PATH, body, selection.kind === 'all' ? [...selection.but] : []],
    queryFn: async ({ signal }) => chosenOf(selection, await post<Preview>(PATH, body, undefined, { signal })),
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
  });
}

export function bodyOf(action: Action, selection: Selection, question: Record<string, unknown>): object {
  if (selection.kind === 'some') return { action, keys: [...selection.chosen.keys()] };
  const { sort: _, ...query } = question;
  return { action, query };
}

/** The preview without what was taken out of "all". */
export function chosenOf(selection: Selection, preview: Preview): Preview {
  const items = preview.items ?? [];
  if (selection.kind === 'some') return { total: preview.total, items };
  const left = items.filter(({ key }) => !selection.but.has(key));
  return { total: preview.total - (items.length - left.length), items: left };
}
