/**
 * A commit's way from the push to healthy, as pieces of a line whose lengths are what each step took.
 *
 * Invariant: a step that is not known is not drawn as if it took no time; the sum of what is drawn is never
 * more than the whole way.
 */

import type { Step, StoryItem } from '@/api/schema';

export const STEPS = ['pushed', 'detected', 'rendered', 'compared', 'started', 'applied', 'healthy'] as const;

export interface Stretch {
  name: string;
  at: string;
  milliseconds: number;
  /** Of the line, in percent; short ones are given enough to be seen. */
  share: number;
  isDone: boolean;
}

/** The least that a stretch takes of the line, in percent. */
const LEAST = 8;

/** The stretches of an item's way in their order; those still to come at the end while it goes on. */
export function stretches(item: Pick<StoryItem, 'steps' | 'status' | 'kind'>): Stretch[] {
  const known = (item.steps ?? []).filter((step) => step.name);
  const done = known.map((step): Stretch => {
    return { name: step.name, at: step.at ?? '', milliseconds: timeOf(step), share: 0, isDone: true };
  });
  return shared([...done, ...outstanding(known, item)]);
}

function timeOf(step: Step): number {
  const milliseconds = Number(step.milliseconds ?? 0);
  return Number.isFinite(milliseconds) && milliseconds > 0 ? milliseconds : 0;
}

function outstanding(known: readonly Step[], item: Pick<StoryItem, 'status' | 'kind'>): Stretch[] {
  if (item.status !== 'running' || item.kind !== 'commit') return [];
  const names = new Set(known.map((step) => step.name));
  const last = STEPS.reduce((found, name, index) => (names.has(name) ? index : found), -1);
  return STEPS.slice(last + 1).map((name) => ({ name, at: '', milliseconds: 0, share: 0, isDone: false }));
}

function shared(all: Stretch[]): Stretch[] {
  const sum = all.reduce((total, one) => total + Math.log1p(one.milliseconds), 0);
  const rest = 100 - LEAST * all.length;
  return all.map((one) => {
    const part = sum > 0 ? (Math.log1p(one.milliseconds) / sum) * rest : rest / (all.length || 1);
    return { ...one, share: Math.round((LEAST + part) * 10) / 10 };
  });
}

/** What a screen reader is told of a way. */
export function wayWords(all: readonly Stretch[], duration: (milliseconds: number) => string): string {
  return all
    .map((one) => (one.isDone ? `${one.name} after ${duration(one.milliseconds)}` : `${one.name} to come`))
    .join(', ');
}
