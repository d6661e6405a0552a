/** Saving a project: whole, at the version it was read at, so that somebody who was faster is not overwritten. */
import { useCan } from '@/api/can';
import { put } from '@/api/client';
import { wordsOf } from '@/api/errors';
import { useSend } from '@/api/query';
import { toast } from '@/components';
import { type Change, changed, PROJECTS, type Project, pathOf } from './model';

export interface Saving {
  /** Why nothing can be changed; '' while it can. */
  readonly refusal: string;
  readonly busy: boolean;
  /** The server's words about what was saved last; '' where it took it. */
  readonly words: string;
  readonly save: (spec: Change, done: () => void) => void;
  /** The same for what takes effect at once: a refusal is told beside the page. */
  readonly apply: (spec: Change) => void;
  readonly forget: () => void;
}

export function useSaving(project: Project): Saving {
  const { name } = project.metadata;
  const can = useCan('projects', 'update', name);
  const send = useSend((spec: Change) => put<Project>(pathOf(name), changed(project, spec)), {
    invalidates: [PROJECTS, pathOf(name, '/detailed'), pathOf(name, '/syncwindows'), pathOf(name, '/events')],
  });
  return {
    refusal: can.refusal,
    busy: send.isPending,
    words: send.error === null ? '' : wordsOf(send.error),
    save: (spec, done) => send.mutate(spec, { onSuccess: done }),
    apply: (spec) => send.mutate(spec, { onError: (error) => toast.failed(error, `Project ${name}`) }),
    forget: () => send.reset(),
  };
}
