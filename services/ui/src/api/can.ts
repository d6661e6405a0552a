/**
 * What the reader may do, as the server says it: for controls that are shown disabled, with the reason.
 *
 * Invariant: whatever is on screen asks together, in one request, and is asked anew each minute and after every refusal,
 * so that a right that was taken away is not offered for long.
 */
import { useQueries } from '@tanstack/react-query';
import { useEffect } from 'react';
import { post } from './client';
import { ApiError } from './errors';
import { queryClient } from './query';
import { together } from './together';

export interface Question {
  /** As policies name it: `applications`, `clusters`. */
  readonly resource: string;
  /** As policies name it: `sync`, `delete/apps/Deployment/web/shop`. */
  readonly action: string;
  /** As policies name it; undefined asks whether there may be any. Where it is null nothing is asked, and nothing allowed. */
  readonly object?: string | null | undefined;
  /** Of a sync: to another revision than the application's own. */
  readonly elsewhere?: boolean;
}

export interface Can {
  /** Undefined until the server said it. */
  readonly allowed: boolean | undefined;
  /** Why a control is disabled, for the reader; `''` while it is not. */
  readonly refusal: string;
}

const PATH = '/api/v1/can-i';
/** Questions of one request; the server takes 500. */
const MOST = 250;
/** Milliseconds after which everything on screen is asked anew. */
export const AGAIN = 60_000;

const ask = together<Question, boolean>(MOST, async (questions) => {
  const asked = questions.map(({ resource, action, object, elsewhere }) => ({
    resource,
    action,
    ...(object === undefined ? { anywhere: true } : { object }),
    ...(elsewhere ? { elsewhere } : {}),
  }));
  const { answers } = await post<{ answers: boolean[] }>(PATH, { questions: asked });
  return answers;
});

/** Whether the reader may do `action` to an object, as policies name it. A null object asks nothing and allows nothing. */
export function useCan(resource: string, action: string, object: string | null): Can {
  return useCanEach([{ resource, action, object }])[0] ?? UNKNOWN;
}

/** Whether there may be anything at all to which the reader may do `action`: for what is named only later. */
export function useCanAnywhere(resource: string, action: string): Can {
  return useCanEach([{ resource, action }])[0] ?? UNKNOWN;
}

/** The same of many things, answers in the order of the questions. */
export function useCanEach(questions: readonly Question[]): readonly Can[] {
  return useQueries({
    queries: questions.map((question) => ({
      queryKey: [PATH, question.resource, question.action, aboutOf(question), question.elsewhere ?? false],
      queryFn: () => ask(question),
      enabled: question.object !== null,
      staleTime: AGAIN,
      retry: (count: number, error: Error) => count < 3 && error instanceof ApiError && error.isTransient,
    })),
    combine: (found) => found.map(({ data }, at) => canOf(questions[at], data)),
  });
}

/** In a key, "no object yet" is another thing than "any object". */
function aboutOf({ object }: Question): unknown {
  return object === undefined ? { anywhere: true } : object;
}

/** Ask anew what is on screen: for what was just refused. */
export function askAnew(): void {
  void queryClient.invalidateQueries({ queryKey: [PATH] });
}

/** Keeps the answers of the page fresh, while somebody looks at it: what is refused has shown that they are old. */
export function useKeptRights(): void {
  useEffect(() => {
    const timer = setInterval(() => document.visibilityState === 'visible' && askAnew(), AGAIN);
    const stop = queryClient.getMutationCache().subscribe((event) => {
      if (event.type !== 'updated' || event.action.type !== 'error') return;
      if (event.action.error instanceof ApiError && event.action.error.isDenied) askAnew();
    });
    return () => {
      clearInterval(timer);
      stop();
    };
  }, []);
}

const UNKNOWN: Can = { allowed: undefined, refusal: '' };
const ALLOWED: Can = { allowed: true, refusal: '' };

function canOf(question: Question | undefined, answer: boolean | undefined): Can {
  if (answer === undefined || question === undefined) return UNKNOWN;
  return answer ? ALLOWED : { allowed: false, refusal: refusalOf(question) };
}

/** `You have no right to sync applications team/web`. */
export function refusalOf({ resource, action, object, elsewhere }: Question): string {
  const [verb = '', group = '', kind = '', ...rest] = action.split('/');
  const about = object ? ` ${object}` : '';
  if (group === '' && kind === '') {
    const where = elsewhere ? ' to another revision than their own' : '';
    return `You have no right to ${verb} ${resource}${about}${where}`;
  }
  const what = verb === 'action' ? `run ${rest.join('/')} on a ${kind}` : `${verb} the ${kind} ${rest.at(-1) ?? ''}`;
  return `You have no right to ${what} of${about}`;
}
