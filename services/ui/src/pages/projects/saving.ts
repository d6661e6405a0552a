/**
 * Saving fields of a project: on the newest one, so that what others changed of it meanwhile stays, and nobody is
 * overwritten unasked.
 */
import { useState } from 'react';
import { useCan } from '@/api/can';
import { get, put } from '@/api/client';
import { ApiError, wordsOf } from '@/api/errors';
import { queryClient, useSend } from '@/api/query';
import { toast } from '@/components';
import type { Json } from '@/kubernetes/json';
import { conflictsOf, type Difference, merge } from '@/kubernetes/merge';
import { type Change, changed, PROJECTS, type Project, pathOf } from './model';

/** What somebody else changed of the same, and what to do about it. */
export interface Overtaking {
  readonly version: string;
  readonly differences: readonly Difference[];
  readonly keep: () => void;
  readonly take: () => void;
}

export interface Saving {
  /** Why nothing can be changed; '' while it can. */
  readonly refusal: string;
  readonly busy: boolean;
  /** The server's words about what was saved last; '' where it took it. */
  readonly words: string;
  /** `base` is the project that the change was made of, where that is not the one on the page. */
  readonly save: (spec: Change, done: () => void, base?: Project) => void;
  /** The same for what takes effect at once: a refusal is told beside the page. */
  readonly apply: (spec: Change) => void;
  readonly forget: () => void;
  readonly overtaking: Overtaking | null;
}

interface Wanted {
  readonly base: Project;
  readonly spec: Change;
  /** The version whose changes of the same fields mine may go over. */
  readonly over?: string;
}

/** Somebody else changed the same fields of the project. */
export class ProjectOvertakenError extends Error {
  constructor(
    readonly now: Project,
    readonly differences: readonly Difference[],
  ) {
    super('Somebody else changed the same meanwhile.');
  }
}

/** How often it is tried again when others write the project all the time. */
const TIMES = 5;

export async function written({ base, spec, over }: Wanted): Promise<Project> {
  const path = pathOf(base.metadata.name);
  for (let time = 1; ; time++) {
    const now = await get<Project>(path);
    const { merged, conflicts } = onTop(base, spec, now);
    if (conflicts.length > 0 && over !== now.metadata.resourceVersion) throw new ProjectOvertakenError(now, conflicts);
    try {
      return await put<Project>(path, changed(now, merged));
    } catch (error) {
      if (!(error instanceof ApiError) || !error.isConflict || time === TIMES) throw error;
    }
  }
}

/** The changed fields on top of what they are now. */
export function onTop(base: Project, spec: Change, now: Project): { merged: Change; conflicts: readonly Difference[] } {
  const fields = Object.keys(spec) as (keyof Change)[];
  const part = (of: Change) =>
    Object.fromEntries(fields.flatMap((key) => (of[key] === undefined ? [] : [[key, of[key] as Json]])));
  const found = merge(part(base.spec), part(spec), part(now.spec));
  const value = (found.value ?? {}) as Change;
  const merged = Object.fromEntries(fields.map((key) => [key, value[key]])) as Change;
  return { merged, conflicts: conflictsOf(found) };
}

export function useSaving(project: Project): Saving {
  const { name } = project.metadata;
  const can = useCan('projects', 'update', name);
  const [last, setLast] = useState<{ readonly wanted: Wanted; readonly done: () => void } | null>(null);
  const send = useSend(written, {
    invalidates: [PROJECTS, pathOf(name), pathOf(name, '/detailed'), pathOf(name, '/syncwindows')],
  });
  const start = (wanted: Wanted, done: () => void, failed: (error: Error) => void = () => undefined) => {
    setLast({ wanted, done });
    send.mutate(wanted, {
      onSuccess: done,
      onError: (error) => !(error instanceof ProjectOvertakenError) && failed(error),
    });
  };
  const { error } = send;
  const overtaking =
    error instanceof ProjectOvertakenError && last
      ? {
          version: last.wanted.base.metadata.resourceVersion ?? '',
          differences: error.differences,
          keep: () => start({ ...last.wanted, over: error.now.metadata.resourceVersion ?? '' }, last.done),
          take: () => {
            send.reset();
            last.done();
            void queryClient.invalidateQueries({ queryKey: [pathOf(name, '/detailed')] });
          },
        }
      : null;
  return {
    refusal: can.refusal,
    busy: send.isPending,
    words: error === null || overtaking ? '' : wordsOf(error),
    save: (spec, done, base = project) => start({ base, spec }, done),
    apply: (spec) =>
      start(
        { base: project, spec },
        () => undefined,
        (failed) => toast.failed(failed, `Project ${name}`),
      ),
    forget: () => send.reset(),
    overtaking,
  };
}
